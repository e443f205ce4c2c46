"""`oracle`: what is the exact answer?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from conformance.commands.numerals import parse
from conformance.commands.options import words, writable
from conformance.files import FileError, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.commands.question import Question

FORMATS: Final = ("binary16", "bfloat16", "binary32", "binary64")
PRECISION: Final = 64
_FILE: Final = click.Path(path_type=Path)


class Numerals(click.ParamType):  # type: ignore[type-arg]  # older ones are not generic
    """Numbers or nested lists of numbers; after `@`, an array in a file."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        """Return what the text writes, or what the file holds."""
        try:
            return _load(value[1:]) if value.startswith("@") else parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _load(place: str) -> object:
    from conformance.commands.arrays import load

    return load(place)


def _show_schema(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - click's signature
    value: bool,  # noqa: FBT001 - click's signature
) -> None:
    if value and not ctx.resilient_parsing:
        from conformance.commands.oracle_json import schema

        click.echo(schema(), nl=False)
        ctx.exit()


_NUMBERS: Final = Numerals()


@click.command()
@click.argument(
    "loss", type=click.Choice(["mae", "mse", "cross_entropy"]), required=False
)
@click.option("--input", type=_NUMBERS, help="Predictions or logits.")
@click.option("--target", type=_NUMBERS, help="Targets.")
@click.option(
    "--reduction",
    type=click.Choice(["none", "mean", "sum"]),
    help="Default: mean.",
)
@click.option("--upstream", type=_NUMBERS, help="Upstream gradient. Default: ones.")
@click.option(
    "--tangent",
    type=_NUMBERS,
    help="A direction of the shape of input: derivatives along it are shown too.",
)
@click.option("--weight", type=_NUMBERS, help="Class weights (cross_entropy).")
@click.option("--ignore-index", type=int, help="Default: -100 (cross_entropy).")
@click.option("--label-smoothing", type=_NUMBERS, help="In [0, 1] (cross_entropy).")
@click.option(
    "--target-kind",
    type=click.Choice(["index", "probability"]),
    help="Default: class indices if all targets are written as integers.",
)
@click.option(
    "--arrays",
    type=_FILE,
    help="An .npz or .safetensors file whose arrays are named input, target, …",
)
@click.option(
    "--dtype",
    type=click.Choice(["float16", "bfloat16", "float32", "float64"]),
    help="Round input, weight, upstream, tangent, real targets to this format first.",
)
@click.option("--case", type=_FILE, help="Ask what a JSON file with a case asks.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print; --schema describes the JSON.",
)
@click.option(
    "--formats",
    multiple=True,
    callback=words("format", lambda: FORMATS),
    help="Formats to round to; repeat or separate by commas. Default: all.",
)
@click.option("--all", "everything", is_flag=True, help="Show every element.")
@click.option("--output", type=_FILE, help="Write arrays to this .npz file as well.")
@click.option(
    "--certificate", type=_FILE, help="Write a certificate to this JSON file as well."
)
@click.option(
    "--precision",
    type=click.IntRange(16, 65536),
    default=PRECISION,
    show_default=True,
    help="Relative bits of the transcendental parts in JSON and certificates.",
)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_schema,
    help="Print the JSON Schema of answers and certificates, and exit.",
)
def oracle(loss: str | None, **options: Any) -> None:
    """Print the exact LOSS, its correct rounding in every format, and its gradients.

    With --tangent also the Hessian-vector product and forward mode along it.

    Numbers are exact: integers, fractions (2/3), and the float64 that a decimal or
    hexadecimal literal means. Write a list as 1,2,3 or as [[0, -6], [1, 2]], or name a
    file: @FILE.npy, @FILE.npz:NAME, @FILE.safetensors:NAME, without :NAME if the file
    holds one array. Pickled arrays are not loaded. NumPy's files hold bfloat16 as raw
    bytes: add --dtype bfloat16.

    \b
      loss-conformance oracle mae --input 1,2,3 --target 1,2,5
      loss-conformance oracle cross_entropy --input '[[0, -6]]' --target '[0]'
      loss-conformance oracle cross_entropy --arrays batch.npz --output exact.npz
      loss-conformance oracle --case case.json --format json

    Text shows 16 elements of each quantity, JSON and certificates 1000; more with
    --all. --output writes, for value, gradient.ARGUMENT and derivative.NAME, the arrays
    QUANTITY.lower and QUANTITY.upper (float64, rounded outward),
    QUANTITY.rounded_FORMAT and QUANTITY.admitted (what else is admitted: 1 nan, 2 inf,
    4 -inf, 8 zero, 16 finite).
    """  # noqa: D301 - \b is click's mark for text that is not to be wrapped
    shown = {
        name: options.pop(name)
        for name in ("form", "formats", "everything", "precision")
    }
    files = {name: options.pop(name) for name in ("output", "certificate")}
    _check(**files)
    question = _question(loss, options)
    try:
        _write(question, **files, **shown)
    except FileError as error:
        raise click.UsageError(str(error)) from error
    for piece in _pieces(question, **shown):
        click.echo(piece, nl=False)


def _check(output: Path | None, certificate: Path | None) -> None:
    """Refuse files that could not be written, before anything is computed."""
    if output is not None and output.suffix != ".npz":
        msg = f"--output must name an .npz file, got {str(output)!r}"
        raise click.UsageError(msg)
    for path in (output, certificate):
        if path is not None:
            writable(path)


def _question(loss: str | None, options: dict[str, Any]) -> Question:
    from conformance.commands.question import QuestionError, from_case, from_options

    case, arrays, dtype = (options.pop(name) for name in ("case", "arrays", "dtype"))
    given = {name: value for name, value in options.items() if value is not None}
    try:
        if case is None:
            return from_options(loss, given, arrays, dtype)
        others = {"arrays": arrays, "dtype": dtype, **given}
        extra = [f"--{n.replace('_', '-')}" for n, v in others.items() if v is not None]
        if loss is not None or extra:
            names = ", ".join([*([] if loss is None else ["LOSS"]), *extra])
            msg = f"--case says all that is asked: leave out {names}"
            raise click.UsageError(msg)
        return from_case(case)
    except QuestionError as error:
        raise click.UsageError(str(error)) from None


def _pieces(
    question: Question,
    *,
    form: str,
    formats: tuple[str, ...],
    everything: bool,
    precision: int,
) -> Iterable[str]:
    """Return what is printed, piece by piece."""
    from conformance.commands import oracle_json, oracle_text

    if form == "json":
        most = None if everything else oracle_json.MOST
        return oracle_json.answer(question, formats, precision, most)
    shown = None if everything else oracle_text.SHOWN
    return (f"{line}\n" for line in oracle_text.lines(question, formats, shown))


def _write(
    question: Question,
    *,
    output: Path | None,
    certificate: Path | None,
    formats: tuple[str, ...],
    everything: bool,
    precision: int,
    **_others: object,
) -> None:
    from conformance.commands import oracle_arrays, oracle_json

    if output is not None:
        for sentence in oracle_arrays.write(question, formats, output):
            click.echo(sentence, err=True)
    if certificate is not None:
        most = None if everything else oracle_json.MOST
        texts = oracle_json.certificate(question, precision, most)
        with writing(certificate) as file:
            file.writelines(text.encode() for text in texts)
