"""Check implementations of MAE, MSE and cross-entropy against exact values."""
