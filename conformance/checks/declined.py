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


_WITHIN: Final = {
    "classes-32000": "layout",  # so many only by expanding few
    "empty-positions": "k-dim",
    "relation.batched": "unbatched",
    "relation.positions-as-rows": "k-dim",
    "rows-65504": "layout",
    "square": "k-dim",
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
    if feature in _WITHIN:
        return declined.get(_WITHIN[feature])
    if feature.endswith(_LAYOUTS):
        return declined.get("layout")
    for kind, reason in declined.items():
        if feature == kind or feature.startswith((f"{kind}:", f"{kind}-")):
            return reason
    return None
