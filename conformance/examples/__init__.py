"""Programs and files that `init` writes: read them, copy them, change them."""
