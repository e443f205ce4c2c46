"""The last lines of a traceback, without paths of this machine."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from typing import Final

FRAMES: Final = 3
_LONGEST: Final = 300


def tail(error: BaseException) -> str:
    """Return the exception and the innermost frames, on one line."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = " > ".join(
        f"{PurePath(f.filename).name}:{f.lineno} in {f.name}" for f in frames
    )
    text = " ".join(str(error).split())[:_LONGEST]
    return f"{type(error).__name__}: {text} [{places}]"
