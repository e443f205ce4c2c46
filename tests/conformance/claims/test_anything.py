"""Whatever a claim holds, it is refused or judged; nothing else happens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformance.claims import fields
from conformance.claims.claim import (
    KINDS,
    Checked,
    ClaimError,
    Document,
    Place,
    Verdict,
)
from conformance.claims.judging import judge
from conformance.claims.showing import FORMATS

NUMBER = st.one_of(
    st.integers(-2, 9),
    st.sampled_from([10**500, -(10**30), 2**63]),
    st.sampled_from(
        ["0.5", "-1.5", "1e-400", "1e400", "0.1", "nan", "inf", "-inf", "65504"]
    ).map(Decimal),
    st.sampled_from(["2/3", "-1/7", "1"]),
)
ARRAY = st.recursive(NUMBER, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
VECTORS = st.one_of(ARRAY, st.lists(NUMBER, min_size=2, max_size=3))
FORMULA = st.sampled_from(
    [
        "sum(input)",
        "input",
        "1/0",
        "log(input[0])",
        "n ** 3",
        "open(1)",
        "exp(sum(input))",
        "(sum(input) + 1) ** 64 * 0",
        "sum(input) ** 64",
    ]
)
ARGUMENTS: dict[str, Any] = {
    "loss": st.sampled_from(["mae", "mse", "cross_entropy"]),
    "input": VECTORS,
    "target": VECTORS,
    "weight": VECTORS,
    "upstream": VECTORS,
    "reduction": st.sampled_from(["none", "mean", "sum"]),
    "ignore_index": st.integers(-200, 2),
    "label_smoothing": NUMBER,
    "target_kind": st.sampled_from(["index", "probability"]),
    "dtype": st.sampled_from(["float16", "bfloat16", "float32", "float64"]),
    "formula": FORMULA,
    "by": st.sampled_from(["input", "target", "weight"]),
}
FEW = st.fixed_dictionaries({}, optional=ARGUMENTS)
SAYS: dict[str, Any] = {
    "shape": st.lists(st.integers(0, 3), max_size=2),
    "interprets-as": st.sampled_from(["index", "probability"]),
    "dtype": st.sampled_from(["float16", "float32"]),
    "raises": st.just("RuntimeError"),
}
DIGITS = st.recursive(
    st.sampled_from(["0", "0.67", "nan", "inf", "2/3", "-1e-30", "1e300"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Return a claim that may or may not make sense."""
    kind = draw(st.sampled_from(KINDS))
    table: dict[str, Any] = draw(FEW)
    # Most claims have a loss of something, or nothing would be reached.
    for name in ("loss", "input", "target"):
        if draw(st.integers(0, 9)):
            table.setdefault(name, draw(ARGUMENTS[name]))
    table["kind"] = kind
    if kind in {"value", "gradient"} or kind in SAYS:
        table["says"] = draw(SAYS.get(kind, DIGITS))
    if kind in {"equals", "orders"}:
        table["terms"] = draw(st.lists(FEW, min_size=2, max_size=3))
    if draw(st.booleans()):
        table["settings"] = draw(st.lists(FEW, max_size=2))
    if draw(st.booleans()):
        table["fix"] = draw(FEW)
    return table


@given(tables())
def test_a_claim_is_refused_or_judged(table: dict[str, Any]) -> None:
    """Odd numbers, shapes and mixtures lead to a verdict that can be shown."""
    try:
        claim = fields.read(table, Place("x.toml", 1), 1)
    except ClaimError:
        return
    ruling = judge(claim)
    assert ruling.verdict in Verdict
    checked = [Checked(Document("x.toml", "", (claim,)), (ruling,))]
    assert all(show(checked) for show in FORMATS.values())
