"""`oracle`: what is the exact answer?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands.numerals import NumeralError, parse, rounded_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference import Enclosure, Result

_FORMATS: Final = ("binary16", "bfloat16", "binary32", "binary64")
_SHOWN: Final = 16


class Numerals(click.ParamType):  # type: ignore[type-arg]  # older ones are not generic
    """Numbers or nested lists of numbers."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Return what the text writes."""
        try:
            return parse(value)
        except NumeralError as error:
            self.fail(str(error), param, ctx)


_NUMBERS: Final = Numerals()


@click.command()
@click.argument("loss", type=click.Choice(["mae", "mse", "cross_entropy"]))
@click.option("--input", type=_NUMBERS, required=True, help="Predictions or logits.")
@click.option("--target", type=_NUMBERS, required=True, help="Targets.")
@click.option("--reduction", type=click.Choice(["none", "mean", "sum"]), default="mean")
@click.option("--upstream", type=_NUMBERS, help="Upstream gradient. Default: ones.")
@click.option("--weight", type=_NUMBERS, help="Class weights (cross_entropy).")
@click.option("--ignore-index", type=int, help="Default: -100 (cross_entropy).")
@click.option("--label-smoothing", type=_NUMBERS, help="In [0, 1] (cross_entropy).")
@click.option(
    "--target-kind",
    type=click.Choice(["index", "probability"]),
    help="Default: class indices if all targets are written as integers.",
)
@click.option(
    "--dtype",
    type=click.Choice(["float16", "bfloat16", "float32", "float64"]),
    help="Round input, weight, upstream and real targets to this format first.",
)
@click.option("--all", "everything", is_flag=True, help="Print every element.")
def oracle(loss: str, *, everything: bool, **options: Any) -> None:
    """Print the exact LOSS, its correct rounding in every format, and its gradients.

    Numbers are exact: integers, fractions (2/3), and the float64 that a decimal or
    hexadecimal literal means. Write a list as 1,2,3 or as [[0, -6], [1, 2]].

    \b
      loss-conformance oracle mae --input 1,2,3 --target 1,2,5
      loss-conformance oracle cross_entropy --input '[[0, -6]]' --target '[0]'
    """  # noqa: D301 - \b is click's mark for text that is not to be wrapped
    result = _evaluate(loss, options)
    limit = None if everything else _SHOWN
    for line in _lines(result, limit):
        click.echo(line)


def _evaluate(loss: str, options: dict[str, Any]) -> Result:
    import reference

    dtype = options.pop("dtype")
    given = {name: value for name, value in options.items() if value is not None}
    foreign = set(given) & {"weight", "ignore_index", "label_smoothing", "target_kind"}
    if loss != "cross_entropy" and foreign:
        names = ", ".join(f"--{n.replace('_', '-')}" for n in sorted(foreign))
        msg = f"{names} must be left out for {loss}: only cross_entropy takes it"
        raise click.UsageError(msg)
    if dtype is not None:
        given = _at_dtype(loss, given, dtype)
    try:
        return getattr(reference, loss)(**given)  # type: ignore[no-any-return]  # by name
    except reference.ProblemError as error:
        raise click.UsageError(str(error)) from None


def _at_dtype(loss: str, given: dict[str, Any], dtype: str) -> dict[str, Any]:
    names = {"input", "weight", "upstream"}
    if loss != "cross_entropy" or not _indices(given):
        names.add("target")
    return {k: rounded_to(v, dtype) if k in names else v for k, v in given.items()}


def _indices(given: dict[str, Any]) -> bool:
    def integral(value: object) -> bool:
        if isinstance(value, list):
            return all(map(integral, value))
        return isinstance(value, int)

    kind = given.get("target_kind")
    return kind == "index" if kind else integral(given["target"])


def _lines(result: Result, limit: int | None) -> Iterator[str]:
    problem = result.problem
    kind = "indices" if problem.target_kind == "index" else "probabilities"
    meaning = f", target read as class {kind}"
    yield (
        f"{problem.loss}, reduction {problem.reduction}, input of shape "
        f"{problem.input.shape}{meaning if problem.loss == 'cross_entropy' else ''}"
    )
    yield from _quantity("value", result.value, limit)
    for name, gradient in result.gradient.items():
        yield from _quantity(f"gradient by {name}", gradient, limit)


def _quantity(name: str, exact: Enclosure, limit: int | None) -> Iterator[str]:
    size = math.prod(exact.shape)
    shown = size if limit is None else min(size, limit)
    yield ""
    yield f"{name}{f', shape {exact.shape}' if exact.shape else ''}"
    if not size:
        yield "  no element"
        return
    rounded = {f: _rounded(exact, f) for f in _FORMATS}
    for i in range(shown):
        where = (
            f"[{', '.join(map(str, _position(i, exact.shape)))}] "
            if exact.shape
            else ""
        )
        yield f"  {where}exact     {exact.describe(i, 25)}{_admitted(exact, i)}"
        for form in _FORMATS:
            text = rounded[form][i]
            yield f"  {' ' * len(where)}{form:9} {text}"
    if shown < size:
        yield f"  … and {size - shown} more; --all prints them"


def _position(index: int, shape: tuple[int, ...]) -> list[int]:
    places: list[int] = []
    for size in reversed(shape):
        index, place = divmod(index, size)
        places.append(place)
    return places[::-1]


def _rounded(exact: Enclosure, form: str) -> list[str]:
    from reference import Undecided

    try:
        values = exact.round_to(form).astype(float).ravel().tolist()
    except Undecided as undecided:
        return [f"undecided: {undecided}"] * math.prod(exact.shape)
    return [f"{value!r:24} {value.hex()}" for value in values]


def _admitted(exact: Enclosure, index: int) -> str:
    from reference import Admit

    also = Admit(int(exact.also.ravel()[index]))
    names = [str(a.name).lower().replace("_", " ") for a in Admit if a and a in also]
    return f"   (also admitted: {', '.join(names)})" if names else ""
