"""What a run shows about each requirement, before it is given a form."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from conformance.run import new_findings
from conformance.verdict import FAILURES, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MISSING: Final = "missing"
"""What a requirement is that was planned and has no verdict."""

_WORST_FIRST: Final = (
    Status.VIOLATES,
    Status.WRONG_CLASS,
    Status.ERROR,
    Status.ACCEPTED_INVALID,
    Status.INCONCLUSIVE,
    Status.KNOWN,
    Status.SUSPECT,
    Status.CONFORMS,
    Status.VACUOUS,
    Status.UNSUPPORTED,
)


class Proof(NamedTuple):
    """One requirement on one backend in one storage format.

    Attributes:
        requirement: As the run's catalogue describes it.
        backend: Its name.
        dtype: The storage format.
        outcome: A status, the worst that was found, or `MISSING`. Vacuous only if
            nothing else was.
        counts: Status → verdicts.
        coarse: How many of the verdicts zeros would have passed too.
        ratio: Largest error/bound found.
        reason: Why it is unsupported, else empty.
    """

    requirement: Mapping[str, Any]
    backend: str
    dtype: str
    outcome: str
    counts: Mapping[str, int]
    coarse: int
    ratio: float
    reason: str

    @property
    def fails(self) -> bool:
        """Is there a new finding among its verdicts?"""
        return self.outcome in FAILURES

    @property
    def id(self) -> str:
        """The id of the requirement."""
        return str(self.requirement["id"])


def proofs(run: Mapping[str, Any]) -> list[Proof]:
    """Return all that was planned, declined or shown, by backend, id and format."""
    found = {_key(e): e for e in run["evidence"]}
    declined = {(r, b, d): why for r, b, d, why in run["plan"]["unsupported"]}
    missing = {tuple(entry) for entry in run["missing"]}
    about = {r["id"]: r for r in run["requirements"]}
    dtypes = {name: place for place, name in enumerate(run["dtypes"])}
    keys = found.keys() | declined.keys() | missing
    return [
        _proof(about[key[0]], key, found.get(key), declined, lost=key in missing)
        for key in sorted(keys, key=lambda k: (k[1], k[0], dtypes[k[2]]))
    ]


def _key(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["requirement"], entry["backend"], entry["dtype"]


def _proof(
    about: Mapping[str, Any],
    key: tuple[str, str, str],
    entry: Mapping[str, Any] | None,
    declined: Mapping[tuple[str, str, str], str],
    *,
    lost: bool,
) -> Proof:
    _, backend, dtype = key
    if entry is None:
        reason = "" if lost else declined[key]
        outcome = MISSING if lost else str(Status.UNSUPPORTED)
        return Proof(about, backend, dtype, outcome, {}, 0, 0.0, reason)
    counts = entry["counts"]
    outcome = next((str(s) for s in _WORST_FIRST if counts.get(s)), MISSING)
    coarse, ratio = entry["coarse"], entry["ratio"][0]
    return Proof(about, backend, dtype, outcome, counts, coarse, ratio, "")


def accusations(run: Mapping[str, Any], proof: Proof) -> list[Mapping[str, Any]]:
    """Return the new findings that can be the reason why a proof fails."""
    # A call that ended in an error speaks against all that it was to return.
    quantities = {proof.requirement["quantity"], "call"}
    return [
        f
        for f in new_findings(run)
        if (f["backend"], f["dtype"]) == (proof.backend, proof.dtype)
        and f["loss"] == proof.requirement["loss"]
        and f["quantity"] in quantities
        and proof.counts.get(f["status"])
    ]


def excuses(run: Mapping[str, Any], proof: Proof) -> Iterator[str]:
    """Yield the known findings that can be the reason why a proof is `known`."""
    for known in run["known"]:
        if (
            known["count"]
            and known["loss"] == proof.requirement["loss"]
            and proof.dtype in known["dtypes"]
            and fnmatchcase(proof.backend, known["backend"])
            and fnmatchcase(proof.requirement["quantity"], known["quantity"])
        ):
            yield f"{known['id']}: {known['reason']} [{known['link']}]"


class Declined(NamedTuple):
    """Requirements that one backend is not asked in some formats, for one reason."""

    backend: str
    dtypes: tuple[str, ...]
    reason: str
    requirements: tuple[str, ...]


def declined(run: Mapping[str, Any]) -> Iterator[Declined]:
    """Yield what was not asked: one for each backend, formats and reason."""
    # Otherwise a backend of one loss fills pages with what it never offered.
    dtypes: dict[tuple[str, str, str], list[str]] = {}
    for requirement, backend, dtype, reason in run["plan"]["unsupported"]:
        dtypes.setdefault((requirement, backend, reason), []).append(dtype)
    shared: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for (requirement, backend, reason), names in dtypes.items():
        key = (backend, tuple(names), reason)
        shared.setdefault(key, []).append(requirement)
    for (backend, formats, reason), requirements in shared.items():
        yield Declined(backend, formats, reason, tuple(requirements))
