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


def declines(declined: Mapping[str, str], feature: str) -> str | None:
    """Return why a backend declines cases with a feature; None if it does not.

    >>> declines({"k-dim": "rows only"}, "k-dim-2")
    'rows only'
    >>> declines({"invalid:weight": "not looked at"}, "invalid:target")
    """
    if feature.endswith(_LAYOUTS):
        return declined.get("layout")
    for kind, reason in declined.items():
        if feature == kind or feature.startswith((f"{kind}:", f"{kind}-")):
            return reason
    return None
