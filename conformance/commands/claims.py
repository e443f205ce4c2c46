"""`claims`: do the numbers and statements of a text hold?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from conformance.commands.options import put, say, writable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.claims.claim import Checked, Claim, Ruling

_FILE: Final = click.Path(path_type=Path)
_NOTHING: Final = 5


@click.command()
@click.argument("files", type=_FILE, nargs=-1)
@click.option(
    "--tutorial",
    is_flag=True,
    help="Check the claims of a tutorial on the three losses, which come along.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.option("--output", type=_FILE, help="Write to this file instead.")
@click.option("--strict", is_flag=True, help="Exit 1 on ~ and ? as well.")
@click.option(
    "--fix",
    is_flag=True,
    help="Write FILE.corrected beside each file with wrong numbers, and show the diff.",
)
@click.option(
    "--allow-exec",
    is_flag=True,
    help="Run the code of `works` and `raises` claims: see above.",
)
def claims(
    files: tuple[Path, ...],
    *,
    tutorial: bool,
    form: str,
    output: Path | None,
    strict: bool,
    fix: bool,
    allow_exec: bool,
) -> int:
    """Hold what texts say about losses against exact values.

    FILE is a TOML file about a page, your own Markdown or a notebook:

    \b
      schema = "loss-conformance.claims/1"      # page.toml
      [[claim]]
      line = 41
      loss = "mse"
      input = [1, 2, 3]
      target = [1, 2, 5]
      says = "1.3333"                           # digits, as text

    \b
      <!-- claim loss = "mae", input = [1, 2], target = [1, 3], says = "0.5" -->
      # claim loss = "mae", input = [1, 2], target = [1, 3], says = "0.5"

    the last two in Markdown and in a notebook's code. In Markdown what is judged is the
    number in the paragraph above; near = "MAE is" names the words before it where there
    are others, visible = false says that it is not there. kind is value (the default),
    gradient, works, raises, equals, orders, interprets-as, dtype, shape or manual.
    `python -m pydoc conformance.claims.fields` describes every key.

    \b
      ✓ holds, to the last digit that is written
      ~ cut off, rounded to the wrong side, or right in the named dtype alone; or
        text and comment differ, or it is unclear which number of the text is meant
      ! runs, but means something else
      ✗ is false, fails as written, or is not what the text beside it says
      ? depends: true under some of its settings
      – not checkable, or not run

    Numbers are compared by their digits with the exact value, never with a float.
    works and raises are judged by torch where it is installed, else by its documented
    rules. Their code is the ```python block directly above the comment, or stands in
    it: code = "…". It is read, not run, unless --allow-exec is given. It then runs in a
    subprocess for at most 60 s, with limits and, where unshare can, without a network.
    That contains accidents, not attackers: it can read and delete your files. Use a
    container for what you do not trust.

    Exit codes: 0 all that is judged holds; 1 a claim is false, fails or means something
    else; 2 a file is malformed; 5 nothing was judged.
    """  # noqa: D301 - \b is click's mark for text that is not to be wrapped
    if tutorial == bool(files):
        msg = "either name files with claims, or give --tutorial"
        raise click.UsageError(msg)
    if output is not None:
        writable(output)
    checked = _checked(_shipped() if tutorial else files, run_code=allow_exec)
    from conformance.claims.showing import FORMATS

    put(FORMATS[form](checked), output)
    if fix:
        _fix(checked)
    return _code(checked, strict=strict)


def _shipped() -> tuple[Path, ...]:
    import conformance.claims

    return (Path(conformance.claims.__file__).with_name("tutorial.toml"),)


def _checked(files: Sequence[Path], *, run_code: bool) -> list[Checked]:
    """Read all files before anything is judged or run."""
    from conformance.claims.claim import Checked, ClaimError
    from conformance.claims.documents import every, load
    from conformance.claims.judging import is_run

    try:
        documents = every(load, files)
    except ClaimError as error:
        raise click.UsageError(str(error)) from None
    if run_code:
        _warn(sum(is_run(claim) for d in documents for claim in d.claims))
    return [
        Checked(d, tuple(_judge(claim, run_code=run_code) for claim in d.claims))
        for d in documents
    ]


def _warn(count: int) -> None:
    from conformance.claims.sandbox import has_network

    if count and has_network():
        click.echo("code is run with access to the network: no unshare here", err=True)


def _judge(claim: Claim, *, run_code: bool) -> Ruling:
    from conformance.claims.judging import is_run, judge
    from conformance.claims.sandbox import SECONDS

    if run_code and is_run(claim):
        say(f"running the code of {claim.place}, at most {SECONDS} s", err=True)
    return judge(claim, run_code=run_code)


def _fix(checked: Sequence[Checked]) -> None:
    from conformance.claims.fixing import corrected, difference

    for one in checked:
        path = one.document.path
        text, left = corrected(one)
        for sentence in left:
            say(sentence, err=True)
        if text != one.document.text:
            target = Path(f"{path}.corrected")
            writable(target)
            put(text, target)
            say(difference(path, one.document.text, text).rstrip("\n"), err=True)


def _code(checked: Sequence[Checked], *, strict: bool) -> int:
    from conformance.claims.claim import CARELESS, UNJUDGED, WRONG

    verdicts = {r.verdict for one in checked for r in one.rulings}
    if verdicts & (WRONG | CARELESS if strict else WRONG):
        return 1
    return 0 if verdicts - UNJUDGED else _NOTHING
