"""Cross-entropy at production size: the tiers behind its enclosures.

What a tier cannot answer with its bounds, rows with special values above all, it asks
of the rational path, element by element.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Self, TypeGuard, TypeVar

import numpy as np

from reference.fast import premises
from reference.fast.arithmetic import ARITHMETICS
from reference.fast.rows import (
    ROOM,
    Rows,
    absolute,
    loss_error,
    pieces,
    positive,
    sweep,
    together,
)
from reference.fast.slopes import Block, by_input, by_target
from reference.fast.sums import height, pairwise
from reference.fast.table import Table
from reference.fast.targets import MODERATE, Targets, moderate
from reference.problem import class_axis_back, class_axis_last

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reference.columns import Columns
    from reference.enclosure import Enclosure, Tier
    from reference.fast.arithmetic import Arithmetic, Words
    from reference.fast.doubleword import Floats
    from reference.problem import Problem

    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]
    Part = Callable[[Block, slice], tuple[Columns, Flags]]

_T = TypeVar("_T")

_KEPT: Final = 1 << 16  # rows whose sums are kept, a hundred bytes each
_LARGE: Final = 1 << 14
_FREED: Final = 1 << 21  # 16 MiB, below glibc's limit for the threshold
_WORTH_THREADS: Final = 1 << 17  # logits: tens of milliseconds


@dataclass(frozen=True, eq=False)
class Tiers:
    """The fast answers to one problem.

    Attributes:
        problem: The question.
        logits: `(N, C)`, in the format they were given in.
        targets: Their coefficients.
        denominator: W for `mean`, else 1.
        upstream: The cotangent, `(N,)` for `none`, `(1,)` otherwise.
        threads: How many threads may work.
    """

    problem: Problem
    logits: NDArray[Any]
    targets: Targets
    denominator: Fraction
    upstream: Floats
    threads: int
    _sums: dict[int, Rows] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, problem: Problem, denominator: object, threads: int | None
    ) -> Self | None:
        """Return the tiers for a problem, or None where their bounds do not hold."""
        given, targets = problem.input.floats, Targets.of(problem)
        if given is None or targets is None or 0 in given.shape:
            return None
        if not _is_moderate(denominator):
            return None
        up = np.ones(1)
        if problem.upstream is not None:
            some = moderate(problem.upstream.floats)
            if some is None:
                return None
            up = some.ravel()
        logits = class_axis_last(given)
        return cls(problem, logits, targets, denominator, up, threads or _cores())

    @property
    def large(self) -> bool:
        """Would a person notice the time that the rational path takes for one sum?"""
        return self.logits.size > _LARGE

    def value(self, slow: Enclosure) -> Tier:
        """Return the tiers of the loss."""
        if self.problem.reduction == "none":
            return lambda bits, at: self._losses(slow, bits, at)
        return self._total

    def _losses(self, slow: Enclosure, bits: int, at: Places | None) -> Columns:
        arithmetic = ARITHMETICS[bits]
        wanted = np.arange(len(self.logits)) if at is None else at
        self._keep(arithmetic, at)
        table = Table.empty(arithmetic, wanted.shape)

        def work(rows: slice) -> None:
            sums = self._rows(arithmetic, wanted[rows])
            radius = sums.size * self._loss_error(arithmetic)
            radius += self._absolute(arithmetic, sums.mass)
            loss = sums.loss
            if self.targets.sparse:
                loss, radius = positive(loss, radius)
            radius[sums.size == 0] = 0.0
            table.write_row(rows, loss, radius, sums.far)

        self._each(work, len(wanted))
        far = np.flatnonzero(table.open)
        table.patch((far,), slow, wanted[far])
        made = table.columns(lambda a: a)
        return made.reshape(self.problem.value_shape) if at is None else made

    def _total(self, bits: int, at: Places | None) -> Columns | None:
        arithmetic, places = ARITHMETICS[bits], np.arange(len(self.logits))
        self._keep(arithmetic, None)

        def work(rows: slice) -> tuple[Words, Floats, Floats, bool]:
            sums = self._rows(arithmetic, places[rows])
            part = arithmetic.total(sums.loss, signed=self.targets.signed)
            return part, pairwise(sums.size), pairwise(sums.mass), bool(sums.far.any())

        parts = self._each(work, len(self.logits))
        if any(far for *_, far in parts):
            return None
        with np.errstate(all="ignore"):
            stacked = tuple(
                np.stack(w) for w in zip(*(p[0] for p in parts), strict=True)
            )
            made = arithmetic.total(stacked, signed=self.targets.signed)
            made = arithmetic.divide(made, arithmetic.constant(self.denominator))
            size, mass = (pairwise(np.stack([p[k] for p in parts])) for k in (1, 2))
            radius = size * self._total_error(arithmetic, len(parts))
            radius += self._absolute(arithmetic, mass)
            radius *= ROOM / abs(float(self.denominator))
        radius = np.asarray(np.where(size == 0, 0.0, radius))
        made = tuple(np.asarray(w) for w in made)
        whole = Table.of(made, radius).columns(lambda a: a)
        return whole if at is None else whole.at(at)

    def _total_error(self, arithmetic: Arithmetic, parts: int) -> float:
        """Return the bound on |error of Σ l / W| ÷ Σ size, upward but for `ROOM`.

        A loss passes through the sum of its block, of the blocks, the constant W and
        the quotient; `ROOM` covers the sums of sizes.
        """
        additions = height(together(self.logits.shape[1])) + height(parts)
        return self._loss_error(arithmetic) + (additions + 3) * arithmetic.unit

    def gradient_input(self, slow: Enclosure) -> Tier:
        """Return the tiers of the gradient by the logits."""
        return lambda bits, at: self._gradient(by_input, slow, bits, at)

    def gradient_target(self, slow: Enclosure) -> Tier:
        """Return the tiers of the gradient by class probabilities."""
        return lambda bits, at: self._gradient(by_target, slow, bits, at)

    def _gradient(
        self, part: Part, slow: Enclosure, bits: int, at: Places | None
    ) -> Columns:
        arithmetic, problem = ARITHMETICS[bits], self.problem
        if at is None:
            wanted = np.arange(len(self.logits))
        else:
            n, c = problem.place(at)
            wanted, back = np.unique(n, return_inverse=True)
        self._keep(arithmetic, at)
        table = Table.empty(arithmetic, (len(wanted), self.logits.shape[1]))

        def work(rows: slice) -> None:
            premises.check()
            block = self._block(arithmetic, wanted[rows])
            for classes in pieces(self.logits.shape[1]):
                table.write(rows, classes, *part(block, classes))

        self._each(work, len(wanted))
        if at is not None:
            asked = np.zeros(table.open.shape, dtype=np.bool_)
            asked[back, c] = True
            table.open &= asked
        left = np.nonzero(table.open)
        table.patch(left, slow, problem.position(wanted[left[0]], left[1]))
        if at is None:
            return table.columns(lambda a: class_axis_back(a, problem.input.shape))
        return table.columns(lambda a: a[back, c])

    def _block(self, arithmetic: Arithmetic, rows: Places) -> Block:
        sums = self._rows(arithmetic, rows)
        if len(self.upstream) == 1:
            up = Fraction(self.upstream.item()) / self.denominator
            scale = arithmetic.constant(up)
        else:
            scale = arithmetic.widen(self.upstream[rows])
        return Block(arithmetic, self.logits[rows], self.targets, rows, sums, scale)

    def _keep(self, arithmetic: Arithmetic, at: Places | None) -> None:
        """Compute the sums of all rows once, if all are asked for and memory allows."""
        count = len(self.logits)
        if at is not None or arithmetic.bits in self._sums or count > _KEPT:
            return
        parts = self._each(
            lambda rows: self._rows(arithmetic, np.arange(rows.start, rows.stop)), count
        )
        self._sums[arithmetic.bits] = Rows.joined(parts)

    def _rows(self, arithmetic: Arithmetic, places: Places) -> Rows:
        """Return the sums of some rows."""
        if arithmetic.bits in self._sums:
            return self._sums[arithmetic.bits].part(places)
        return sweep(arithmetic, self.logits[places], self.targets, places)

    def _each(self, work: Callable[[slice], _T], count: int) -> list[_T]:
        """Return what `work` makes of slices of so many rows, in threads if it pays."""
        classes = self.logits.shape[1]
        step = together(classes)
        slices = [slice(r, min(r + step, count)) for r in range(0, count, step)]
        if count * classes < _WORTH_THREADS:
            return [work(s) for s in slices]
        _keep_freed_memory()
        if self.threads == 1:
            return [work(s) for s in slices]
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, slices))

    def _loss_error(self, arithmetic: Arithmetic) -> float:
        c = self.logits.shape[1]
        return loss_error(arithmetic, c, sparse=self.targets.sparse)

    def _absolute(self, arithmetic: Arithmetic, mass: Floats) -> Floats:
        return absolute(arithmetic, self.logits.shape[1], mass)


def _is_moderate(value: object) -> TypeGuard[Fraction]:
    low, high = MODERATE
    return isinstance(value, Fraction) and low <= abs(value) <= high


def _keep_freed_memory() -> None:
    """Let the C library keep the temporaries of a block for the next one.

    glibc returns to the system what is above a threshold, and asks for it again, which
    takes half the time of a block. The threshold rises to the largest array ever freed.
    """
    np.empty(_FREED)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
