"""What a text says about the losses, held against the exact values."""
