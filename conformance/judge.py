"""The only place where exact values, bounds and results meet."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.verdict import Evidence, Status, Verdict
from reference import Enclosure, admits, format_named
from reference.precision import FIRST_PRECISION, LAST_PRECISION, ROUNDING_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from conformance.tolerance import Bound
    from reference import Format

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_ORDER: Final = (
    Status.CONFORMS,
    Status.VACUOUS,
    Status.SUSPECT,
    Status.INCONCLUSIVE,
    Status.WRONG_CLASS,
    Status.VIOLATES,
)
_RANK: Final = {status: rank for rank, status in enumerate(_ORDER)}
_SHARP: Final = 2.0**-10
# Nearer than this to the overflow threshold: decide exactly.
_EDGE: Final = 1 - 2.0**-20


@dataclass(frozen=True, eq=False)
class Question:
    """One quantity of one case to be judged.

    Attributes:
        quantity: `value` or `gradient.<argument>`.
        exact: The exact values.
        bound: How far a result may be from them.
        lanes: The bound with sums in lanes; what lies between the two is suspect. None
            where they are the same.
        format: The storage format.
        signed: Does the sign count even where |exact| ≤ B?
        crowded: Beside infinite arguments, are finite ones so large that an
            intermediate may overflow and meet an infinity of the other sign, or so
            small that a factor of an infinity may become 0?
        unsettled: Is the denominator 0 only if its addends are added in some orders?
    """

    quantity: str
    exact: Enclosure
    bound: Bound
    lanes: Bound | None
    format: str
    signed: bool = False
    crowded: bool = False
    unsettled: bool = False


@dataclass(frozen=True, eq=False)
class _Table:
    """Columns over elements, row-major."""

    got: Floats
    head: Floats
    low: Floats
    high: Floats
    bound: Floats
    status: NDArray[np.int8]
    kind: dict[int, str]


def judge(question: Question, got: NDArray[Any]) -> Verdict:
    """Return the verdict on `got`, an array of the quantity's shape.

    An element conforms iff one of these holds: it is of a class that the table of
    special values requires or admits; it is finite with |got − exact| ≤ B; it is ±inf
    of the right sign and |exact| + B reaches the overflow threshold of the format.
    Where the exact value is finite and B is infinite the contract promises nothing:
    vacuous, unless sums in lanes have a bound, and the result is outside it: suspect.
    """
    with np.errstate(all="ignore"):
        table = _compare(question, got.astype(np.float64).ravel())
        _settle(question, table)
        return _verdict(question, table)


def _compare(question: Question, got: Floats) -> _Table:
    bound = question.bound.error.ravel()
    head, low, high = _errors(question, got, bound)
    status = np.full(got.shape, _RANK[Status.INCONCLUSIVE], dtype=np.int8)
    status[high <= bound] = _RANK[Status.CONFORMS]
    status[low > bound] = _RANK[Status.VIOLATES]
    if question.lanes is not None:
        beyond = (status == _RANK[Status.CONFORMS]) & (
            low > question.lanes.error.ravel()
        )
        status[beyond] = _RANK[Status.SUSPECT]
    wrong = np.flatnonzero(status == _RANK[Status.VIOLATES])
    return _Table(got, head, low, high, bound, status, {int(i): "value" for i in wrong})


def _errors(
    question: Question, got: Floats, bound: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the exact values to float64, and bounds on |got − exact|.

    The first columns have a few bits more than the format. Finer ones are asked for
    where an error is not known to a thousandth of the bound and of an ulp.
    """
    fmt = format_named(question.format)
    columns = question.exact.columns(fmt.precision + ROUNDING_BITS).plain()
    head = columns.head.ravel().copy()
    low, high = _error(got, head, columns.tail.ravel(), columns.radius.ravel())
    for precision in (FIRST_PRECISION, 2 * FIRST_PRECISION):
        unit = np.minimum(bound, _ulp(head, fmt)) * _SHARP
        vague = (high - low > unit) | ((low <= bound) & (bound < high))
        at = np.flatnonzero(vague & np.isfinite(head) & np.isfinite(got))
        if not at.size:
            break
        finer = question.exact.columns(precision, at).plain()
        head[at] = finer.head
        low[at], high[at] = _error(got[at], finer.head, finer.tail, finer.radius)
    return head, low, high


