"""Known findings: faults of a backend that are proved, listed and dated."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from fnmatch import fnmatchcase
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Self

from conformance import toml
from conformance.case import DTYPES
from conformance.conditions import CONDITIONS
from conformance.files import FileError, read
from conformance.verdict import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from conformance.case import Case
    from conformance.verdict import Verdict

WRONG_CLASS_KINDS: Final = frozenset(
    {
        "nan",
        "infinity",
        "finite",
        "sign",
        "dtype",
        "shape",
        "missing",
        "device",
        "zero",
    }
)
_KINDS: Final = WRONG_CLASS_KINDS | {
    "value",
    "modified",
    "aliased",
    "nondeterministic",
    "disturbed",
    "raised",
    "accepted",
    "crashed",
    "hung",
}


class KnownError(Exception):
    """A file of known findings is damaged; the message says where and what to do."""


@dataclass(frozen=True)
class Known:
    """One entry: which failures it covers, why, and until when.

    Attributes:
        id: Its name, unique among all files read.
        backend: A glob for backend names, such as `torch:*`.
        loss: The loss.
        quantity: A glob for `Verdict.quantity`, such as `gradient.*`.
        kind: The `Verdict.kind` it covers.
        dtypes: The storage formats it covers.
        reason: The mechanism, in a sentence.
        link: Where it is reported, or `unreported`.
        expires: The day from which it excuses nothing any more.
        witness: The corpus case that shows it; always run.
        when: Conditions on the case, all of which must hold; see `CONDITIONS`.
        ceiling: Largest error/bound it covers; only for kind `value`, where it may
            be `inf` if the bound can be zero.
        versions: Distribution → version it was measured on, such as `2.13`. On another
            one it excuses as well, but its witness may conform.
    """

    id: str
    backend: str
    loss: str
    quantity: str
    kind: str
    dtypes: tuple[str, ...]
    reason: str
    link: str
    expires: dt.date
    witness: str
    when: Mapping[str, Any] = field(default_factory=dict)
    ceiling: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    def measured_on(self, installed: Mapping[str, str | None]) -> bool:
        """Must its witness still fail with these versions of distributions?"""
        return all(
            f"{installed.get(name) or ''}.".startswith(f"{version}.")
            for name, version in self.versions.items()
        )

    def about(self, backend: str, loss: str, dtype: str) -> bool:
        """Does the entry concern this cell?"""
        return (
            self.loss == loss
            and dtype in self.dtypes
            and fnmatchcase(backend, self.backend)
        )

    def covers(self, case: Case, verdict: Verdict) -> bool:
        """Does the entry excuse this verdict? The cell is taken to be its own."""
        return (
            verdict.status in FAILURES
            and verdict.kind == self.kind
            and fnmatchcase(verdict.quantity, self.quantity)
            and (self.ceiling is None or verdict.ratio <= self.ceiling)
            and not self.unmet(case)
        )

    def unmet(self, case: Case) -> dict[str, Any]:
        """Return the conditions of `when` that do not hold, and what the case has."""
        unmet = (k for k, v in self.when.items() if not CONDITIONS[k].holds(case, v))
        return {k: CONDITIONS[k].measure(case) for k in unmet}

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a run file."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["dtypes"], data["when"] = list(self.dtypes), dict(self.when)
        data["versions"] = dict(self.versions)
        return data | {"expires": self.expires.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the entry that `to_json` described."""
        day = dt.date.fromisoformat(data["expires"])
        return cls(**{**data, "dtypes": tuple(data["dtypes"]), "expires": day})

    @classmethod
    def parse(cls, table: Mapping[str, Any], where: str) -> Self:
        """Return the entry of one `[[known]]` table, or refuse it."""
        for key in table:
            _known_word(key, _FIELDS, f"key of {where}")
        missing = [f for f in _REQUIRED if f not in table]
        if missing:
            msg = f"{where} needs {', '.join(_REQUIRED)}, got no {', '.join(missing)}"
            raise KnownError(msg)
        for key, kind in _TYPES.items():
            if key in table and not _is(table[key], kind):
                msg = f"{where}: {key} must be {kind.__name__}, got {table[key]!r}"
                raise KnownError(msg)
        entry = cls(**{**table, "dtypes": tuple(table["dtypes"])})
        entry._check(where)
        return entry

    def _check(self, where: str) -> None:
        _known_word(self.kind, _KINDS, f"kind in {where}")
        for dtype in self.dtypes:
            _known_word(dtype, DTYPES, f"dtype in {where}")
        _versions(self.versions, where)
        if self.ceiling is not None and not self.ceiling >= 0:
            msg = f"{where}: ceiling must be at least 0, got {self.ceiling}"
            raise KnownError(msg)
        for key, value in self.when.items():
            _known_word(key, CONDITIONS, f"condition in {where}")
            problem = CONDITIONS[key].problem(value)
            if problem:
                msg = f"{where}: when.{key} {problem}, got {value!r}"
                raise KnownError(msg)
        if self.kind in WRONG_CLASS_KINDS and not self.when:
            msg = (
                f"{where}: kind {self.kind!r} needs a `when` that says on which cases, "
                "got none: a wrong class everywhere cannot be excused"
            )
            raise KnownError(msg)
        if (self.kind == "value") != (self.ceiling is not None):
            msg = (
                f"{where}: a `ceiling`, the largest error/bound excused, is needed "
                f"for kind 'value' and for no other, got kind {self.kind!r} "
                f"and ceiling {self.ceiling}"
            )
            raise KnownError(msg)


