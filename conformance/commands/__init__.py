"""The commands, one family a file; each parses, calls and prints."""
