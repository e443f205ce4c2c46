"""What a run did not ask of a backend, so that nothing was checked of it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from conformance.writers.markup import clipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OPTIONS: Final = ("reduction", "upstream")
_OF_CROSS_ENTROPY: Final = ("weight", "ignore_index", "label_smoothing")
_LACKING: Final = re.compile(r"(?P<what>.+?) (?:is|are) not (?:all )?offered")
_NEAR: Final = 0.6
"""How alike a parameter is to torch's name for it, such as class_weights to weight."""

_SHORT: Final = 60
"""Characters of the reason why something is declined; reports give it in full."""


def unasked(run: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each backend of which not everything was asked.

    And one for each whose signature has parameters that no call fills.
    """
    for backend in run["backends"]:
        reasons = _reasons(run, backend)
        if reasons:
            losses = _losses(run, backend)
            total = sum(r["loss"] in losses for r in run["requirements"])
            yield (
                f"{backend['name']}: not asked: {', '.join(_named(backend, reasons))}: "
                f"{len(reasons)} of {total} requirements"
            )
        if backend.get("ignored"):
            listed = ", ".join(_parameters(backend))
            yield (
                f"{backend['name']}: never given, so they kept their defaults: its "
                f"parameters {listed}; see `loss-conformance help functions`"
            )


def _losses(run: Mapping[str, Any], backend: Mapping[str, Any]) -> set[str]:
    return set(run["losses"]) & set(backend["losses"])


def _reasons(run: Mapping[str, Any], backend: Mapping[str, Any]) -> dict[str, str]:
    """Return requirement → why it is not asked, of the losses that are offered."""
    plan, name = run["plan"], backend["name"]
    asked = {requirement for requirement, who, _ in plan["planned"] if who == name}
    losses = _losses(run, backend)
    mine = {r["id"] for r in run["requirements"] if r["loss"] in losses} - asked
    unsupported = plan["unsupported"]
    return {r: why for r, who, _, why in unsupported if who == name and r in mine}


def _named(backend: Mapping[str, Any], reasons: Mapping[str, str]) -> Iterator[str]:
    """Yield what is not offered, each once, and what is declined, with the reason."""
    declined = backend["declined"]
    whys = dict.fromkeys(w for w in reasons.values() if w not in declined.values())
    lacking = dict.fromkeys(what for why in whys for what in _lacking(why))
    paths = [what for what in lacking if what.startswith("path ")]
    yield from (what for what in lacking if what not in paths)
    if len(paths) == 1:
        yield paths[0]
    elif paths:
        yield f"{len(paths)} other paths"
    for kind, why in declined.items():
        yield f"{kind} ({clipped(why, _SHORT)})"


def _lacking(why: str) -> Iterator[str]:
    found = _LACKING.fullmatch(why)
    if not found:
        yield why
        return
    for word in re.split(r", | and ", found["what"]):
        yield word.removeprefix("the ")


def _parameters(backend: Mapping[str, Any]) -> Iterator[str]:
    entropy = "cross_entropy" in backend["losses"]
    options = (*_OPTIONS, *(_OF_CROSS_ENTROPY if entropy else ()))
    for name in backend["ignored"]:
        near = get_close_matches(name, options, 1, _NEAR)
        yield f"{name} (did you mean {near[0]}?)" if near else name
