"""What the author of a backend may want to say of it, after a run that went wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from conformance.backends._support import MEAN, kinds
from conformance.case import Case
from conformance.run import new_findings
from conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OURS: Final = ("mutant", "numpy", "torch")
_WORDS: Final = {
    "broadcast": "arguments of different shapes",
    "empty": "arguments without elements",
    "invalid": "invalid arguments",
    "k-dim": "logits of shape (N, C, d1, …)",
    "layout": "views that are not contiguous",
    "reduction": "reductions other than the mean",
    "unbatched": "logits of shape (C,)",
}
_VALUE_DTYPE: Final = re.compile(r"value needs \w+, got (b?float\d+)")
_MOST: Final = 0.9
"""Share of the calls above which there is something wrong with all of them."""

_SEE: Final = "see `loss-conformance help functions`"


def advice(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each thing that the author of a backend may want to say.

    Of findings that are no wrong number: a kind of case that ends in an error may be
    one that the backend is not meant for. It can be declined then, with a reason that
    every report shows. Nothing is said of the backends that come along.
    """
    for backend in run["backends"]:
        if backend["spec"].partition(":")[0] not in _OURS:
            yield from _about(run, backend)


def _about(run: Mapping[str, Any], backend: Mapping[str, Any]) -> Iterator[str]:
    name = backend["name"]
    mine = [f for f in new_findings(run) if f["backend"] == name]
    hopeless = {f["dtype"] for f in mine if _hopeless(run, f)}
    fine = _others(run, backend, hopeless)
    if hopeless and not fine:
        yield _of_all_calls(name)
        return
    if hopeless:
        yield _of_formats(name, [d for d in run["dtypes"] if d in hopeless], fine)
        mine = [f for f in mine if f["dtype"] not in hopeless]
    wide = {got for finding in mine for got in _other_dtype(run, finding)}
    if wide:
        yield _of_dtypes(name, wide)
    yield from _of_kinds(name, mine)


def _of_all_calls(name: str) -> str:
    place = name.partition("@")[0]
    return (
        f"{name} raised in nearly every call: a function gets tensors if its file "
        f"imports torch, else arrays; {place}@numpy or {place}@torch says which; "
        f"{_SEE}"
    )


def _of_formats(name: str, raising: list[str], fine: list[str]) -> str:
    listed = ", ".join(f'"{dtype}"' for dtype in fine)
    return (
        f"{name} raised in nearly every call in {', '.join(raising)}: if it is not "
        f"meant for that, give it the attribute dtypes = [{listed}]; {_SEE}"
    )


def _of_dtypes(name: str, wide: set[str]) -> str:
    return (
        f"{name} returns {', '.join(sorted(wide))} in nearly every call where "
        "another dtype is due: a Python float, as float() makes, is a float64; "
        f"return an array or tensor of the dtype of input; {_SEE}"
    )


def _of_kinds(name: str, mine: list[dict[str, Any]]) -> Iterator[str]:
    found = {kind for finding in mine for kind in _declinable(finding)}
    if found:
        listed = ", ".join(_WORDS[kind] for kind in sorted(found))
        reasons = ", ".join(f'"{kind}": "…"' for kind in sorted(found))
        yield (
            f"if {name} is not meant for {listed}, decline them with a reason: "
            f"declined = {{{reasons}}}; {_SEE}"
        )
    if any(_shared(finding) for finding in mine):
        yield (
            f"if {name} is not meant for class probabilities, leave class_probabilities"
            f" out of its options; {_SEE}"
        )
    if any(_unreduced(finding) for finding in mine):
        yield (
            f"{name} returns a number for each row where the mean is asked for: reduce "
            f"them, or let it take the parameter reduction; {_SEE}"
        )


def _others(
    run: Mapping[str, Any], backend: Mapping[str, Any], hopeless: set[str]
) -> list[str]:
    """Return the other formats that it offers, if it answered in one of them."""
    mine = (c for c in run["cells"] if c["backend"] == backend["name"])
    answered = {c["dtype"] for c in mine if c["cases"]} - hopeless
    return [d for d in backend["dtypes"] if d not in hopeless] if answered else []


def _hopeless(run: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    """Is it about most calls of its cell? Invalid ones have to raise."""
    if finding["quantity"] != "call" or finding["kind"] != "raised":
        return False
    return _nearly_all(run, finding)


def _nearly_all(run: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    place = ("backend", "loss", "dtype")
    cells = (c for c in run["cells"] if all(c[k] == finding[k] for k in place))
    called = sum(cell["cases"] for cell in cells)
    return bool(finding["count"] > _MOST * called)


def _other_dtype(run: Mapping[str, Any], finding: Mapping[str, Any]) -> Iterator[str]:
    """Yield the float dtype of the value where it is the wrong one in most calls."""
    if finding["kind"] != "dtype" or not _nearly_all(run, finding):
        return
    verdict = (finding["shrunk"] or finding)["verdict"]
    found = _VALUE_DTYPE.search(str(verdict.get("detail")))
    if found:
        yield found[1]


def _witness(finding: Mapping[str, Any]) -> Case:
    return Case.from_json((finding["shrunk"] or finding)["case"])


def _declinable(finding: Mapping[str, Any]) -> Iterator[str]:
    if finding["status"] == Status.ACCEPTED_INVALID:
        yield "invalid"
    elif finding["kind"] == "raised":
        yield from kinds(_witness(finding))
    elif finding["kind"] == "shape" and "broadcast" in kinds(_witness(finding)):
        yield "broadcast"


def _shared(finding: Mapping[str, Any]) -> bool:
    """Did a call with class probabilities end in an error?"""
    target = _witness(finding).arguments["target"]
    indices = target.base.dtype.kind in "iub"
    return finding["kind"] == "raised" and (
        finding["quantity"] == "relation.one-hot"
        or (finding["loss"] == "cross_entropy" and not indices)
    )


def _unreduced(finding: Mapping[str, Any]) -> bool:
    case = _witness(finding)
    verdict = (finding["shrunk"] or finding)["verdict"]
    wanted = finding["kind"] == "shape" and case.reduction == MEAN
    return wanted and "value needs ()" in str(verdict.get("detail"))
