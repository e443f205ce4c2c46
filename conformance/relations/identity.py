"""Linear identities between results, and how far floating-point results are off them.

An identity says Σ factor · arrange(quantity) = 0 of the exact quantities of a case and
of variants of it. Results that are each within B of the exact ones then satisfy

    |Σ factor · arrange(result)| ≤ Σ |factor| · arrange(B),

because `arrange` only takes, repeats, pads and sums, so that it is linear and never
makes a number smaller than its parts. No exact value enters.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.verdict import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.case import Case

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Arrange = Callable[[NDArray[Any]], NDArray[Any]]

ITSELF: Final = ""
"""The source of a term that is about the case itself, not about a variant."""

_UNIT: Final = 2.0**-52
_PAIR: Final = 2


def unchanged(values: NDArray[Any]) -> NDArray[Any]:
    """Return `values`."""
    return values


@dataclass(frozen=True)
class Term:
    """One term of an identity.

    Attributes:
        source: `ITSELF`, or the name of a variant.
        quantity: `value` or `gradient.<argument>`.
        factor: A real number; anything but a power of two may carry one rounding.
        arrange: Takes, repeats, pads and sums elements; nothing else.
    """

    source: str
    quantity: str
    factor: float = 1.0
    arrange: Arrange = unchanged


@dataclass(frozen=True)
class Identity:
    """Σ factor · arrange(quantity) = 0; the first term is about the case itself.

    Attributes:
        terms: The terms; all of one shape.
        exact: Does it hold without any error, in every legal arithmetic?
    """

    terms: tuple[Term, ...]
    exact: bool = False


@dataclass(frozen=True)
class Variation:
    """What one relation makes of one case.

    Attributes:
        variants: Name → case.
        identities: What holds between the case and its variants.
    """

    variants: Mapping[str, Case]
    identities: tuple[Identity, ...]


@dataclass(frozen=True)
class Reading:
    """The quantities of one term's source.

    Attributes:
        result: What the backend returned, in float64.
        bound: How far it may be from the exact one.
        doubtful: Elements for which results of more than one class are admitted.
    """

    result: Floats
    bound: Floats
    doubtful: Flags


@dataclass(frozen=True)
class Gap:
    """How far results are off an identity.

    Attributes:
        elements: Elements compared.
        measured: How many of them by number.
        ratio: Largest gap/bound among these.
        kind: What differs: `value`, `nan`, `infinity`; empty if nothing does.
        detail: The worst element in words.
        evidence: The same in figures; `got` is what the case itself gave.
    """

    elements: int
    measured: int = 0
    ratio: float = 0.0
    kind: str = ""
    detail: str = ""
    evidence: Evidence = field(default_factory=Evidence)


def gap(identity: Identity, readings: tuple[Reading, ...], threshold: float) -> Gap:
    """Return how far `readings`, one for each term, are off the identity.

    Args:
        identity: What is to hold.
        readings: One for each term.
        threshold: Where the storage format overflows.
    """
    with np.errstate(all="ignore"):
        pairs = tuple(zip(identity.terms, readings, strict=True))
        parts = [t.factor * t.arrange(r.result) for t, r in pairs]
        limit = _limit(identity, readings, parts)
        finite = np.logical_and.reduce([np.isfinite(p) for p in parts])
        promised = np.isfinite(limit)
        error = np.abs(sum(parts[1:], parts[0]))
        counted = finite & promised
        ratio = np.where(error == 0, 0.0, error / limit)[counted]
        worst = float(ratio.max(initial=0.0))
        doubtful = pairs[0][0].arrange(readings[0].doubtful.astype(float)) > 0
        found = Gap(error.size, int(counted.sum()), worst)
        if worst > 1:
            at = int(np.flatnonzero(counted)[ratio.argmax()])
            return _tell(found, "value", identity, parts, limit, at)
        summed = any(r.result.size > error.size for _, r in pairs)
        if len(parts) != _PAIR or summed:
            # What infinities and nan add up to depends on the order.
            return found
        free = counted | doubtful | ~promised | _same_class(*parts)
        free |= _may_overflow(identity, parts, limit, threshold)
        odd = np.flatnonzero(~free)
        if not odd.size:
            return found
        kind = "nan" if any(np.isnan(p.ravel()[odd[0]]) for p in parts) else "infinity"
        return _tell(found, kind, identity, parts, limit, int(odd[0]))


def _limit(
    identity: Identity, readings: tuple[Reading, ...], parts: list[Floats]
) -> Floats:
    """Return the bound of the gap, with what the float64 sums themselves may lose."""
    zero = np.zeros(parts[0].shape)
    if identity.exact:
        return zero
    limit, size, addends = zero, zero, 0.0
    for term, reading in zip(identity.terms, readings, strict=True):
        limit = limit + abs(term.factor) * term.arrange(reading.bound)
        sizes = np.where(np.isfinite(reading.result), np.abs(reading.result), 0.0)
        size = size + abs(term.factor) * term.arrange(sizes)
        addends += reading.result.size / max(zero.size, 1) + 1
    rounded = addends > 2 * _PAIR or any(
        np.frexp(t.factor)[0] not in (0.5, -0.5) for t in identity.terms
    )
    # A difference of two numbers of a format with fewer bits than float64 is rounded
    # once at most; a sum of k of them k − 1 times, each by at most 2^-53 of the sizes.
    slack = size * _UNIT * addends if rounded else size * _UNIT
    return np.where(limit == 0, 0.0 if not rounded else slack, limit + slack)


def _same_class(first: Floats, second: Floats) -> Flags:
    both = np.isnan(first) & np.isnan(second)
    same: Flags = both | (first == -second)
    return same


def _may_overflow(
    identity: Identity, parts: list[Floats], limit: Floats, threshold: float
) -> Flags:
    """Say where one result is infinite and the other so near that it may have been."""
    legal = np.zeros(limit.shape, dtype=np.bool_)
    for term, infinite, other in (
        (identity.terms[0], parts[0], parts[1]),
        (identity.terms[1], parts[1], parts[0]),
    ):
        near = np.abs(other) + limit >= abs(term.factor) * threshold
        opposite = np.sign(infinite) == -np.sign(other)
        legal |= np.isinf(infinite) & np.isfinite(other) & near & opposite
    return legal


def _tell(
    found: Gap,
    kind: str,
    identity: Identity,
    parts: list[Floats],
    limit: Floats,
    at: int,
) -> Gap:
    got, *others = (float(p.ravel()[at]) for p in parts)
    bound = float(limit.ravel()[at])
    evidence = Evidence(
        index=tuple(int(i) for i in np.unravel_index(at, limit.shape)),
        got=repr(got),
        error=f"{abs(got + sum(others)):.6g}" if kind == "value" else "",
        bound=f"{bound:.6g}",
    )
    may = "they may differ" if others else "it may be off"
    text = _said(identity, got, others) + f"; {may} by {bound:.3g}"
    return replace(found, kind=kind, detail=text, evidence=evidence)


def _said(identity: Identity, got: float, others: list[float]) -> str:
    """Return what the case gave, and what its variants say that it should be."""
    first, *rest = identity.terms
    if not rest:
        return f"{first.quantity} adds up to {got!r}, where 0 is due"
    due = " and ".join(_source(term) for term in rest)
    together = "" if len(rest) == 1 else " together"
    expected = -sum(others)
    return f"{first.quantity} is {got!r} here and {expected!r} by {due}{together}"


def _source(term: Term) -> str:
    times = "" if term.factor == -1 else f", times {-term.factor:.6g}"
    return f"the {term.source}{times}"
