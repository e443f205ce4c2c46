"""Making a failing case as small and plain as it can be while it still fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.builders.edits import EDITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.builders.edits import Edit
    from conformance.case import Case

_PATIENCE: Final = 8
"""So many candidates are looked at for each one tried: most were tried before."""


def shrink(case: Case, still_fails: Callable[[Case], bool], *, budget: int) -> Case:
    """Return a case that still fails and that no edit within the budget makes simpler.

    Deterministic. The result has at most as many elements and options as `case`, and
    is `case` itself if nothing could be left out.

    Args:
        case: A case for which `still_fails` holds; that is not checked.
        still_fails: Does the fault show? An exception means no.
        budget: Calls of `still_fails`, at most.
    """
    hunt = _Hunt(case, still_fails, budget)
    improved = True
    while improved:
        improved = sum(hunt.follow(edit) for edit in EDITS) > 0
    if hunt.case is case:
        return case
    return replace(hunt.case, origin=f"shrunk:{case.origin}")


class _Hunt:
    """The smallest failing case so far, and what was tried."""

    def __init__(
        self, case: Case, still_fails: Callable[[Case], bool], budget: int
    ) -> None:
        self.case = case
        self._still_fails = still_fails
        self._left = budget
        self._patience = _PATIENCE * budget
        self._tried = {case.id}

    def follow(self, edit: Edit) -> bool:
        """Try the candidates of one edit; return whether any was accepted."""
        before = self.case
        candidates = edit(self.case)
        try:
            candidate = next(candidates)
            while self._left > 0 and self._patience > 0:
                self._patience -= 1
                candidate = candidates.send(self._accepts(candidate))
        except StopIteration:
            pass
        return self.case is not before

    def _accepts(self, candidate: Case) -> bool:
        if candidate.id in self._tried:
            return False
        self._tried.add(candidate.id)
        self._left -= 1
        try:
            fails = bool(self._still_fails(candidate))
        except Exception:  # noqa: BLE001 - a case that cannot be judged is no witness
            fails = False
        if fails:
            self.case = candidate
        return fails