def _error(
    got: Floats, head: Floats, tail: Floats, radius: Floats
) -> tuple[Floats, Floats]:
    """Return bounds on |got − exact|, from error-free sums; nan beyond float64."""
    a, b = _two_sum(got, -head)
    c, d = _two_sum(a, -tail)
    rest = b + d
    error = np.abs(c + rest)
    # The last factor covers the roundings of this line and of the sums below.
    slack = (radius + 2.0**-51 * (error + np.abs(rest))) * (1 + 2.0**-50)
    slack = np.where((rest == 0) & (radius == 0), 0.0, slack)
    return np.maximum(error - slack, 0.0), error + slack


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    s = a + b
    bb = s - a
    return s, (a - (s - bb)) + (b - bb)


def _settle(question: Question, table: _Table) -> None:
    """Decide the elements that numbers alone do not: classes, edges, close calls."""
    fmt = format_named(question.format)
    special = question.exact.special.ravel()
    also = question.exact.also.ravel()
    threshold = float(fmt.largest)
    near = np.abs(table.head) + np.where(np.isfinite(table.bound), table.bound, 0.0)
    edge = ~(near < threshold * _EDGE)
    odd = special | (also != 0) | ~np.isfinite(table.got) | edge
    odd |= ~np.isfinite(table.bound) | (table.status == _RANK[Status.INCONCLUSIVE])
    for i in np.flatnonzero(odd).tolist():
        status, kind = _one(question, table, i, fmt)
        table.status[i], table.kind[i] = _RANK[status], kind
    if question.signed:
        _signs(table, special)


def _signs(table: _Table, special: Flags) -> None:
    opposite = (np.sign(table.got) * np.sign(table.head) < 0) & ~special
    for i in np.flatnonzero(opposite & np.isfinite(table.bound)).tolist():
        table.status[i], table.kind[i] = _RANK[Status.WRONG_CLASS], "sign"


def _one(question: Question, table: _Table, i: int, fmt: Format) -> tuple[Status, str]:
    """Return status and kind of one element that needs more than float64."""
    got, item = float(table.got[i]), question.exact.elements()[i]
    if admits(int(item.also), got):
        return Status.CONFORMS, ""
    if item.special is not None:
        return _special(item.special, got, question)
    if np.isfinite(table.bound[i]):
        status, kind = _within(question, i, got, float(table.bound[i]), fmt)
        beyond = status is Status.CONFORMS and _beyond_lanes(question, i, got, fmt)
    else:
        status, kind = Status.VACUOUS, ""
        beyond = _beyond_lanes(question, i, got, fmt)
    return (Status.SUSPECT, "") if beyond else (status, kind)


def _within(
    question: Question, i: int, got: float, bound: float, fmt: Format
) -> tuple[Status, str]:
    """Return the verdict on one element by a finite bound."""
    if np.isnan(got):
        return Status.WRONG_CLASS, "nan"
    allowed = Fraction(bound)
    if np.isinf(got):
        return _overflow(question.exact, i, got, allowed, fmt)
    return _distance(question, i, got, allowed, fmt)


def _beyond_lanes(question: Question, i: int, got: float, fmt: Format) -> bool:
    """Say if sums in lanes have a bound, and it is exceeded."""
    if question.lanes is None:
        return False
    bound = float(question.lanes.error.ravel()[i])
    if not np.isfinite(bound):
        return False
    status, _ = _within(question, i, got, bound, fmt)
    return status in (Status.VIOLATES, Status.WRONG_CLASS)


def _special(special: float, got: float, question: Question) -> tuple[Status, str]:
    """Return the verdict where nan or an infinity is required."""
    if np.isnan(got) if np.isnan(special) else got == special:
        return Status.CONFORMS, ""
    if question.unsettled or (question.crowded and np.isinf(special)):
        return Status.VACUOUS, ""
    return Status.WRONG_CLASS, _class(got)


def _class(got: float) -> str:
    if np.isnan(got):
        return "nan"
    return "infinity" if np.isinf(got) else "finite"


def _overflow(
    exact: Enclosure, i: int, got: float, allowed: Fraction, fmt: Format
) -> tuple[Status, str]:
    low, high = exact.elements()[i].ends(-1200)
    reach = (high if got > 0 else -low) + allowed
    if reach >= fmt.overflow_threshold:
        return Status.CONFORMS, ""
    return Status.WRONG_CLASS, "infinity"


def _distance(
    question: Question, i: int, got: float, allowed: Fraction, fmt: Format
) -> tuple[Status, str]:
    """Return the verdict on one finite number, with as much precision as it takes."""
    smallest, _ = question.exact.magnitude(i)
    if smallest - allowed >= fmt.overflow_threshold:
        return Status.WRONG_CLASS, "finite"
    precision = FIRST_PRECISION
    while precision <= LAST_PRECISION:
        low, high = question.exact.distance(i, got, precision)
        if high <= allowed:
            return Status.CONFORMS, ""
        if low > allowed:
            return Status.VIOLATES, "value"
        precision *= 2
    return Status.INCONCLUSIVE, ""


