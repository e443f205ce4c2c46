"""The rules that turn a contract into a bound: derivations, one subject a file."""
