"""An exact answer as arrays in one `.npz` file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.files import writing
from reference import Undecided
from reference.certificate import quantities

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from conformance.commands.question import Question


def write(question: Question, formats: Sequence[str], path: Path) -> list[str]:
    """Write the bounds and rounded values of every quantity; return what is missing.

    For each quantity, `value`, `gradient.<argument>` and `derivative.<name>`, of its
    shape:

    * `<quantity>.lower`, `<quantity>.upper`: float64, rounded outward;
    * `<quantity>.rounded_<format>`: correctly rounded, in that format. NumPy stores
      bfloat16 as two raw bytes: `.view(ml_dtypes.bfloat16)` reads them;
    * `<quantity>.admitted`: uint8, the classes of results that are admitted beside the
      one required: the sum of 1 (nan), 2 (inf), 4 (−inf), 8 (zero), 16 (finite).

    Returns:
        A sentence for each array that cannot be given, because a rounding is undecided.
    """
    arrays: dict[str, NDArray[Any]] = {}
    missing: list[str] = []
    for name, exact in quantities(question.result).items():
        lower, upper = exact.bounds()
        arrays |= {f"{name}.lower": lower, f"{name}.upper": upper}
        arrays[f"{name}.admitted"] = exact.also
        for form in formats:
            key = f"{name}.rounded_{form}"
            try:
                arrays[key] = exact.round_to(form)
            except Undecided as undecided:
                missing.append(f"{key} is left out: {undecided}")
    with writing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # no array is `allow_pickle`
    return missing