def _verdict(question: Question, table: _Table) -> Verdict:
    fmt = format_named(question.format)
    finite = np.isfinite(table.got) & np.isfinite(table.bound) & np.isfinite(table.head)
    measured = (
        finite & ~question.exact.special.ravel() & (question.exact.also.ravel() == 0)
    )
    passed = table.status < _RANK[Status.INCONCLUSIVE]
    ratio = _ratio(table.high, table.bound, passed)
    ulps = table.high / _ulp(table.head, fmt)
    counts = np.bincount(table.status, minlength=len(_ORDER))
    worst = _worst(table, ratio)
    status = Status.CONFORMS if worst is None else _ORDER[table.status[worst]]
    tells = measured & (table.bound < np.abs(table.head))
    failing = worst is not None and _RANK[status] >= _RANK[Status.SUSPECT]
    furthest = int(np.argmax(np.where(measured, ratio, -1.0))) if measured.any() else -1
    return Verdict(
        quantity=question.quantity,
        status=status,
        kind="" if worst is None else _kind(question, table, worst),
        elements=table.got.size,
        counts={str(s): int(n) for s, n in zip(_ORDER, counts, strict=True) if n},
        ratio=float(ratio[measured].max(initial=0.0)),
        ulps=float(ulps[measured].max(initial=0.0)),
        rounded=int((ulps[measured] <= 0.5).sum()),  # noqa: PLR2004 - half an ulp
        measured=int(measured.sum()),
        weak=bool(measured.any() and not tells.any()),
        resolution=_resolution(table, measured),
        evidence=_evidence(question, table, worst, fmt) if failing else Evidence(),
        error=float(table.high[furthest]) if furthest >= 0 else 0.0,
        bound=float(table.bound[furthest]) if furthest >= 0 else 0.0,
    )


def _resolution(table: _Table, measured: Flags) -> float:
    size = np.abs(table.head)
    seen = measured & (size > 0)
    return float(np.min(table.bound[seen] / size[seen], initial=np.inf))


def _ratio(error: Floats, bound: Floats, passed: Flags) -> Floats:
    # A close call that was decided exactly may exceed 1 here by a rounding.
    ratio = np.where(error == 0, 0.0, error / bound)
    return np.where(passed, np.minimum(ratio, 1.0), ratio)


def _ulp(exact: Floats, fmt: Format) -> Floats:
    _, exponent = np.frexp(np.where(exact == 0, 2.0**-1022, exact))
    e = np.maximum(exponent - 1, fmt.emin) - fmt.precision + 1
    ulp: Floats = np.ldexp(np.ones(exact.shape), np.maximum(e, -1074))
    return ulp


def _worst(table: _Table, ratio: Floats) -> int | None:
    """Return the element of the gravest status with the largest ratio."""
    if not table.got.size:
        return None
    gravest = np.flatnonzero(table.status == table.status.max())
    return int(gravest[np.argmax(np.nan_to_num(ratio[gravest], nan=0.0))])


def _kind(question: Question, table: _Table, i: int) -> str:
    if table.kind.get(i, "") != "value":
        return table.kind.get(i, "")
    opposite = np.sign(table.got[i]) * np.sign(table.head[i]) < 0
    return "sign" if opposite and not question.exact.special.ravel()[i] else "value"


def _evidence(
    question: Question, table: _Table, worst: int | None, fmt: Format
) -> Evidence:
    i = 0 if worst is None else worst
    got = float(table.got[i])
    position = np.unravel_index(i, question.exact.shape)
    error = table.high[i]
    return Evidence(
        index=tuple(int(k) for k in position),
        exact=question.exact.describe(i),
        rounded=_rounded(question.exact, i, fmt),
        got=repr(got),
        got_hex=got.hex(),
        error=f"{error:.6g}" if np.isfinite(error) else "",
        bound=f"{table.bound[i]:.6g}",
        rule=question.bound.rule,
        terms=question.bound.shares(i),
    )


def _rounded(exact: Enclosure, i: int, fmt: Format) -> str:
    low, high = exact.elements(LAST_PRECISION // 8)[i].candidates(fmt)
    same = low == high or (np.isnan(low) and np.isnan(high))
    return low.hex() if same else f"{low.hex()} or {high.hex()}"
