"""The report as one page of HTML that needs neither a network nor JavaScript."""

from conformance.writers.html.page import write

__all__ = ["write"]
