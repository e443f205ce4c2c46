"""Texts that `loss-conformance help TOPIC` prints: one topic a file."""
