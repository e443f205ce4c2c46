"""The NumPy backend with the factors multiplied in another order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from conformance.backends import _cross_entropy, _regression
from conformance.backends._cross_entropy import IGNORE_INDEX
from conformance.backends._softmax import (
    along_classes,
    as_rows,
    class_axis,
    from_rows,
)
from conformance.backends.numpy import NumpyBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts
    from conformance.case import Case

    Mean: TypeAlias = Callable[[Real, Real], Real]
    Slope: TypeAlias = Callable[[Real, Real, Real], Real]
    Value: TypeAlias = Callable[["Pieces", Mean], Real]
    Gradient: TypeAlias = Callable[["Pieces"], Real]


# --- Means and the gradient of MSE


def divided(total: Real, n: Real) -> Real:
    """Return total / n."""
    return np.asarray(total / n)


def multiplied(total: Real, n: Real) -> Real:
    """Return total · (1/n)."""
    return np.asarray(total * (np.ones((), n.dtype) / n))


def two_over_n_first(d: Real, n: Real, u: Real) -> Real:
    """Return (2/n · d) · u."""
    return np.asarray(((np.asarray(2, d.dtype) / n) * d) * u)


def upstream_first(d: Real, n: Real, u: Real) -> Real:
    """Return 2 d · (u/n)."""
    return np.asarray((d + d) * (u / n))


def doubled_upstream(d: Real, n: Real, u: Real) -> Real:
    """Return d · (2 u/n)."""
    return np.asarray(d * (np.asarray(2, d.dtype) * u / n))


def division_last(d: Real, n: Real, u: Real) -> Real:
    """Return (2 d · u)/n."""
    return np.asarray(((d + d) * u) / n)


def by_reciprocal(d: Real, n: Real, u: Real) -> Real:
    """Return 2 d · (u · (1/n))."""
    return np.asarray((d + d) * (u * (np.ones((), d.dtype) / n)))


# --- The loss of a row


@dataclass(frozen=True, eq=False)
class Pieces:
    """What cross-entropy is composed of, as rows in the compute format.

    Attributes:
        parts: The steps.
        formats: The formats.
        log_p: `(R, C)`.
        p: `(R, C)`.
        target: `(R, C)`: one-hot, or class probabilities.
        weight: `(C,)`.
        keep: 1 − ε.
        share: ε/C.
        hit: `(R, C)`, where the target part is not zero by construction.
        everywhere: Does the smoothing part count?
        kept: `(R,)`, rows that are not ignored.
        divisor: `()`, of the mean; one for other reductions.
        upstream: `(R,)`.
        reduced: Are the rows added up?
        probable: Is the target one of class probabilities?
    """

    parts: Parts
    formats: Formats
    log_p: Real
    p: Real
    target: Real
    weight: Real
    keep: Real
    share: Real
    hit: NDArray[np.bool_]
    everywhere: bool
    kept: NDArray[np.bool_]
    divisor: Real
    upstream: Real
    reduced: bool
    probable: bool

    def total(self, values: Real) -> Real:
        """Return sums over the last axis."""
        return self.parts.total(values, self.formats)

    def over_classes(self, terms: Real, present: NDArray[np.bool_]) -> Real:
        """Return `(R,)`, sums of the terms that are present, 0 in ignored rows."""
        sums = self.total(np.where(present, terms, -np.zeros_like(terms)))
        return np.where(self.kept, sums, np.zeros_like(sums))

    def reduce(self, rows: Real, mean: Mean) -> Real:
        """Return the rows, or their sum over the divisor."""
        return mean(self.total(rows), self.divisor) if self.reduced else rows

    @property
    def present(self) -> NDArray[np.bool_]:
        """Where a class counts at all."""
        return self.hit | self.everywhere

    @property
    def effective(self) -> Real:
        """`(R, C)`, (1 − ε) t w + ε/C w."""
        both = self.keep * self.target * self.weight + self.share * self.weight
        return np.where(self.present, both, 0 * both)


def joined(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c ((1 − ε) t w + ε/C w) (−log p)."""
    return p.reduce(p.over_classes(-(p.effective * p.log_p), p.present), mean)


