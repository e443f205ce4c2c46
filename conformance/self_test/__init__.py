"""The proof that every check can fail: wrong backends, and which check caught them."""
