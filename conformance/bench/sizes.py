"""How many logits workloads have; apart, because `--help` must not load NumPy."""

from __future__ import annotations

from typing import Final

SMALL: Final = 1 << 16
MEDIUM: Final = 1 << 20
LARGE: Final = 1 << 24