def nested(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c (w ((1 − ε) t + ε/C)) (−log p)."""
    e = p.weight * (p.keep * p.target + p.share)
    return p.reduce(p.over_classes(-(e * p.log_p), p.present), mean)


def weights_last(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c ((−log p) ((1 − ε) t + ε/C)) w."""
    terms = (-p.log_p * (p.keep * p.target + p.share)) * p.weight
    return p.reduce(p.over_classes(terms, p.present), mean)


def weights_first(p: Pieces, mean: Mean) -> Real:
    """Return Σ_c ((−log p) w) ((1 − ε) t + ε/C)."""
    terms = (-p.log_p * p.weight) * (p.keep * p.target + p.share)
    return p.reduce(p.over_classes(terms, p.present), mean)


def _two_sums(p: Pieces) -> tuple[Real, Real]:
    own = p.over_classes((-p.log_p * p.target) * p.weight, p.hit)
    everywhere = np.broadcast_to(np.asarray(p.everywhere), p.hit.shape)
    return own, p.over_classes(-(p.log_p * p.weight), everywhere)


def rows_apart(p: Pieces, mean: Mean) -> Real:
    """Return (1 − ε) w_y (−log p_y) + ε/C Σ w (−log p), row by row.

    Of class indices: at logits of −inf the table of special values takes a class
    probability and its smoothing together, so that 0 · inf or inf − inf cannot arise.
    """
    if p.probable:
        return joined(p, mean)
    own, every = _two_sums(p)
    return p.reduce(p.keep * own + p.share * every, mean)


def reduced_apart(p: Pieces, mean: Mean) -> Real:
    """Return (1 − ε) of one reduced loss + ε/C of the other, for class indices."""
    if p.probable:
        return nested(p, mean)
    own, every = (p.reduce(rows, mean) for rows in _two_sums(p))
    return np.asarray(p.keep * own + p.share * every)


def divided_rows(p: Pieces, mean: Mean) -> Real:
    """Return the sum of row losses that were divided by W first."""
    rows = p.over_classes(-(p.effective * p.log_p), p.present)
    if not p.reduced:
        return rows
    # Of no rows there is a sum, but no mean.
    return (
        p.total(mean(rows, p.divisor))
        if p.kept.any()
        else mean(0 * p.divisor, p.divisor)
    )


def normalised(p: Pieces, mean: Mean) -> Real:
    """Return Σ (e/W) (−log p)."""
    if not p.reduced or not p.kept.any():
        return joined(p, mean)
    e = mean(p.effective, p.divisor)
    return p.total(p.over_classes(-(e * p.log_p), p.present))


# --- Its gradient by the logits


def _column(a: Real) -> Real:
    return a[:, np.newaxis]


def _mass(p: Pieces) -> Real:
    return _column(p.total(p.effective))


def scaled_last(p: Pieces) -> Real:
    """Return (p a − e) · (u/W)."""
    return (p.p * _mass(p) - p.effective) * _column(p.upstream / p.divisor)


def scaled_first(p: Pieces) -> Real:
    """Return p (a s) − e s."""
    s = _column(p.upstream / p.divisor)
    return p.p * (_mass(p) * s) - p.effective * s


def scaled_each(p: Pieces) -> Real:
    """Return (p s) a − s e, with a the sum of what is in e."""
    s = _column(p.upstream / p.divisor)
    return (p.p * s) * _mass(p) - s * p.effective


def scaled_sum(p: Pieces) -> Real:
    """Return p Σ(e s) − e s."""
    es = p.effective * _column(p.upstream / p.divisor)
    return p.p * _column(p.total(es)) - es


def normalised_first(p: Pieces) -> Real:
    """Return (p Σ(e/W) − e/W) u."""
    e = p.effective / p.divisor
    return (p.p * _column(p.total(e)) - e) * _column(p.upstream)


def divided_last(p: Pieces) -> Real:
    """Return ((p a − e) u) / W."""
    return ((p.p * _mass(p) - p.effective) * _column(p.upstream)) / p.divisor


def upstream_last(p: Pieces) -> Real:
    """Return ((p a − e) / W) u."""
    return ((p.p * _mass(p) - p.effective) / p.divisor) * _column(p.upstream)


def gradients_apart(p: Pieces) -> Real:
    """Return (1 − ε) (p Σtw − tw) s + ε/C (p Σw − w) s, for class indices."""
    if p.probable:
        return divided_last(p)
    s = _column(p.upstream / p.divisor)
    tw = np.where(p.hit, p.target * p.weight, 0 * p.p)
    own = (p.p * _column(p.total(tw)) - tw) * (p.keep * s)
    every = (p.p * p.total(p.weight) - p.weight) * (p.share * s)
    return np.asarray(own + every) if p.everywhere else own


# --- By class probabilities and by weights, without the minus sign


def log_last(p: Pieces) -> tuple[Real, Real]:
    """Return (w (1 − ε) s) log p, and (mixed s) log p."""
    s = _column(p.upstream / p.divisor)
    mixed = p.keep * p.target + p.share
    return (p.weight * p.keep * s) * p.log_p, (mixed * s) * p.log_p


def log_first(p: Pieces) -> tuple[Real, Real]:
    """Return ((log p · w) (1 − ε)) s, and (log p · mixed) s."""
    s = _column(p.upstream / p.divisor)
    mixed = p.keep * p.target + p.share
    return ((p.log_p * p.weight) * p.keep) * s, (p.log_p * mixed) * s


def scale_first(p: Pieces) -> tuple[Real, Real]:
    """Return ((s log p) w) (1 − ε), and (s log p) mixed."""
    sl = _column(p.upstream / p.divisor) * p.log_p
    mixed = p.target * p.keep + p.share
    return (sl * p.weight) * p.keep, sl * mixed


@dataclass(frozen=True)
class Order:
    """In which order factors are multiplied and terms added."""

    mean: Mean = divided
    slope: Slope = two_over_n_first
    value: Value = joined
    gradient: Gradient = scaled_last
    others: Callable[[Pieces], tuple[Real, Real]] = log_last


@dataclass(frozen=True)
class Composed(NumpyBackend):
    """The NumPy backend, composed in another order."""

    order: Order = field(default_factory=Order)

    def _evaluate(
        self, case: Case, buffers: dict[str, NDArray[Any]]
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        formats = self.parts.formats(buffers["input"].dtype.name)
        if case.loss == "cross_entropy":
            return self._classified(case, buffers, formats)
        return self._regressed(case, buffers, formats)

    def _regressed(
        self, case: Case, buffers: Mapping[str, NDArray[Any]], formats: Formats
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        parts, names = self.parts, ("input", "target")
        x, y = (parts.widen(buffers[name], formats) for name in names)
        d = np.subtract(x, y)
        n = parts.divisor(case.reduction, np.asarray(d.size, formats.compute))
        value = parts.terms[case.loss](d)
        if case.reduction != "none":
            value = self.order.mean(parts.total(value.reshape(-1), formats), n)
        u = parts.cotangent(buffers.get("upstream"), value.shape, formats)
        if case.loss == "mse":
            slope = np.broadcast_to(self.order.slope(d, n, u), d.shape)
        else:
            slope = np.asarray(np.where(np.isnan(d), 0 * u, np.sign(d)) * (u / n))
        return parts.store(np.asarray(value), formats), self.gathered(
            buffers, slope, formats
        )

    def gathered(
        self, buffers: Mapping[str, NDArray[Any]], slope: Real, formats: Formats
    ) -> dict[str, NDArray[Any]]:
        """Return the stored gradients, summed where an argument was broadcast."""
        made = {}
        for name, sign in (("input", 1), ("target", -1)):
            shape = buffers[name].shape
            g = _regression._gathered(self.parts, sign * slope, shape, formats)  # noqa: SLF001
            made[name] = self.parts.store(g, formats)
        return made

    def _classified(
        self, case: Case, buffers: Mapping[str, NDArray[Any]], formats: Formats
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        p = self.pieces(case, buffers, formats)
        value = self.order.value(p, self.order.mean)
        others = self.order.others(p) if p.probable else None
        return self.stored(buffers, p, value, self.order.gradient(p), others)

    def stored(
        self,
        buffers: Mapping[str, NDArray[Any]],
        p: Pieces,
        value: Real,
        by_input: Real,
        others: tuple[Real, Real] | None,
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        """Return the results in their own shapes and in the storage format."""
        shape, store = buffers["input"].shape, self.parts.store
        if not p.reduced:
            axis = class_axis(len(shape))
            value = value.reshape(shape[:axis] + shape[axis + 1 :])
        rows = {"input": self.parts.mask_rows(by_input, p.kept)}
        if others is not None:
            rows["target"] = -others[0]
        made = {k: store(from_rows(g, shape), p.formats) for k, g in rows.items()}
        if others is not None and "weight" in buffers:
            made["weight"] = store(p.total(-others[1].T), p.formats)
        return store(np.asarray(value), p.formats), made

    def pieces(
        self, case: Case, buffers: Mapping[str, NDArray[Any]], formats: Formats
    ) -> Pieces:
        """Return what cross-entropy is composed of."""
        parts = self.parts
        logits = parts.widen(buffers["input"], formats)
        log_p, p = along_classes(parts, logits, formats)
        weight = parts.class_weights(buffers.get("weight"), p.shape[1], formats)
        spread = parts.spread(
            float(case.options.get("label_smoothing", 0.0)), p.shape[1]
        )
        keep, share = (np.asarray(v, formats.compute) for v in spread)
        target, hit, kept = _target(parts, case, buffers, formats, p.shape)
        divisor = np.asarray(len(p), formats.compute)
        if buffers["target"].dtype.kind in "iu":
            own = parts.total(np.where(hit, weight, 0 * weight), formats)
            divisor = parts.weight_sum(parts, own, kept, formats)
        reduced = case.reduction != "none"
        size = () if reduced else (len(p),)
        given = buffers.get("upstream")
        flat = None if given is None else given.reshape(size)
        u = np.broadcast_to(parts.cotangent(flat, size, formats), (len(p),))
        return Pieces(
            parts,
            formats,
            log_p,
            p,
            target,
            weight,
            keep,
            share,
            hit,
            bool(share != 0),
            kept,
            parts.divisor(case.reduction, divisor),
            u,
            reduced,
            buffers["target"].dtype.kind not in "iu",
        )


def _target(
    parts: Parts,
    case: Case,
    buffers: Mapping[str, NDArray[Any]],
    formats: Formats,
    shape: tuple[int, ...],
) -> tuple[Real, NDArray[np.bool_], NDArray[np.bool_]]:
    if buffers["target"].dtype.kind not in "iu":
        target = as_rows(parts.widen(buffers["target"], formats))
        return target, np.ones(shape, np.bool_), np.ones(shape[0], np.bool_)
    ignored = int(case.options.get("ignore_index", IGNORE_INDEX))
    labels = parts.indices(buffers["target"].reshape(-1), shape[1], ignored)
    kept = _cross_entropy.kept_rows(labels, ignored)
    hit = np.where(kept, labels, -1)[:, np.newaxis] == np.arange(shape[1])
    return hit.astype(formats.compute), hit, kept
