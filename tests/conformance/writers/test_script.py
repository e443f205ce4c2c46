"""A witness as a script in plain torch shows by itself what the suite found."""

from __future__ import annotations

import ast
import subprocess
import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from conformance.answer import answer
from conformance.backend import execute
from conformance.builders.corpus import corpus
from conformance.case import Array, Case
from conformance.findings import first_cover, shipped
from conformance.loading import load
from conformance.measure import examine
from conformance.verdict import Evidence, Status, Verdict
from conformance.writers import script

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMERIC = ("value", "gradient")
APART = "print('apart')"


def known_scripts() -> Iterator[tuple[str, str]]:
    """Yield a script for each number that a known finding's witness gets wrong."""
    backend = load("torch:cpu")
    for entry in shipped(["torch:cpu"]):
        for dtype in entry.dtypes:
            for item in corpus(entry.loss, dtype):
                if item.name == entry.witness:
                    output = execute(backend, item.case)
                    judged = examine(item.case, answer(item.case), backend, output)
                    for verdict in (j.verdict for j in judged):
                        covered = first_cover([entry], item.case, verdict)
                        if covered and verdict.quantity.startswith(NUMERIC):
                            yield f"{covered}-{dtype}", script.write(item.case, verdict)


@pytest.mark.torch
def test_every_known_finding_shows_in_a_script_of_its_own() -> None:
    """Plain torch, in a fresh interpreter, gives a number beyond the bound."""
    pytest.importorskip("torch")
    scripts = dict(known_scripts())
    assert len(scripts) >= 15
    text = f"\n{APART}\n".join(scripts.values())
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", text],
        capture_output=True,
        text=True,
        check=True,
    )
    for name, printed in zip(scripts, done.stdout.split("apart\n"), strict=True):
        got, exact, bound = (line.split(maxsplit=1)[1] for line in printed.splitlines())
        error = abs(float(got) - float(Fraction(exact.rstrip("…"))))
        assert not error <= float(bound), name


def test_a_layout_and_an_upstream_gradient_are_written_out() -> None:
    """What the case holds is what the script builds, strides and garbage included."""
    x = Array(np.array([9, 0, 1, 0.1], np.float32), (2,), (2,), 1)
    up = Array.of([0.5, -1.0], "float32")
    options = {"reduction": "none"}
    target = Array.of([1.0, 1.0], "float32")
    case = Case("mse", "float32", {"input": x, "target": target}, options, up)
    exact = Evidence(index=(0,), exact="-1", bound="0")
    verdict = Verdict("gradient.input", Status.VIOLATES, evidence=exact)
    text = script.write(case, verdict)
    ast.parse(text)
    assert "[9.0, 0.0, 1.0, 0.10000000149011612]" in text
    assert ".as_strided((2,), (2,), 1).requires_grad_()" in text
    assert "mse_loss(input, target, reduction='none')" in text
    assert "[0.5, -1.0]" in text


def test_a_wrong_reception_is_told_in_words() -> None:
    """Where there is no number to compare with, the script says what is due."""
    one = Array.of([1.0], "float32")
    case = Case("mae", "float32", {"input": one, "target": one})
    verdict = Verdict("rejection", Status.ACCEPTED_INVALID, detail="accepted, although")
    assert "accepted, although" in script.write(case, verdict)
