"""Words that are not known, and those that were probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

FEW: Final = 12
"""Known words that an error lists in full."""

SOME: Final = 4
"""Known words that an error gives as examples where they are more than that."""


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """Return what to say about a word that is not among the `known` ones."""
    return f"no {what} named {word!r}; {suggestion(word, known)}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of the `known` words that was probably meant, if any.

    >>> nearest("fp32", ["float16", "float32"]), nearest("xyz", ["mae"])
    ('float32', None)
    """
    names = list(known)
    meant = [name for name in OTHER_NAMES.get(word.lower(), ()) if name in names]
    return next(iter(meant or get_close_matches(word, names, 1)), None)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the closest of the `known` words; all of them if they are few."""
    names = list(known)
    near = nearest(word, names)
    hints = [f"did you mean {near!r}?"] if near else []
    if len(names) <= FEW:
        hints.append(f"known: {', '.join(names)}")
    elif not near:
        hints.append(f"{len(names)} are known, such as {', '.join(names[:SOME])}")
    return " ".join(hints)


OTHER_NAMES: Final = {
    other: names
    for names, others in {
        ("float16", "binary16"): "fp16 f16 half float16 binary16",
        ("bfloat16",): "bf16",
        ("float32", "binary32"): "fp32 f32 float single float32 binary32",
        ("float64", "binary64"): "fp64 f64 double float64 binary64",
        ("mae",): "l1 l1_loss l1loss",
        ("mse",): "l2 mse_loss mseloss",
        ("cross_entropy",): "ce xent nll crossentropy crossentropyloss",
        ("markdown",): "md",
        ("terminal",): "text txt",
        ("junit",): "xml",
        ("badge",): "svg",
    }.items()
    for other in others.split()
}
"""What others call some of our words, which look nothing alike → ours."""
