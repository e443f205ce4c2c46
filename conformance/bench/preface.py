"""What a reader must know before the figures of the benchmark: where, how, what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEGEND: Final = (
    (
        "Mean cross-entropy over rows of logits from N(0, 3²), with class indices, "
        "and its gradient by the logits."
    ),
    (
        "float64: enclosures asked for with 40 relative bits; double words: with 80; "
        "rounded: correctly rounded binary32. All three start from NumPy arrays."
    ),
    (
        "flint encloses too; mpmath and torch do not bound their errors. They start "
        "from their own numbers, made before the clock starts."
    ),
    (
        "All take turns, round by round, after a warm-up; a ratio is the median of "
        "those inside the rounds."
    ),
    "Memory is what Python and NumPy allocate, traced in a run of its own.",
)

NOT_INSTALLED: Final = "not installed"


def environment(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return lines that say what ran, and on what."""
    where, how = data["environment"], data["settings"]
    names = ("numpy", "mpmath", "gmpy2", "flint", "torch")
    rounds = f"{how['rounds']} rounds" if how["rounds"] > 1 else "1 round"
    return (
        data["program"],
        ", ".join(
            (
                f"{where['implementation']} {where['python']}",
                *(f"{name} {where[name] or NOT_INSTALLED}" for name in names),
            )
        ),
        f"{where['platform']}, {where['cpu']}, {_cores(where['cores'])}",
        f"{rounds}, seed {how['seed']}; {_precisions(data)}",
        *(f"{name}: {reason}" for name, reason in sorted(data["absent"].items())),
    )


def _precisions(data: Mapping[str, Any]) -> str:
    bits, backend = data["settings"]["bits"], data["environment"]["mpmath_backend"]
    return (
        f"mpmath computes with {bits['mpmath']} bits and its {backend} backend, flint "
        f"with {bits['flint']} bits, torch with float64"
    )


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"
