"""The pytest front: every requirement on every storage format is a test of yours.

>>> from conformance.suite import parametrize_with_requirements

"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Nothing else at this level: whoever runs pytest imports this, used or not.
__all__ = ["parametrize_with_requirements"]

ARGUMENT: Final = "loss_conformance_requirement"
"""The argument that a test takes; its value is an `evidence.Evidence`."""

WHOLE: Final = "RUN"
"""The test that the run is complete and that no finding is left untold."""


ARGUMENTS: Final = ("profile", "losses", "dtypes", "seed")
"""What `parametrize_with_requirements` takes by name."""


@dataclass(frozen=True)
class Demand:
    """What is to be measured, once for all tests that ask for the same.

    Attributes:
        backend: A name as `loss-conformance check` takes it.
        profile: How much work to do: `quick`, `ci`, `deep`.
        losses: The losses, all if empty.
        dtypes: The storage formats, all if empty.
        seed: Of all cases.
    """

    backend: str
    profile: str = "quick"
    losses: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Item:
    """One test: a requirement on a storage format; `WHOLE` stands for the run."""

    demand: Demand
    requirement: str
    dtype: str = ""

    @property
    def id(self) -> str:
        """What `-k` and reports call it."""
        return "-".join(filter(None, (self.requirement, self.dtype)))


def items(demand: Demand) -> list[Item]:
    """Return the tests of `demand`: every requirement in every storage format.

    Raises:
        ValueError: If a loss, a format or the profile does not exist.
    """
    from conformance.backend import LOSSES
    from conformance.case import DTYPES
    from conformance.checks import catalogue
    from conformance.profiles import PROFILES

    _known("profile", (demand.profile,), tuple(PROFILES))
    _known("losses", demand.losses, LOSSES)
    _known("dtypes", demand.dtypes, DTYPES)
    wanted = [r for r in catalogue() if r.loss in (demand.losses or LOSSES)]
    dtypes = [d for d in DTYPES if d in (demand.dtypes or DTYPES)]
    found = [Item(demand, r.id, dtype) for r in wanted for dtype in dtypes]
    return [*found, Item(demand, WHOLE)]


def _known(what: str, words: Sequence[str], known: Sequence[str]) -> None:
    from conformance.spelling import nearest

    for word in words:
        if word not in known:
            near = nearest(str(word), known)
            hint = f"; did you mean {near!r}?" if near else ""
            msg = f"{what} must be of {', '.join(known)}, got {word!r}{hint}"
            raise ValueError(msg)


def names(what: str, given: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names that are given: as a list, or in a text with commas.

    >>> names("losses", "mae, mse"), names("dtypes", ["float32"])
    (('mae', 'mse'), ('float32',))

    Raises:
        ValueError: If a text names nothing, so that an empty variable widens nothing.
    """
    if not isinstance(given, str):
        return tuple(given)
    found = tuple(filter(None, (word.strip() for word in given.split(","))))
    if not found:
        msg = f"{what} must name something, or be left out for all, got {given!r}"
        raise ValueError(msg)
    return found


def parametrize_with_requirements(
    backend: str,
    *,
    profile: str = "quick",
    losses: str | Iterable[str] = (),
    dtypes: str | Iterable[str] = (),
    seed: int = 0,
    **slips: object,
) -> Any:
    """Return a decorator that makes a test of each requirement and storage format.

    The test takes the argument `loss_conformance_requirement`. It is judged before its
    body runs, which may be empty::

        @parametrize_with_requirements("mypkg.losses:cross_entropy", profile="quick")
        def test_losses(loss_conformance_requirement): ...

    The backend is measured once, whatever the number of tests and of xdist's workers.
    A requirement that does not hold fails, one without evidence fails, what the backend
    does not offer is skipped, and a known finding is an expected failure. The test
    `RUN` fails if the run is incomplete or ended in anything that no other test of the
    session tells.

    Args:
        backend: A name as `loss-conformance check` takes it.
        profile: How much work to do: `quick`, `ci`, `deep`.
        losses: The losses, as a list or in a text with commas; all if left out.
        dtypes: The storage formats, likewise.
        seed: Of all cases.
        slips: Nothing; what comes here is an error that says what was meant.

    Raises:
        TypeError: If there is no argument of a name.
        ValueError: If a loss, a format or the profile does not exist.
    """
    import pytest

    _refuse(slips)
    chosen = names("losses", losses), names("dtypes", dtypes)
    found = items(Demand(backend, profile, *chosen, seed))
    ids = [item.id for item in found]
    return pytest.mark.parametrize(ARGUMENT, found, indirect=True, ids=ids)


def _refuse(slips: Iterable[str]) -> None:
    from conformance.spelling import nearest

    for name in slips:
        near = nearest(name.removeprefix("loss_"), ARGUMENTS)
        hint = f"; did you mean {near!r}?" if near else ""
        msg = f"the arguments are backend, {', '.join(ARGUMENTS)}, got {name!r}{hint}"
        raise TypeError(msg)
