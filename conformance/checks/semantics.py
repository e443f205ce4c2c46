"""What the losses mean in detail: requirements on the verdicts of other families.

Each selects, by a feature of `conformance.checks.details`, cases on which well-known
implementations disagree or have been wrong; the note says who. Values and gradients are
judged by `values` and `gradients`, rejections by `errors`: nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.checks.requirement import Context, Family, Requirement
from conformance.checks.sources import SHORT, TORCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.verdict import Verdict

_CE: Final = ("cross_entropy",)
_PAIR: Final = ("mae", "mse")
_EVERY: Final = (*_PAIR, *_CE)
_BOTH: Final = ("value", "gradient.input")
_VALUE: Final = ("value",)
_GRADIENT: Final = ("gradient.input",)
_ENDINGS: Final = {"value": "VALUE", "gradient.input": "GRADIENT"}


@dataclass(frozen=True)
class _Row:
    """One row of the catalogue; it makes a requirement for each loss and quantity."""

    feature: str
    statement: str
    note: str = ""
    losses: tuple[str, ...] = _CE
    quantities: tuple[str, ...] = _BOTH
    needs: frozenset[str] = frozenset()
    source: str = ""


_IGNORE: Final = frozenset({"ignore_index"})
_WEIGHT: Final = frozenset({"weight"})
_SMOOTHING: Final = frozenset({"label_smoothing"})
_SHARES: Final = frozenset({"class_probabilities"})
_UPSTREAM: Final = frozenset({"upstream"})

_IGNORED: Final = (
    _Row(
        "ignore-default",
        "without the option, rows of target −100 are ignored",
        "Chainer's default is −1, apex' is class 0; Keras, TensorFlow, optax: none",
        needs=_IGNORE,
    ),
    _Row(
        "ignore-negative",
        "a negative ignore_index of one's own is honoured and not counted",
        "Paddle and torch/xla counted such rows in the mean",
        needs=_IGNORE,
    ),
    _Row(
        "ignore-class",
        "a class of the range can be ignored as a target; it stays in the softmax",
        "asked for otherwise in torch #63004 and Chainer #1027",
        needs=_IGNORE,
    ),
    _Row(
        "ignore-beyond",
        "an ignore_index beyond the classes is no index into anything",
        "torch._refs and old Paddle gathered with it",
        needs=_IGNORE,
    ),
    _Row("ignore-first", "the first row can be ignored", needs=_IGNORE),
    _Row("ignore-last", "the last row can be ignored", needs=_IGNORE),
    _Row(
        "ignore-none",
        "an ignore_index that no target has changes nothing",
        needs=_IGNORE,
    ),
    _Row(
        "ignore-all",
        "if all rows are ignored the mean is nan, the sum 0",
        "Chainer, Liger and Transformer Engine return 0, as does Keras",
        quantities=_VALUE,
        needs=_IGNORE,
    ),
    _Row(
        "smoothing-ignored",
        "ignored rows take no part in label smoothing",
        "torch before 1.10.1, tinygrad and sockeye left their share in",
        needs=_IGNORE | _SMOOTHING,
    ),
)
_WEIGHTS: Final = (
    _Row(
        "weight-zero",
        "a class of weight zero counts with zero",
        needs=_WEIGHT,
    ),
    _Row(
        "weight-negative",
        "negative class weights are weights like others",
        "burn forbids them; torch's CPU and GPU once disagreed",
        needs=_WEIGHT,
    ),
    _Row(
        "weight-below-one",
        "the mean divides by the total weight also where it is below 1",
        "kernels that clamp the denominator at 1 do not",
        needs=_WEIGHT,
    ),
    _Row(
        "weight-total-zero",
        "a total weight of zero makes the mean of 0/0 or x/0",
        "Apple's MPS once returned 0; burn forbids weights up to 0",
        quantities=_VALUE,
        needs=_WEIGHT,
    ),
    _Row(
        "smoothing-weight",
        "smoothing weighs each class by its own weight, and the mean still divides by "
        "the weights of the targets",
        "Liger once used the target's weight throughout",
        needs=_WEIGHT | _SMOOTHING,
    ),
    _Row(
        "smoothing-whole",
        "smoothing of 1 leaves the uniform distribution over all classes",
        "Megatron and sockeye spread ε over the other C − 1 classes; MLX refuses 1",
        needs=_SMOOTHING,
    ),
)
_PROBABILITIES: Final = (
    _Row(
        "probabilities-unnormalised",
        "shares that do not sum to 1 are used as they are; the gradient is p Σt − t",
        "TensorFlow's gradient is p − t; scikit-learn refuses them",
        needs=_SHARES,
    ),
    _Row(
        "probabilities-masked",
        "a share of 0 at a logit of −inf leaves the gradient finite",
        "the value adds 0·inf, nan, or the limit, 0; optax has both variants",
        quantities=_GRADIENT,
        needs=_SHARES,
    ),
    _Row(
        "probabilities-negative",
        "a negative share is a number like others",
        needs=_SHARES,
    ),
    _Row(
        "probabilities-smoothed",
        "class probabilities are smoothed like indices",
        needs=_SHARES | _SMOOTHING,
    ),
    _Row(
        "probabilities-weighted",
        "class weights multiply each term, and the mean divides by the number of rows",
        "Paddle weighs whole rows and divides by Σ w t",
        needs=_SHARES | _WEIGHT,
    ),
    _Row(
        "probabilities-one-hot",
        "one-hot shares are shares: the mean divides by the number of rows",
        needs=_SHARES,
    ),
)
_SHAPES: Final = (
    _Row(
        "one-class",
        "with one class the loss is 0, whatever the logit",
        quantities=_VALUE,
    ),
    _Row("unbatched", "logits of shape (C,) are one row", quantities=_GRADIENT),
    _Row("k-dim-1", "in (N, C, d) every position is a row, the class axis is 1"),
    _Row(
        "k-dim-2",
        "in (N, C, d1, d2) every position is a row, the class axis is 1",
        "Keras, MLX, optax, tinygrad and Paddle take the last axis",
    ),
    _Row("k-dim-3", "in (N, C, d1, d2, d3) every position is a row"),
    _Row("k-dim-4", "with four axes of positions and more, every position is a row"),
    _Row(
        "square",
        "where C is the size of the other axes too, the class axis is still 1",
    ),
    _Row(
        "empty-batch",
        "no rows: the mean is nan, the sum 0",
        "Keras returns nothing or 0",
        quantities=_VALUE,
    ),
    _Row(
        "empty-positions",
        "no positions: the mean is nan, the sum 0, none empty",
        quantities=_VALUE,
    ),
    _Row("rows-2048", "2048 rows and more are counted and added exactly enough"),
    _Row(
        "rows-65504",
        "as many rows as a half can count, and more, are counted",
        "torch's CPU kernel counts them in float16",
    ),
    _Row("classes-257", "more classes than a byte or bfloat16 can count"),
    _Row("classes-2049", "more classes than a half can count"),
    _Row("classes-32000", "a vocabulary of 32 000 classes"),
    _Row(
        "label-256",
        "a label past 255 keeps its value",
        "a narrowing to 8 bits or bfloat16 does not",
    ),
    _Row("label-2048", "a label past 2047 keeps its value"),
)
_COTANGENTS: Final = (
    _Row(
        "upstream-varied",
        "an upstream gradient that differs by row reaches each row",
        "Transformer Engine once ignored its stride",
        _EVERY,
        _GRADIENT,
        _UPSTREAM,
    ),
    _Row(
        "upstream-zero",
        "rows with an upstream gradient of zero have gradient zero, others not",
        "",
        _EVERY,
        _GRADIENT,
        _UPSTREAM,
    ),
    _Row(
        "upstream-signed",
        "a negative upstream gradient turns the sign",
        "",
        _EVERY,
        _GRADIENT,
        _UPSTREAM,
    ),
    _Row(
        "upstream-power",
        "an upstream gradient that is a power of two scales exactly",
        "Liger and Transformer Engine skip the kernel at 1",
        _EVERY,
        _GRADIENT,
        _UPSTREAM,
    ),
    _Row(
        "upstream-nan",
        "nan in the upstream gradient reaches its row",
        "",
        _CE,
        _GRADIENT,
        _UPSTREAM,
    ),
    _Row(
        "upstream-infinite",
        "infinity in the upstream gradient makes its row not finite",
        "",
        _CE,
        _GRADIENT,
        _UPSTREAM,
    ),
)
_NUMBERS: Final = (
    _Row(
        "equal",
        "where the arguments are equal the loss is 0, and its derivative is 0",
        "JAX gives |x| the derivative 1 at 0, as old torch did",
        _PAIR,
        _GRADIENT,
    ),
    _Row(
        "input-nan",
        "nan in the input makes the term nan",
        "JAX' derivative of |x| there is −1, NumPy's sign is nan",
        _PAIR,
    ),
    _Row("target-nan", "nan in the target makes the term nan", "", _PAIR),
    _Row("input-infinite", "an infinite input makes the term infinite", "", _PAIR),
    _Row("target-infinite", "an infinite target makes the term infinite", "", _PAIR),
    _Row("equal-infinities", "inf − inf is nan", "", _PAIR, _VALUE),
    _Row("many-elements", "2048 elements and more are counted and added", "", _PAIR),
)

_WHERE: Final = {
    "target": "at a target",
    "elsewhere": "at another class",
    "everywhere": "in a whole row",
    "ignored": "in an ignored row",
    "weightless": "in a row of weight zero",
}
_WHAT: Final = {"plus-infinity": "+inf", "minus-infinity": "−inf", "nan": "nan"}
_DISAGREE: Final = {
    "minus-infinity-target": "Keras clips the loss at 16.118",
    "minus-infinity-elsewhere": "Keras on JAX and NumPy, and tinygrad, give nan",
    "nan-ignored": "Liger and Transformer Engine write a gradient of 0 there",
    "minus-infinity-everywhere": "flash-attention once gave nan for a leading tile",
}
_LAYOUTS: Final = {
    "transposed": "with the axes in another order in memory",
    "strided": "with gaps between the elements",
    "negative-strides": "backwards in memory",
    "expanded": "with strides of zero",
    "offset": "not at the start of its buffer",
    "channels-last": "with the class axis last in memory",
}


def _specials() -> Iterator[_Row]:
    needs = {"ignored": _IGNORE, "weightless": _WEIGHT}
    for what, sign in _WHAT.items():
        for where, place in _WHERE.items():
            feature = f"{what}-{where}"
            statement = f"logits of {sign} {place} lead to the table of special values"
            note = _DISAGREE.get(feature, "")
            yield _Row(feature, statement, note, needs=needs.get(where, frozenset()))
    for name, needs_, plural in (
        ("weight-nan", _WEIGHT, "nan as a class weight leads"),
        ("weight-infinite", _WEIGHT, "an infinite class weight leads"),
        ("probabilities-special", _SHARES, "nan or infinity as a share leads"),
    ):
        statement = f"{plural} to the table of special values"
        yield _Row(name, statement, needs=needs_)


def _layouts() -> Iterator[_Row]:
    for argument in ("input", "target", "weight", "upstream"):
        losses = _CE if argument == "weight" else _EVERY
        needs = {"weight": _WEIGHT, "upstream": _UPSTREAM}.get(argument, frozenset())
        for layout, words in _LAYOUTS.items():
            if argument in ("weight", "upstream") and layout in _FLAT.get(argument, ()):
                continue
            only_input = layout == "channels-last" and argument != "input"
            if only_input:
                continue
            kinds = _GRADIENT if argument == "upstream" else _BOTH
            statement = f"{argument} may lie {words}"
            some = _CE if layout == "channels-last" else losses
            source = "torch.Tensor.stride"
            if layout == "negative-strides":
                source = "numpy.ndarray.strides"
            yield _Row(
                f"{argument}-{layout}", statement, "", some, kinds, needs, source
            )


_FLAT: Final = {"weight": ("transposed",)}
"""Layouts that arrays of one axis do not have."""


def _rows() -> Iterator[_Row]:
    yield from (*_IGNORED, *_WEIGHTS, *_PROBABILITIES, *_SHAPES)
    yield from (*_COTANGENTS, *_NUMBERS, *_specials(), *_layouts())


_REJECTED: Final = {
    "target-negative": "a negative class index other than ignore_index is rejected",
    "target-classes": "class index C and above, other than ignore_index, is rejected",
    "target-beyond-int32": "a class index that does not fit 32 bits is not narrowed",
    "target-none": "a wrong class index is rejected without reduction too",
    "target-mean": "a wrong class index is rejected under the mean too",
    "target-sum": "a wrong class index is rejected under the sum too",
    "target-weight": "a wrong class index is rejected with class weights too",
    "target-smoothing": "a wrong class index is rejected with label smoothing too",
    "target-ignore": "a wrong class index is rejected with an ignore_index too",
    "target-shape": "a target of another shape than the rows is rejected",
    "target-float": "a target of real numbers with the shape of indices is rejected",
    "target-bool": "a target of truth values is rejected",
}
_ACCEPTED: Final = (
    "TensorFlow on GPU, XLA and optax return nan, Keras on JAX 0, ONNX' reference wraps"
)


def _rejections() -> Iterator[Requirement]:
    options = {
        "target-weight": _WEIGHT,
        "target-smoothing": _SMOOTHING,
        "target-ignore": _IGNORE,
        "target-float": _SHARES,
    }
    for feature, statement in _REJECTED.items():
        yield Requirement(
            f"CE-REJECTS-{feature.upper()}",
            statement,
            TORCH["cross_entropy"],
            "cross_entropy",
            "rejection",
            "an exception is raised",
            frozenset({"invalid:target", feature}),
            options.get(feature, frozenset()),
            _ACCEPTED if "index" in statement else "",
        )


def _requirements() -> Iterator[Requirement]:
    for row in _rows():
        for loss in row.losses:
            for quantity in row.quantities:
                short = SHORT[loss]
                part = quantity.replace("gradient.input", "grad-input").upper()
                rule = f"{short}-{part}" if loss in _CE else f"{short}-GRAD"
                if quantity == "value":
                    rule = f"{short}-{{NONE,MEAN,SUM}}"
                yield Requirement(
                    f"{short}-{row.feature.upper()}-{_ENDINGS[quantity]}",
                    row.statement,
                    row.source or TORCH[loss],
                    loss,
                    quantity,
                    rule,
                    frozenset({row.feature}),
                    row.needs,
                    row.note,
                )
    yield from _rejections()


def _check(_context: Context) -> Iterable[Verdict]:
    return ()


SEMANTICS: Final = Family(tuple(_requirements()), _check)
