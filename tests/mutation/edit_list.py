"""The list of wrong edits, as data, and how one of them is applied to a source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class EditError(ValueError):
    """An edit does not fit the source: the list has to follow the code."""


@dataclass(frozen=True)
class Edit:
    """One small wrong edit of one file.

    Attributes:
        id: Its name, unique in the list.
        file: The file's path from the root of the repository.
        before: The text that is replaced; it occurs in the file exactly once.
        after: The text in its place.
        reason: One sentence: what would be wrong for who asks the oracle.
    """

    id: str
    file: str
    before: str
    after: str
    reason: str

    def applied_to(self, source: str) -> str:
        """Return a source with the edit made.

        Raises:
            EditError: If `before` does not occur exactly once, or nothing would change.
        """
        found = source.count(self.before)
        if found != 1:
            msg = (
                f"{self.id}: `before` must occur exactly once in {self.file}, "
                f"got {found} times {self.before!r}; follow the code in the list"
            )
            raise EditError(msg)
        if self.before == self.after:
            msg = f"{self.id}: `after` must differ from `before`, got {self.after!r}"
            raise EditError(msg)
        return source.replace(self.before, self.after)

    def made_in(self, root: Path) -> str:
        """Return the edited text of the edit's file under `root`.

        Raises:
            EditError: If there is no such file, or the edit does not fit it.
        """
        path = root / self.file
        if not path.is_file():
            msg = f"{self.id}: `file` must exist under {root}, got {self.file!r}"
            raise EditError(msg)
        return self.applied_to(path.read_text("utf-8"))

    @classmethod
    def read(cls, path: Path) -> list[Self]:
        """Return the edits of a TOML file, in its order.

        Raises:
            EditError: If an id occurs twice, or there is no edit at all.
        """
        edits = [
            cls(**table) for table in tomllib.loads(path.read_text("utf-8"))["edit"]
        ]
        names = [edit.id for edit in edits]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            msg = f"ids must be unique in {path.name}, got more than one {twice}"
            raise EditError(msg)
        return edits