@dataclass(frozen=True)
class Excuses:
    """The entries of a run, on one day."""

    entries: tuple[Known, ...] = ()
    today: dt.date = dt.date.min

    @classmethod
    def on(cls, day: str, entries: tuple[Known, ...]) -> Self:
        """Return `entries` on the ISO date `day`."""
        return cls(entries, dt.date.fromisoformat(day))

    def live(self) -> Iterator[Known]:
        """Yield the entries that have not expired."""
        return (entry for entry in self.entries if self.today < entry.expires)

    def about(self, backend: str, loss: str, dtype: str) -> tuple[Known, ...]:
        """Return the live entries that concern a cell."""
        return tuple(e for e in self.live() if e.about(backend, loss, dtype))


def first_cover(entries: Iterable[Known], case: Case, verdict: Verdict) -> str:
    """Return the id of the first of `entries` that covers `verdict`, or empty."""
    return next((e.id for e in entries if e.covers(case, verdict)), "")


def read_known(path: Path) -> tuple[Known, ...]:
    """Return the entries of one TOML file.

    Raises:
        KnownError: If the file cannot be read or an entry is not complete.
    """
    try:
        text = read(path)
    except FileError as error:
        msg = f"known findings {error}"
        raise KnownError(msg) from error
    return parse_known(text, str(path))


def parse_known(text: str, name: str) -> tuple[Known, ...]:
    """Return the entries of a TOML text called `name` in messages."""
    try:
        data = toml.loads(text)
    except ValueError as error:
        msg = f"known findings {name} must be TOML: {error}"
        raise KnownError(msg) from error
    for key in data:
        _known_word(key, ("known", "versions"), f"table in {name}")
    versions = _versions(data.get("versions", {}), name)
    tables = data.get("known", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        msg = f"{name}: known findings must be tables under [[known]]"
        raise KnownError(msg)
    return unique(
        Known.parse(
            {"versions": versions, **table},
            f"{name}: {table.get('id', f'entry {i + 1}')}",
        )
        for i, table in enumerate(tables)
    )


def _versions(table: object, name: str) -> Mapping[str, str]:
    good = isinstance(table, dict) and all(isinstance(v, str) for v in table.values())
    if not good:
        msg = (
            f"{name}: [versions] must give versions as strings, such as "
            f'torch = "2.13", got {table!r}'
        )
        raise KnownError(msg)
    return table  # type: ignore[return-value]


def shipped(families: Iterable[str]) -> tuple[Known, ...]:
    """Return the entries shipped for `torch`, if `torch:cpu` is among the families."""
    folder = resources.files("conformance").joinpath("known")
    found: list[Known] = []
    for name in sorted({family.partition(":")[0] for family in families}):
        # A backend's name may hold anything; only plain words name a file.
        file = folder.joinpath(f"{name}.toml") if name.isidentifier() else None
        if file is not None and file.is_file():
            found += parse_known(file.read_text(encoding="utf-8"), f"known/{name}.toml")
    return tuple(found)


def unique(entries: Iterable[Known]) -> tuple[Known, ...]:
    """Return `entries`, or refuse two of the same id."""
    found: dict[str, Known] = {}
    for entry in entries:
        if entry.id in found:
            msg = f"ids of known findings must differ, got {entry.id!r} twice"
            raise KnownError(msg)
        found[entry.id] = entry
    return tuple(found.values())


def _known_word(word: object, words: Iterable[str], what: str) -> None:
    words = sorted(words)
    if word in words:
        return
    near = get_close_matches(str(word), words, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(words)}"
    msg = f"{what} is not known: {word!r}; {hint}"
    raise KnownError(msg)


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is dt.date and isinstance(value, dt.datetime):
        return False
    return isinstance(value, kind)


_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(
        ("id", "backend", "loss", "quantity", "kind", "reason", "link", "witness"), str
    ),
    "dtypes": list,
    "expires": dt.date,
    "when": dict,
    "versions": dict,
    "ceiling": float,
}
_FIELDS: Final = tuple(f.name for f in fields(Known))
_REQUIRED: Final = tuple(f for f in _FIELDS if f not in {"when", "ceiling", "versions"})
