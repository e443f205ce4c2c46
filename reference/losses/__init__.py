"""One loss a file: definition, gradients, special values, with the source of each."""
