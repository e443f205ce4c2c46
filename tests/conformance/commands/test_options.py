"""What a user may have meant is said, and long lists are not."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from conformance.backend import LOSSES
from conformance.case import DTYPES
from conformance.cli import cli
from conformance.commands.oracle import FORMATS as ROUNDINGS
from conformance.spelling import FEW, OTHER_NAMES, suggestion
from conformance.writers.registry import FORMATS


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("check", "numpy", "--dtype", "fp32"), "float32"),
        (("check", "numpy", "--dtype", "BF16"), "bfloat16"),
        (("check", "numpy", "--dtype", "half"), "float16"),
        (("check", "numpy", "--loss", "l1"), "mae"),
        (("self-test", "--loss", "mse_loss"), "mse"),
        (("self-test", "--dtype", "binary64"), "float64"),
        (
            ("oracle", "mae", "--input", "1", "--target", "2", "--formats", "float32"),
            "binary32",
        ),
    ],
)
def test_what_others_call_it_is_understood(
    arguments: tuple[str, ...], meant: str
) -> None:
    """It is an error all the same, which names our word."""
    done = CliRunner().invoke(cli, list(arguments))
    assert done.exit_code == 2
    assert f"did you mean '{meant}'?" in done.output


def test_every_other_name_leads_to_words_of_ours() -> None:
    """None of them is one of ours where it is suggested."""
    ours = {*LOSSES, *DTYPES, *ROUNDINGS, *FORMATS}
    for other, names in OTHER_NAMES.items():
        assert set(names) <= ours
        assert other == other.lower()


def test_a_long_list_is_not_printed() -> None:
    """A few are, with their number; the closest one alone where there is one."""
    many = [f"word-{number}" for number in range(FEW + 1)]
    assert suggestion("xyz", many) == (
        "13 are known, such as word-0, word-1, word-2, word-3"
    )
    assert suggestion("wrod-7", many) == "did you mean 'word-7'?"
    assert suggestion("xyz", many[:2]) == "known: word-0, word-1"


def test_an_unknown_mutant_lists_a_few() -> None:
    """Not all of more than two hundred."""
    done = CliRunner().invoke(cli, ["self-test", "xyzzyx"])
    assert done.exit_code == 2
    assert " are known, such as " in done.output
    assert len(done.output) < 500
