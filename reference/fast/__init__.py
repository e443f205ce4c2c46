"""Vectorised arithmetic with proved bounds, built from IEEE 754's basic operations."""
