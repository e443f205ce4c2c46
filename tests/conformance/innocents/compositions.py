"""The NumPy backend with the factors multiplied in another order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import orders
from mean_slopes import divided, two_over_n_first
from pieces import Pieces
from row_gradients import log_last, scaled_last
from row_losses import joined

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
    from pieces import Mean

    from conformance.backends._arithmetic import Formats, Real
    from conformance.backends._parts import Parts
    from conformance.case import Case

    Slope: TypeAlias = Callable[[Real, Real, Real], Real]
    Value: TypeAlias = Callable[["Pieces", Mean], Real]
    Gradient: TypeAlias = Callable[["Pieces"], Real]


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
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
        formats = self.parts.formats(buffers["input"].dtype.name)
        classified = case.loss == "cross_entropy"
        evaluate = self._classified if classified else self._regressed
        return *evaluate(case, buffers, formats), {}

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
            own = parts.total(np.where(hit, weight, np.zeros_like(weight)), formats)
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


@dataclass(frozen=True)
class ByLayout(Composed):
    """As composed over contiguous arguments, with sums in a sequence over others."""

    def _evaluate(
        self, case: Case, buffers: dict[str, NDArray[Any]]
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
        total = self.parts.total if case.contiguous else orders.sequential
        parts = replace(self.parts, total=total)
        other = Composed(self.name, parts, self.capabilities, self.order)
        return other._evaluate(case, buffers)  # noqa: SLF001 - its own base
