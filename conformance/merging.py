"""The shards of one run, made whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from conformance.case import Case
from conformance.cells import Cell, Worst
from conformance.findings import Excuses, Known
from conformance.journal import Record
from conformance.packing import dumps
from conformance.run import (
    CELL,
    EVIDENCE,
    FINDING,
    FINISHED,
    INTERRUPTED,
    KILLED,
    NAMED,
    build_run,
)
from conformance.session import shrinkable
from conformance.tally import Finding, Support, Tally, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.tally import Key

    Run = Mapping[str, Any]

COMMON: Final = (
    *("seed", "pool_version", "corpus", "oracle", "profile", "losses", "dtypes"),
    *("excuses", "backends", "plan", "requirements"),
)
"""What the shards of one run have in common, beside most of their environment."""

MAY_DIFFER: Final = frozenset(("cpu", "cpus"))
"""What of their environment they need not have in common."""


_TOLD: Final = 12
"""Missing shards that are named."""

_LONGEST: Final = 80
"""Characters of what differs that are shown."""


class MixedError(Exception):
    """The runs are not all the shards of one run; the message says why."""


def merge(runs: Mapping[str, Run]) -> dict[str, Any]:
    """Return the run whose shards are `runs`, by name; their order does not matter.

    Raises:
        MixedError: If they are not the shards of one run, each once.
    """
    _all_there({name: run["shard"] for name, run in runs.items()})
    _alike(runs)
    records = [record_of(run) for run in runs.values()]
    shrunk = _smallest_shrunk(records)
    whole = Tally()
    for record in records:
        whole.merge(record.tally)
    kept = {key: shrunk[key] for key in shrinkable(whole) if key in shrunk}
    record = Record(_header(list(runs.values())), whole, kept)
    entries = tuple(Known.from_json(e) for e in record.header["excuses"])
    excuses = Excuses.on(record.header["today"], entries)
    merged = build_run(record, excuses, _stop(runs.values()))
    seconds = [run["time"]["seconds"] for run in runs.values()]
    merged["time"]["seconds"] = None if None in seconds else math.fsum(seconds)
    return merged


def record_of(run: Run) -> Record:
    """Return the record that `build_run` made a run of."""
    tally = Tally(
        cells={k: Cell.from_json(e) for k, e in _keyed(CELL, run["cells"])},
        support={k: Support.from_json(e) for k, e in _keyed(EVIDENCE, run["evidence"])},
        pinned=dict(_pins(run["known"])),
        named=dict(_keyed(NAMED, run["named"])),
    )
    for key, entry in _keyed(CELL, run["points"]):
        tally.points[key] = {line.split(" ", 1)[0]: line for line in entry["cases"]}
    for name, counter in (("faults", tally.faults), ("notes", tally.notes)):
        counter.update(run[name])
    tally.spent.update(run["time"]["workers"])
    record = Record(run, tally)
    for key, entry in _keyed(FINDING, run["findings"]):
        tally.findings[key] = _finding(entry)
        if entry["shrunk"]:
            record.shrunk[key] = entry["shrunk"]
    return record


def _keyed(
    names: Sequence[str], entries: Sequence[Run]
) -> Iterator[tuple[Key, dict[str, Any]]]:
    for entry in entries:
        rest = {name: part for name, part in entry.items() if name not in names}
        yield tuple(entry[name] for name in names), rest


def _pins(known: Sequence[Run]) -> Iterator[tuple[Key, bool]]:
    for entry in known:
        for name, failed in (
            ("confirmed", True),
            ("stale", False),
            ("elsewhere", False),
        ):
            for backend, dtype in entry[name]:
                yield (entry["id"], backend, dtype), failed


def _finding(entry: Run) -> Finding:
    size = size_of(Case.from_json(entry["case"]))
    ratio = Worst(*entry["ratio"])
    return Finding(entry["count"], ratio, size, entry["case"], entry["verdict"])


def _smallest_shrunk(records: Sequence[Record]) -> dict[Key, Mapping[str, Any]]:
    """Return what was made of the smallest witness of each finding."""
    sizes: dict[Key, Any] = {}
    for record in records:
        for key, finding in record.tally.findings.items():
            sizes[key] = min(finding.size, sizes.get(key, finding.size))
    found: dict[Key, list[Mapping[str, Any]]] = {}
    for record in records:
        for key, shrunk in record.shrunk.items():
            if record.tally.findings[key].size == sizes[key]:
                found.setdefault(key, []).append(shrunk)
    return {key: min(several, key=dumps) for key, several in found.items()}


def _header(runs: Sequence[Run]) -> dict[str, Any]:
    places = [run["environment"] for run in runs]
    places += [place for run in runs for place in run["other_environments"]]
    distinct = {dumps(place): place for place in places}
    one, *others = (distinct[text] for text in sorted(distinct))
    return {
        **runs[0],
        "shard": None,
        "today": max(run["today"] for run in runs),
        "environment": one,
        "other_environments": others,
    }


def _stop(runs: Iterable[Run]) -> str:
    reasons = {run["stop"] for run in runs}
    return next(r for r in (INTERRUPTED, KILLED, FINISHED) if r in reasons)


def _all_there(shards: Mapping[str, Any]) -> None:
    """Refuse what is no shard, shards of different divisions, and gaps."""
    found: dict[int, str] = {}
    for name, shard in shards.items():
        if shard is None:
            msg = f"{name} is a whole run: only shards can be merged"
            raise MixedError(msg)
        if shard["index"] in found:
            msg = f"{found[shard['index']]} and {name} are both {_named(shard)}"
            raise MixedError(msg)
        found[shard["index"]] = name
    counts = {shard["count"]: name for name, shard in shards.items()}
    if len(counts) > 1:
        told = ", ".join(f"{_named(shards[n])} is {n}" for n in counts.values())
        msg = f"shards of one run must be equally many, got different ones: {told}"
        raise MixedError(msg)
    (count,) = counts
    lacking = [f"{i}/{count}" for i in range(1, count + 1) if i not in found][:_TOLD]
    if lacking:
        msg = (
            f"a run is merged of all its shards, got {len(found)} of {count}: missing "
            f"{', '.join(lacking)}; run `loss-conformance check … --shard {lacking[0]}`"
        )
        raise MixedError(msg)


def _named(shard: Mapping[str, int]) -> str:
    return f"shard {shard['index']}/{shard['count']}"


def _alike(runs: Mapping[str, Run]) -> None:
    """Refuse shards of different runs, naming what differs."""
    (first, one), *others = runs.items()
    for name, run in others:
        for where, here, there in _differences(_identity(one), _identity(run)):
            msg = (
                f"{first} and {name} are shards of different runs: {where} is "
                f"{_short(here)} in one and {_short(there)} in the other"
            )
            raise MixedError(msg)
    days = sorted(run["today"] for run in runs.values())
    for entry in one["excuses"]:
        if days[0] < entry["expires"] <= days[-1]:
            msg = (
                f"known finding {entry['id']!r} expired on {entry['expires']}, between "
                f"two shards: run those of {days[0]} again"
            )
            raise MixedError(msg)


def _identity(run: Run) -> dict[str, Any]:
    place = {k: v for k, v in run["environment"].items() if k not in MAY_DIFFER}
    return {name: run[name] for name in COMMON} | {"environment": place}


def _differences(one: Any, other: Any, way: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield where two documents differ, and what they say there."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), f"{way}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, pair in enumerate(zip(one, other, strict=True)):
            yield from _differences(*pair, f"{way}[{i}]")
    elif one != other:
        yield way.lstrip("."), one, other


def _short(value: Any) -> str:
    text = dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
