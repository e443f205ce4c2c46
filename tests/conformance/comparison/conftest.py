"""Makes the runs of these tests importable."""

from __future__ import annotations

import sys
from pathlib import Path

# At the end: nothing here may hide a module of another name.
sys.path.append(str(Path(__file__).parent))
