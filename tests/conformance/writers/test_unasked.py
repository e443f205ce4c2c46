"""A report names what was not asked of a backend, so that nobody reads it as passed."""

from __future__ import annotations

from typing import Any

import pytest
from sample_runs import make_run, requirement

from conformance.writers import markdown, terminal
from conformance.writers.unasked import unasked


def run_with(reasons: dict[str, str], **backend: Any) -> dict[str, Any]:
    """Return a run whose backend `bad` lacks some of three requirements of MAE."""
    run = make_run()
    names = ("MAE-NONE", "MAE-SUM", "MAE-VALUE")
    run["requirements"] = [*map(requirement, names), requirement("MSE-VALUE")]
    run["backends"] = [run["backends"][0] | {"declined": {}} | backend]
    run["plan"] = {
        "planned": [[n, "bad", "float32"] for n in names if n not in reasons],
        "unsupported": [
            *([name, "bad", "float32", why] for name, why in reasons.items()),
            ["MSE-VALUE", "bad", "float32", "mse is not offered"],
        ],
    }
    return run


def test_all_that_was_asked_needs_no_line() -> None:
    """Of a loss that a backend does not have nothing is said: it has no row either."""
    assert not list(unasked(run_with({})))


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("weight is not offered", "weight"),
        ("a, b is not offered", "a, b"),
        ("a, b and c are not all offered", "a, b, c"),
        ("the path vmap is not offered", "path vmap"),
        ("equal bits are not promised", "equal bits are not promised"),
        ("rows only", "k-dim (rows only)"),
    ],
)
def test_what_was_not_asked_is_named(why: str, said: str) -> None:
    """Options, gradients, paths, and what is declined with its reason."""
    declined = {"k-dim": "rows only"} if said.startswith("k-dim") else {}
    (line,) = unasked(run_with({"MAE-SUM": why}, declined=declined))
    assert line == f"bad: not asked: {said}: 1 of 3 requirements"


def test_many_paths_are_counted() -> None:
    """Their names would hide the options among them."""
    reasons = {f"MAE-{n}": f"the path {n} is not offered" for n in ("NONE", "SUM")}
    (line,) = unasked(run_with(reasons))
    assert line == "bad: not asked: 2 other paths: 2 of 3 requirements"


def test_long_reasons_are_cut() -> None:
    """The line stays one to be read; the other reports have them in full."""
    declined = {"empty": "because " * 100}
    (line,) = unasked(run_with({"MAE-SUM": declined["empty"]}, declined=declined))
    assert len(line) < 150


@pytest.mark.parametrize(
    ("losses", "name", "said"),
    [
        (["cross_entropy"], "class_weights", "class_weights (did you mean weight?)"),
        (["cross_entropy"], "smooth_factor", "smooth_factor"),
        (["mae"], "reduce", "reduce (did you mean reduction?)"),
        (["mae"], "weight", "weight"),
    ],
)
def test_parameters_that_no_call_filled_are_named(
    losses: list[str], name: str, said: str
) -> None:
    """With torch's name for it where they look like a slip."""
    run = run_with({}, losses=losses, ignored=[name])
    (line,) = unasked(run)
    assert f"bad: never given, so they kept their defaults: its parameters {said};" in (
        line
    )


def test_every_report_says_it() -> None:
    """In the terminal and in Markdown."""
    run = run_with({"MAE-SUM": "upstream is not offered"})
    for text in (terminal.write(run, "run.json"), markdown.write(run, "run.json")):
        assert "bad: not asked: upstream: 1 of 3 requirements" in text
