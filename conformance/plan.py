"""What a run has to show, known before it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from conformance.backend import Capabilities
from conformance.case import DTYPES
from conformance.contract import Contract
from conformance.profiles import LEVELS
from conformance.provenance import digest
from conformance.recovery import derived
from conformance.unit import CorpusUnit, PoolUnit, SearchUnit, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.profiles import Profile
    from conformance.tools import Tools

SEARCH_UNIT: Final = 1_000
"""Longest search in one go, so that a unit ends well within its time-out."""

CORPUS_UNIT: Final = 50
"""Named cases in one go; some are a hundred times as large as a case of the pool."""

STATED: Final = ("id", "statement", "source", "loss", "quantity", "rule")
"""What a run file tells about a requirement."""


@dataclass(frozen=True)
class Subject:
    """A backend as the run sees it, without the backend.

    Attributes:
        spec: How the user spelt it; what a worker loads.
        name: How reports call it.
        capabilities: What it says it can do.
        ignored: Parameters of a bare function that no call fills.
        machine: What the worker that loaded it told, see `environment.of_worker`; not
            part of what a run must have in common with another.
    """

    spec: str
    name: str
    capabilities: Capabilities
    ignored: tuple[str, ...] = ()
    machine: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        c = self.capabilities
        ignored = {"ignored": list(self.ignored)} if self.ignored else {}
        return ignored | {
            "spec": self.spec,
            "name": self.name,
            "losses": sorted(c.losses),
            "dtypes": [d for d in DTYPES if d in c.dtypes],
            "options": sorted(c.options),
            "gradients": {k: sorted(v) for k, v in sorted(c.gradients.items())},
            "device": c.device,
            "deterministic": c.deterministic,
            "contract": c.contract.to_json(),
            "derivatives": {k: sorted(v) for k, v in sorted(c.derivatives.items())},
            "paths": sorted(c.paths),
            "negative_strides": c.negative_strides,
            "declined": dict(sorted(c.declined.items())),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` described."""
        gradients = {k: frozenset(v) for k, v in data["gradients"].items()}
        capabilities = Capabilities(
            losses=frozenset(data["losses"]),
            dtypes=frozenset(data["dtypes"]),
            options=frozenset(data["options"]),
            gradients=gradients,
            device=data["device"],
            deterministic=data["deterministic"],
            contract=Contract(**data["contract"]),
            derivatives={
                k: frozenset(v) for k, v in data.get("derivatives", {}).items()
            },
            paths=frozenset(data.get("paths", ())),
            negative_strides=data.get("negative_strides", False),
            declined=dict(data.get("declined", {})),
        )
        ignored = tuple(data.get("ignored", ()))
        return cls(data["spec"], data["name"], capabilities, ignored)


@dataclass(frozen=True)
class Scope:
    """What was asked for: losses, formats, size, seed."""

    losses: tuple[str, ...]
    dtypes: tuple[str, ...]
    profile: Profile
    seed: int

    def cells(self, subject: Subject) -> Iterator[tuple[str, str]]:
        """Yield the (loss, dtype) that `subject` offers inside the scope."""
        for loss in self.losses:
            for dtype in self.dtypes:
                offered = subject.capabilities
                if loss in offered.losses and dtype in offered.dtypes:
                    yield loss, dtype


@dataclass(frozen=True)
class Plan:
    """The evidence a run owes.

    Attributes:
        planned: `(requirement, backend, dtype)`.
        unsupported: `(requirement, backend, dtype, reason)`.
        requirements: The catalogue, as plain data.
    """

    planned: tuple[tuple[str, str, str], ...]
    unsupported: tuple[tuple[str, str, str, str], ...]
    requirements: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "planned": [list(entry) for entry in self.planned],
            "unsupported": [list(entry) for entry in self.unsupported],
        }


