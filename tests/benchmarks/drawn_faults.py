"""Planted faults whose triggers are drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import planted
import triggers
from planted import LOSSES, Planted

from conformance.builders.choices import CounterChoices

if TYPE_CHECKING:
    from conformance.builders.choices import Choices
    from conformance.case import Case

_DIFFERENCES: Final = LOSSES[:2]


def drawn_faults(stream: str, count: int) -> list[Planted]:
    """Return `count` faults, always the same ones for the same stream."""
    sources = (CounterChoices(0, i, f"planted:{stream}") for i in range(count))
    return [choices.choice(_FAMILIES)(choices) for choices in sources]


def _exponent(choices: Choices) -> int:
    """Return an exponent of float32; half of them near zero."""
    near = choices.chance(1, 2)
    return choices.integer(-30, 30) if near else choices.integer(-126, 127)


def _largest_binade(choices: Choices) -> Planted:
    e, loss = _exponent(choices), choices.choice(LOSSES)
    name = f"largest input in the binade 2^{e}"
    return Planted(loss, name, planted.largest_in(e), "binade of the largest input")


def _difference_binade(choices: Choices) -> Planted:
    e, loss = _exponent(choices), choices.choice(_DIFFERENCES)

    def trigger(case: Case) -> bool:
        return e in triggers.binades(triggers.differences(case))

    name = f"a difference in the binade 2^{e}"
    return Planted(loss, name, trigger, "binade of a difference")


def _count_residue(choices: Choices) -> Planted:
    period = choices.integer(8, 64)
    rest = choices.integer(0, period - 1)
    loss = choices.choice(_DIFFERENCES)
    name = f"n = {rest} mod {period}, above {period}"
    return Planted(loss, name, planted.elements_with(period, rest), "residue of n")


def _row_residue(choices: Choices) -> Planted:
    period = choices.integer(8, 64)
    rest = choices.integer(0, period - 1)
    name = f"rows = {rest} mod {period}, above {period}"
    trigger = planted.rows_with(period, rest)
    return Planted("cross_entropy", name, trigger, "residue of the rows")


def _class_count(choices: Choices) -> Planted:
    count = choices.integer(2, 128)

    def trigger(case: Case) -> bool:
        return triggers.classes(case) == count

    return Planted("cross_entropy", f"{count} classes", trigger, "number of classes")


def _label(choices: Choices) -> Planted:
    label = choices.integer(0, 99)
    trigger = planted.labelled(label)
    return Planted("cross_entropy", f"class {label}", trigger, "class of a row")


def _gap(choices: Choices) -> Planted:
    low = choices.integer(0, 100 * 64) / 64
    high = low + choices.integer(4, 64) / 64
    of_target = choices.chance(1, 2)
    what, seen = (
        ("target", triggers.target_gaps) if of_target else ("logit", triggers.gaps)
    )

    def trigger(case: Case) -> bool:
        return triggers.any_between(seen(case), low, high)

    name = f"a {what} behind by {low:.4g} to {high:.4g}"
    return Planted("cross_entropy", name, trigger, f"gap of a {what}")


def _ignored_count(choices: Choices) -> Planted:
    count = choices.integer(1, 40)
    trigger = planted.with_ignored(count)
    return Planted(
        "cross_entropy", f"{count} rows ignored", trigger, "number of ignored rows"
    )


def _least_binade(choices: Choices) -> Planted:
    e, loss = _exponent(choices), choices.choice(LOSSES)

    def trigger(case: Case) -> bool:
        return min(triggers.binades(triggers.numbers(case)), default=None) == e

    name = f"least input in the binade 2^{e}"
    return Planted(loss, name, trigger, "binade of the least input (not swept)")


def _upstream_binade(choices: Choices) -> Planted:
    e, loss = choices.integer(-12, 12), choices.choice(LOSSES)

    def trigger(case: Case) -> bool:
        given = case.upstream
        return given is not None and e in triggers.binades(
            given.view().astype(np.float64)
        )

    name = f"an upstream gradient in the binade 2^{e}"
    return Planted(loss, name, trigger, "binade of an upstream gradient (not swept)")


def _place_of_largest(choices: Choices) -> Planted:
    place = choices.integer(1, 32)

    def trigger(case: Case) -> bool:
        if not triggers.elements(case):
            return False
        return bool((triggers.rows(case).argmax(axis=1) == place).any())

    name = f"largest logit in class {place}"
    family = "class of the largest logit (not swept)"
    return Planted("cross_entropy", name, trigger, family)


_FAMILIES: Final = (
    _largest_binade,
    _difference_binade,
    _count_residue,
    _row_residue,
    _class_count,
    _label,
    _gap,
    _gap,
    _ignored_count,
    _least_binade,
    _upstream_binade,
    _place_of_largest,
)
