"""Which requirements are about cases that a backend declines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAYOUTS: Final = (
    *("-channels-last", "-expanded", "-negative-strides", "-offset", "-strided"),
    "-transposed",
)
"""How the features of the layouts of a single argument end."""

_OF_MANY: Final = (
    *("upstream-expanded", "upstream-negative-strides", "upstream-offset"),
    *("upstream-strided", "upstream-transposed", "upstream-varied", "upstream-zero"),
)
"""What a cotangent of a single number does not have, or is not shown with."""

_WITHIN: Final = {
    "classes-32000": "layout",  # so many only by expanding few
    "empty-positions": "k-dim",
    "invalid:reduction": "reduction",
    "none": "reduction",
    "relation.batch-split": "reduction",
    "relation.batched": "unbatched",
    "relation.layout-changed": "layout",
    "relation.positions-as-rows": "k-dim",
    "relation.row-alone": "reduction",
    "relation.unreduced": "reduction",
    "rows-65504": "layout",
    "square": "k-dim",
    "sum": "reduction",
    "target-none": "reduction",
    "target-sum": "reduction",
}
"""Feature or quantity → the kind that all cases with it are of."""


def declines(declined: Mapping[str, str], feature: str) -> str | None:
    """Return why a backend declines cases with a feature; None if it does not.

    A quantity that is measured on cases of one kind only counts as a feature.

    >>> declines({"k-dim": "rows only"}, "k-dim-2")
    'rows only'
    >>> declines({"invalid:weight": "not looked at"}, "invalid:target")
    """
    if feature.endswith("-channels-last") and "k-dim" in declined:
        return declined["k-dim"]
    if _WITHIN.get(feature) in declined:
        return declined[_WITHIN[feature]]
    if feature.startswith(_OF_MANY) and "reduction" in declined:
        return declined["reduction"]
    if feature.endswith(_LAYOUTS):
        return declined.get("layout")
    for kind, reason in declined.items():
        if feature == kind or feature.startswith((f"{kind}:", f"{kind}-")):
            return reason
    return None