def make_plan(scope: Scope, subjects: Sequence[Subject], tools: Tools) -> Plan:
    """Return what the run owes: every requirement on every backend and format."""
    catalogue = [r for r in tools.catalogue() if r.loss in scope.losses]
    planned, unsupported = [], []
    for subject in subjects:
        for requirement in catalogue:
            reason = tools.unsupported(requirement, subject.capabilities)
            for dtype in scope.dtypes:
                why = reason or _absent(subject, requirement.loss, dtype)
                key = (requirement.id, subject.name, dtype)
                if why:
                    unsupported.append((*key, why))
                else:
                    planned.append(key)
    return Plan(
        tuple(sorted(planned)),
        tuple(sorted(unsupported)),
        tuple(_plain(r) for r in sorted(catalogue, key=lambda r: r.id)),
    )


def _plain(requirement: Any) -> dict[str, str]:
    return {name: str(getattr(requirement, name)) for name in STATED}


def _absent(subject: Subject, loss: str, dtype: str) -> str | None:
    if loss not in subject.capabilities.losses:
        return f"the backend does not offer {loss}"
    if dtype not in subject.capabilities.dtypes:
        return f"the backend does not offer {dtype}"
    return None


def make_corpus(scope: Scope, tools: Tools) -> list[dict[str, Any]]:
    """Return how many named cases each cell has in this profile, and their digest."""
    most = LEVELS.index(scope.profile.level)
    cells = []
    for loss in scope.losses:
        for dtype in scope.dtypes:
            items = tools.corpus(loss, dtype)
            ids = sorted(i.case.id for i in items if LEVELS.index(i.least) <= most)
            entry = {"loss": loss, "dtype": dtype, "cases": len(ids)}
            cells.append({**entry, "hash": digest(ids)})
    return cells


def make_units(
    scope: Scope, subjects: Sequence[Subject], tools: Tools
) -> tuple[Unit, ...]:
    """Return the work: first named cases, then the pool, then the searches."""
    cells = [
        (
            loss,
            dtype,
            tuple(s.spec for s in subjects if (loss, dtype) in scope.cells(s)),
        )
        for loss in scope.losses
        for dtype in scope.dtypes
    ]
    cells = [cell for cell in cells if cell[2]]
    return (
        *_corpus_units(cells, scope, tools),
        *_pool_units(cells, scope),
        *_search_units(cells, scope),
    )


Offer = tuple[str, str, tuple[str, ...]]


def _corpus_units(cells: Iterable[Offer], scope: Scope, tools: Tools) -> Iterator[Unit]:
    for loss, dtype, specs in cells:
        levels = [LEVELS.index(item.least) for item in tools.corpus(loss, dtype)]
        # Cases of the larger profiles are large: one by one, each ends in time.
        small, size = levels.count(0), min(CORPUS_UNIT, scope.profile.unit)
        for start in range(0, small, size):
            yield CorpusUnit(loss, dtype, start, min(start + size, small), specs)
        for index, level in enumerate(levels):
            if 0 < level <= LEVELS.index(scope.profile.level):
                yield CorpusUnit(loss, dtype, index, index + 1, specs)


def _pool_units(cells: Sequence[Offer], scope: Scope) -> Iterator[Unit]:
    # Ranges outside, cells inside: an interrupted run has seen something of each.
    size = scope.profile.unit
    for start in range(0, scope.profile.pool, size):
        stop = min(start + size, scope.profile.pool)
        for loss, dtype, specs in cells:
            yield PoolUnit(loss, dtype, start, stop, specs, scope.seed)


def _search_units(cells: Iterable[Offer], scope: Scope) -> Iterator[Unit]:
    if not scope.profile.search:
        return
    for loss, dtype, specs in cells:
        for spec in specs:
            for start in range(0, scope.profile.search, SEARCH_UNIT):
                budget = min(SEARCH_UNIT, scope.profile.search - start)
                seed = derived(scope.seed, loss, dtype, spec, start)
                yield SearchUnit(loss, dtype, budget, spec, seed)
