"""The words for one finding: what was put in, what is exact, what came out."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.case import Array, Case, contiguous_strides
from conformance.relations import RELATIONS
from conformance.verdict import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

SHOWN_ELEMENTS: Final = 32
"""Arrays larger than this are shown by their first elements."""

_LABEL: Final = 10
_LONGEST: Final = 60

_WORDS: Final[Mapping[str, str]] = {
    Status.VIOLATES: "is outside its bound",
    Status.WRONG_CLASS: "is of the wrong class",
    Status.ERROR: "ended in an error",
    Status.SUSPECT: "is larger than a usual summation gives",
    Status.INCONCLUSIVE: "could not be decided",
    Status.CONFORMS: "conforms",
    Status.VACUOUS: "is not bounded by its contract here",
    Status.UNSUPPORTED: "is not offered",
}

_STATED: Final[Mapping[str, str]] = {
    "shape": "is wrong",
    "dtype": "is wrong",
    "missing": "is missing",
    "modified": "were modified",
    "disturbed": "of the process was changed",
}
"""Of the kinds of a wrong class, those that are no class of numbers."""


_UNEQUAL: Final = (Status.VIOLATES, Status.WRONG_CLASS)


def explain(backend: str, case: Case, verdict: Verdict) -> list[str]:
    """Return one finding as lines of text, without indentation or colour."""
    head = f"{backend}: {case.loss} in {case.dtype}: {statement(verdict)}"
    told = particulars(case, verdict)
    return [head, *(_line(label, text) for label, text in told)]


def statement(verdict: Verdict) -> str:
    """Return what a verdict says, as a sentence without its full stop."""
    if verdict.status == Status.ACCEPTED_INVALID:
        return "an invalid argument is accepted"
    if verdict.status == Status.WRONG_CLASS and verdict.kind in _STATED:
        return f"{verdict.quantity} {_STATED[verdict.kind]}"
    kind = f" ({verdict.kind})" if verdict.kind not in {"", "value"} else ""
    words = _WORDS.get(verdict.status, str(verdict.status))
    if _related(verdict) and verdict.status in _UNEQUAL:
        words = "does not hold"
    return f"{verdict.quantity} {words}{kind}"


def _related(verdict: Verdict) -> bool:
    return verdict.quantity.startswith("relation.")


def _line(label: str, text: str) -> str:
    return f"  {label:{_LABEL}}{text}"


def particulars(case: Case, verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield label and text for what was put in, what is due, and what came out."""
    yield from inputs(case)
    yield from _variants(case, verdict.quantity)
    evidence = verdict.evidence
    if evidence.index:
        yield "at", "[" + ", ".join(map(str, evidence.index)) + "]"
    if evidence.exact:
        yield "exact", brief(evidence.exact)
    if evidence.rounded:
        yield "rounded", f"{evidence.rounded} in {case.dtype}"
    if evidence.got:
        hexadecimal = f" ({evidence.got_hex})" if evidence.got_hex else ""
        yield "got", f"{evidence.got}{hexadecimal}"
    if evidence.error:
        yield "error", brief(evidence.error)
    if evidence.bound:
        yield "bound", _bound(verdict)
    if verdict.measured:
        ulps = "" if _related(verdict) else f", {number(verdict.ulps)} ulp"
        yield "ratio", f"error/bound {number(verdict.ratio)}{ulps}"
    if verdict.detail:
        yield "detail", verdict.detail


def _variants(case: Case, quantity: str) -> Iterator[tuple[str, str]]:
    """Yield what a relation says, and what each variant of the case has instead."""
    kind, _, name = quantity.partition(".")
    relation = {r.name: r for r in RELATIONS}.get(name)
    if kind != "relation" or relation is None:
        return
    yield "relation", relation.statement
    variation = relation.vary(replace(case, tangent=None))
    given = set(inputs(case))
    for source, variant in {} if variation is None else variation.variants.items():
        for label, text in inputs(variant):
            if (label, text) not in given:
                yield "varied", f"{source}: {label} {text}"


def _bound(verdict: Verdict) -> str:
    evidence = verdict.evidence
    rule = f", rule {evidence.rule}" if evidence.rule else ""
    return f"{brief(evidence.bound)}{rule}{dominating(evidence.terms)}"


def dominating(terms: Mapping[str, float]) -> str:
    """Return the largest part of a bound and its share, or empty.

    >>> dominating({"exp": 3.0, "sum": 1.0})
    ', mostly exp (75 %)'
    """
    total = math.fsum(terms.values())
    if not terms or not 0 < total < math.inf:
        return ""
    name, size = max(terms.items(), key=lambda item: (item[1], item[0]))
    return f", mostly {name} ({100 * size / total:.0f} %)"


def inputs(case: Case) -> Iterator[tuple[str, str]]:
    """Yield label and text for each thing that was put in."""
    for name, array in case.arguments.items():
        yield name, array_text(array)
    if case.upstream is not None:
        yield "upstream", array_text(case.upstream)
    if case.tangent is not None:
        yield "tangent", array_text(case.tangent)
    if case.options:
        words = (f"{name}={value!r}" for name, value in case.options.items())
        yield "options", ", ".join(words)


def array_text(array: Array) -> str:
    """Return an array's elements, type and shape, and its layout if it is special."""
    view = array.view()
    shape = "×".join(map(str, array.shape)) or "scalar"
    layout = ""
    if array.strides != contiguous_strides(array.shape) or array.offset:
        layout = f", strides {array.strides}, offset {array.offset}"
    if view.size <= SHOWN_ELEMENTS:
        values = _nested(view)
    elif _uniform(array):
        values = f"[all {view.size} elements {_scalar(view.flat[0])}]"
    else:
        first = ", ".join(_scalar(v) for v in view.flat[:SHOWN_ELEMENTS])
        values = f"[{first}, … {view.size} elements]"
    return f"{values}  {array.dtype} {shape}{layout}"


def _uniform(array: Array) -> bool:
    # An expanded view may have any number of elements, but no more than its buffer has
    # that differ.
    once = array.view()[tuple(slice(0, 1 if s == 0 else None) for s in array.strides)]
    if once.size > array.base.size:
        once = array.base
    return len(set(map(_scalar, once.flat))) == 1


def _nested(view: np.ndarray[Any, Any]) -> str:
    if view.ndim == 0:
        return _scalar(view[()])
    return "[" + ", ".join(_nested(view[i]) for i in range(view.shape[0])) + "]"


def _scalar(value: Any) -> str:
    # The shortest decimal that names this element in its own format.
    text = str(value)
    return text.removesuffix(".0")


def number(value: float) -> str:
    """Return a figure in few digits; what is nearly 1 is not shown as 1.

    >>> number(0.0), number(0.4321), number(12345.0), number(1e-9)
    ('0', '0.432', '1.23e+04', '1e-09')
    >>> number(0.99999), number(1.0), number(1.00001)
    ('<1', '1', '>1')
    """
    text = "0" if value == 0 else f"{value:.3g}"
    if text != "1" or value == 1:
        return text
    return "<1" if value < 1 else ">1"


def brief(text: str) -> str:
    """Return decimal text with its middle cut out if it is very long."""
    if len(text) <= _LONGEST:
        return text
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa[: _LONGEST - 8]}…{mark}{exponent}"
