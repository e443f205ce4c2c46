"""log p and p over the last axis: the ways of scheme `shift`, and the other schemes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts

    Softmax: TypeAlias = Callable[[Parts, Real, Formats], tuple[Real, Real]]


def _shifted(parts: Parts, logits: Real) -> Real:
    return np.asarray(logits - parts.shift(logits))


def quotient(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return p as e/S."""
    d = _shifted(parts, logits)
    e = np.exp(d)
    s = parts.total(e, formats)[..., np.newaxis]
    return d - np.log(s), e / s


def reciprocal(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return p as e · (1/S)."""
    d = _shifted(parts, logits)
    e = np.exp(d)
    s = parts.total(e, formats)[..., np.newaxis]
    return d - np.log(s), e * (np.ones((), formats.compute) / s)


def exponential(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return p as e^{log p}."""
    d = _shifted(parts, logits)
    log_p = d - np.log(parts.total(np.exp(d), formats)[..., np.newaxis])
    return log_p, np.exp(log_p)


def turned(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return −log p as log S − (x − m) and as (m − x) + log S, by column."""
    d = _shifted(parts, logits)
    e = np.exp(d)
    s = parts.total(e, formats)[..., np.newaxis]
    surprise = np.log(s) - d
    surprise[..., ::2] = ((parts.shift(logits) - logits) + np.log(s))[..., ::2]
    return -surprise, e / s


def log1p(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return log S as log1p of the sum without one largest term."""
    d = _shifted(parts, logits)
    e = np.exp(d)
    first = np.zeros(e.shape, np.bool_)
    if e.size:
        np.put_along_axis(first, logits.argmax(axis=-1)[..., np.newaxis], 1, axis=-1)
    rest = parts.total(np.where(first & (d == 0), 0 * d, e), formats)[..., np.newaxis]
    return d - np.log1p(rest), e / (rest + np.ones((), formats.compute))


def _online(
    tile: int, parts: Parts, logits: Real, formats: Formats
) -> tuple[Real, Real]:
    m = np.full((*logits.shape[:-1], 1), -np.inf, formats.compute)
    s = np.zeros_like(m)
    for start in range(0, logits.shape[-1], tile):
        part = logits[..., start : start + tile]
        new = np.maximum(m, part.max(axis=-1, keepdims=True))
        base = np.where(np.isneginf(new), np.zeros_like(new), new)
        added = parts.total(np.exp(part - base), formats)[..., np.newaxis]
        m, s = new, s * np.exp(m - base) + added
    d = logits - m
    return d - np.log(s), np.exp(d) / s


def online(tile: int) -> Softmax:
    """Return the softmax with a running maximum, `tile` logits at a time."""
    return partial(_online, tile)


def lse(parts: Parts, logits: Real, formats: Formats) -> tuple[Real, Real]:
    """Return log p as x − (m + log S), and p as its exponential."""
    m = parts.shift(logits)
    s = parts.total(np.exp(logits - m), formats)[..., np.newaxis]
    log_p = logits - (m + np.log(s))
    return log_p, np.exp(log_p)


def _base_two(
    scheme: str, parts: Parts, logits: Real, formats: Formats
) -> tuple[Real, Real]:
    c, m = np.asarray(np.log2(np.e), formats.compute), parts.shift(logits)
    if scheme == "exp2-diff":
        exponents = (logits - m) * c
    elif scheme == "exp2-sep":
        exponents = logits * c - m * c
    else:
        # One rounding: in 64 bits the product of two float32 numbers is exact, and that
        # of two float64 numbers is 2**11 times as near as the product that is rounded.
        wide = np.longdouble
        fused = logits.astype(wide) * c.astype(wide) - (m * c).astype(wide)
        exponents = fused.astype(formats.compute)
    e = np.exp2(exponents)
    s = parts.total(e, formats)[..., np.newaxis]
    log = np.log2(s) * np.asarray(np.log(2), formats.compute)
    return (logits - m) - log, e / s


OTHERS = {
    "lse": lse,
    **{
        name: partial(_base_two, name) for name in ("exp2-diff", "exp2-sep", "exp2-fma")
    },
}
"""Scheme → softmax."""
