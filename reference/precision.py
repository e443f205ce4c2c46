"""How many bits a question is answered with: first, with speed, and at most."""

from __future__ import annotations

from typing import Final

FIRST_PRECISION: Final = 64
"""Relative bits of a transcendental part that are tried first, element by element."""
LAST_PRECISION: Final = 4096
"""After so many, a rounding that is not decided is `Undecided`."""
TIERS: Final = (40, 80)
"""Relative bits that plain float64 and double-word arithmetic are asked for."""
ROUNDING_BITS: Final = 16
"""How many bits more than a format's own are tried first to round into it."""
