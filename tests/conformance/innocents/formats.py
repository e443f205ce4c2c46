"""Other formats inside than those of contract `wide`, and the composition in stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from compositions import Composed
from mean_slopes import divided

from conformance.backends._arithmetic import Formats
from conformance.case import numpy_dtype
from reference import format_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pieces import Pieces

    from conformance.backend import Output
    from conformance.backends._arithmetic import Real
    from conformance.case import Case


def as_stored(dtype: str) -> Formats:
    """Return the storage format for everything."""
    return Formats(numpy_dtype(dtype), numpy_dtype(dtype))


def as_double(dtype: str) -> Formats:
    """Return float64 for everything inside."""
    return Formats(numpy_dtype(dtype), np.dtype(np.float64))


def once(values: Real, formats: Formats) -> NDArray[Any]:
    """Return float64 values rounded once, also where a library converts by float32."""
    fmt = format_named(formats.storage.name)
    exact = values.astype(np.float64)
    _, exponent = np.frexp(exact)
    step = np.maximum(exponent - fmt.precision, fmt.emin - fmt.precision + 1)
    unit = np.ldexp(np.ones(exact.shape), np.maximum(step, -1074))
    rounded = np.where(np.isfinite(exact), np.rint(exact / unit) * unit, exact)
    rounded = np.where(exact == 0, exact, rounded)
    return rounded.astype(formats.storage)


@dataclass(frozen=True)
class Flushing(Composed):
    """The NumPy backend on a processor that flushes subnormal numbers to zero."""

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:
        """Return the loss and its gradients."""
        import torch

        torch.set_flush_denormal(True)
        try:
            return super().run(case, buffers)
        finally:
            torch.set_flush_denormal(False)


class Stage:
    """Rounds to the storage format, as every public operation does.

    The contract `staged` takes the precision of a stage, not its range: where a stored
    intermediate of a finite result overflows, that is a finding. So here it does not.
    Nor is 2/n stored where it is subnormal, which is one as well: torch does that.
    """

    def __init__(self, formats: Formats) -> None:
        """Remember the formats."""
        self.formats = formats

    def __call__(self, values: Real) -> Real:
        """Return the values after they were stored."""
        stored = values.astype(self.formats.storage).astype(self.formats.compute)
        return np.where(np.isfinite(stored), stored, values)


@dataclass(frozen=True)
class Staged(Composed):
    """The composition that eager torch documents, every operation stored."""

    def _regressed(
        self, case: Case, buffers: Mapping[str, NDArray[Any]], formats: Formats
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        stage, parts = Stage(formats), self.parts
        x, y = (parts.widen(buffers[name], formats) for name in ("input", "target"))
        d = stage(x - y)
        terms = stage(parts.terms[case.loss](d))
        value = terms
        n = parts.divisor(case.reduction, np.asarray(d.size, formats.compute))
        if case.reduction != "none":
            value = divided(parts.total(terms.reshape(-1), formats), n)
        u = parts.cotangent(buffers.get("upstream"), value.shape, formats)
        slope = (
            np.where(np.isnan(d), 0 * u, np.sign(d)) if case.loss == "mae" else 2 * d
        )
        scale = np.asarray(u / n)
        if 2 / n >= 2.0 ** format_named(formats.storage.name).emin:
            scale = stage(scale)
        slope = stage(scale * slope)
        return parts.store(np.asarray(value), formats), self.gathered(
            buffers, slope, formats
        )

    def _classified(
        self, case: Case, buffers: Mapping[str, NDArray[Any]], formats: Formats
    ) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        pieces = self.pieces(case, buffers, formats)
        chain = Chain(pieces, Stage(formats), "weight" in buffers, case.reduction)
        value, by_input = chain.value(), chain.gradient()
        others = chain.others() if pieces.probable else None
        return self.stored(buffers, pieces, value, by_input, others)


@dataclass(frozen=True, eq=False)
class Chain:
    """Cross-entropy in stages, forward and backward.

    Attributes:
        pieces: What it is composed of, log p not stored yet.
        stage: Stores.
        weighted: Are there weights?
        reduction: The reduction.
    """

    pieces: Pieces
    stage: Stage
    weighted: bool
    reduction: str

    @property
    def log_p(self) -> Real:
        """What log-softmax returns."""
        return self.stage(self.pieces.log_p)

    @property
    def mixed(self) -> Real:
        """Class probabilities after smoothing."""
        p = self.pieces
        if not p.everywhere and p.keep == 1:
            return p.target
        return self.stage(self.stage(p.target * p.keep) + p.share)

    def weigh(self, values: Real) -> Real:
        """Return the values times the weights."""
        return self.stage(values * self.pieces.weight) if self.weighted else values

    def value(self) -> Real:
        """Return the loss."""
        p, stage = self.pieces, self.stage
        if p.probable:
            rows = p.over_classes(
                self.weigh(stage(-self.log_p * self.mixed)), p.present
            )
            return self._mean(rows) if p.reduced else rows
        rows = p.over_classes(-self.log_p * p.target * p.weight, p.hit)
        own = stage(p.reduce(rows, divided))
        if not p.everywhere:
            return own
        every = stage(p.over_classes(self.weigh(-self.log_p), p.present))
        every = stage(self._mean(every)) if p.reduced else every
        return stage(own * p.keep) + stage(every * p.share)

    def _mean(self, rows: Real) -> Real:
        p = self.pieces
        total = self.stage(p.total(rows))
        return total / self._divisor() if self.reduction == "mean" else total

    def _divisor(self) -> Real:
        return self.stage(self.pieces.divisor) if self.weighted else self.pieces.divisor

    def gradient(self) -> Real:
        """Return the gradient by the logits."""
        p, stage, g = self.pieces, self.stage, self._backward()
        made = np.exp(self.log_p) * p.total(g)[:, np.newaxis] - g
        return np.asarray(stage(made))

    def _backward(self) -> Real:
        p, stage = self.pieces, self.stage
        if p.probable:
            return stage(self.weigh(self._scale()) * self.mixed)
        up = p.upstream[:, np.newaxis]
        first = stage(up * p.keep) if p.everywhere else up
        own = stage(np.where(p.hit, first * p.weight / p.divisor, 0 * p.p))
        if not p.everywhere:
            return own
        every = stage(up * p.share)
        every = stage(every / self._divisor()) if self.reduction == "mean" else every
        return stage(own + self.weigh(np.broadcast_to(every, p.p.shape)))

    def _scale(self) -> Real:
        p = self.pieces
        scale = p.upstream[:, np.newaxis]
        return self.stage(scale / p.divisor) if self.reduction == "mean" else scale

    def others(self) -> tuple[Real, Real]:
        """Return the gradients by probabilities and by weights, up to sign."""
        p, stage = self.pieces, self.stage
        by_target = stage(self.weigh(self._scale()) * self.log_p)
        by_target = stage(by_target * p.keep) if p.keep != 1 else by_target
        by_target = np.broadcast_to(by_target, p.p.shape)
        return by_target, stage(stage(self.log_p * self.mixed) * self._scale())
