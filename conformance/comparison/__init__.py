"""Two runs held against each other: what became worse, and what cannot be told."""
