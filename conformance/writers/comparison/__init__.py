"""Regression reports: each a pure function of a comparison, one format a file."""
