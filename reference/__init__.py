"""An arbitrary-precision reference for the MAE, MSE and cross-entropy losses.

>>> import reference
>>> result = reference.mae([1, 2, 3], [1, 2, 5])
>>> result.value.lower.item()
Fraction(2, 3)
>>> result.value.round_to("binary32").item().hex()
'0x1.5555560000000p-1'
"""

from __future__ import annotations

from reference.element import Admit
from reference.enclosure import Enclosure, Undecided, admits
from reference.formats import FORMATS, Format, format_named
from reference.numbers import ProblemError
from reference.oracle import Result, evaluate
from reference.problem import (
    IGNORE_INDEX,
    Problem,
    cross_entropy_problem,
    regression_problem,
)

__all__ = [
    "FORMATS",
    "Admit",
    "Enclosure",
    "Format",
    "Problem",
    "ProblemError",
    "Result",
    "Undecided",
    "admits",
    "cross_entropy",
    "evaluate",
    "format_named",
    "mae",
    "mse",
]


def mae(
    input: object,
    target: object,
    *,
    reduction: str = "mean",
    upstream: object = None,
    tangent: object = None,
) -> Result:
    r"""Return the exact mean absolute error and its gradients.

    .. math:: L = \frac1n \sum_i |x_i - y_i|

    Args:
        input: Predictions x, any shape: nested lists of int, float or Fraction, or an
            array of float16, bfloat16, float32 or float64. A float means its exact
            value.
        target: Targets y, of a shape that broadcasts with `input`'s.
        reduction: `none`, `mean` or `sum`.
        upstream: The cotangent, of the shape of the value; ones by default.
        tangent: A direction v, of the shape of `input`.

    Returns:
        `value`, and `gradient["input"]`, `gradient["target"]`; with a tangent also
        `derivatives["hvp"]`, H v with H = ∂(gradient by input)/∂input, and
        `derivatives["jvp"]`, the derivative of the loss along v.

    Raises:
        ProblemError: If an argument is not what the loss accepts.

    Source:
        torch.nn.L1Loss.
    """
    return evaluate(
        regression_problem(
            "mae",
            input,
            target,
            reduction=reduction,
            upstream=upstream,
            tangent=tangent,
        )
    )


def mse(
    input: object,
    target: object,
    *,
    reduction: str = "mean",
    upstream: object = None,
    tangent: object = None,
) -> Result:
    r"""Return the exact mean squared error and its gradients.

    .. math:: L = \frac1n \sum_i (x_i - y_i)^2

    Arguments, result and errors are those of `mae`.

    Source:
        torch.nn.MSELoss.

    >>> mse([1, 2, 3], [1, 2, 5]).gradient["input"].lower.tolist()
    [Fraction(0, 1), Fraction(0, 1), Fraction(-4, 3)]
    """
    return evaluate(
        regression_problem(
            "mse",
            input,
            target,
            reduction=reduction,
            upstream=upstream,
            tangent=tangent,
        )
    )


def cross_entropy(
    input: object,
    target: object,
    *,
    weight: object = None,
    ignore_index: int = IGNORE_INDEX,
    reduction: str = "mean",
    label_smoothing: object = 0.0,
    upstream: object = None,
    target_kind: str | None = None,
    tangent: object = None,
) -> Result:
    r"""Return the exact cross-entropy of logits and its gradients.

    .. math:: l_n = -\sum_c e_{n,c} \log \operatorname{softmax}(x_n)_c

    Args:
        input: Logits x: `(C,)`, `(N, C)` or `(N, C, d1, …)`; see `mae` for the types.
        target: Class indices, of `input`'s shape without C, or class probabilities, of
            `input`'s shape.
        weight: `(C,)`, one factor for each class.
        ignore_index: Class index that contributes nothing and is not counted by `mean`.
        reduction: `none`, `mean` or `sum`.
        label_smoothing: In [0, 1].
        upstream: The cotangent, of the shape of the value; ones by default.
        target_kind: `index` or `probability`. By default a target is class indices if
            and only if all its elements are integers.
        tangent: A direction v, of the shape of `input`.

    Returns:
        `value`, and `gradient["input"]`; `gradient["target"]` for class probabilities,
        `gradient["weight"]` if there are weights; `derivatives` as of `mae` if there is
        a tangent.

    Raises:
        ProblemError: If an argument is not what the loss accepts.

    Source:
        torch.nn.CrossEntropyLoss; special values in `reference.losses.cross_entropy`.

    >>> result = cross_entropy([[-16777216, 1]], [0])
    >>> result.value.round_to("binary32").item()  # 16777217 is a midpoint of binary32
    16777218.0
    >>> result = cross_entropy([[0, 0]], [0], tangent=[[1, -1]])
    >>> result.derivatives["hvp"].lower.tolist()
    [[Fraction(1, 2), Fraction(-1, 2)]]
    >>> result.derivatives["jvp"].lower.item()
    Fraction(-1, 1)
    """
    return evaluate(
        cross_entropy_problem(
            input,
            target,
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
            upstream=upstream,
            target_kind=target_kind,
            tangent=tangent,
        )
    )
