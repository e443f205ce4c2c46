"""Whether a backend's declared capabilities cover a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.backend import runs_backwards

if TYPE_CHECKING:
    from conformance.backend import Capabilities
    from conformance.case import Case


def used_options(case: Case) -> frozenset[str]:
    """Return which of the optional abilities a case needs."""
    used = set(case.options) & {"ignore_index", "label_smoothing"}
    if "weight" in case.arguments:
        used.add("weight")
    if case.loss == "cross_entropy" and case.arguments["target"].dtype[:3] not in (
        "int",
        "uin",
    ):
        used.add("class_probabilities")
    return frozenset(used)


def reason_against(capabilities: Capabilities, case: Case) -> str | None:
    """Return None, or why a backend of these capabilities cannot run the case."""
    if case.loss not in capabilities.losses:
        return f"does not offer {case.loss}"
    if case.dtype not in capabilities.dtypes:
        return f"does not offer {case.dtype}"
    if runs_backwards(case) and not capabilities.negative_strides:
        return "does not take views that run backwards"
    missing = sorted(used_options(case) - capabilities.options)
    return f"does not offer {', '.join(missing)}" if missing else None
