"""A case is what it says, is named by its content, and survives a file."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.builders.pool import pool_case
from conformance.case import DTYPES, Array, Case, contiguous_strides, numpy_dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOSSES = ("mae", "mse", "cross_entropy")

pool = st.builds(
    pool_case, st.sampled_from(LOSSES), st.sampled_from(DTYPES), st.integers(0, 10**6)
)


def simple(**changes: Any) -> Case:
    """Return a small case with some fields changed."""
    arguments = {
        "input": Array.of([1, 2, 3], "float32"),
        "target": Array.of([1, 2, 5], "float32"),
    }
    return replace(Case("mae", "float32", arguments), **changes)


def golden() -> dict[str, Case]:
    """Return cases whose ids must never change."""
    odd = [float("nan"), float("inf"), -0.0, 2.0**-149]
    strided = Array(np.arange(6, dtype=np.float16), (2, 2), (3, -1), 1)
    logits = Array.of([[0.5, -1.0]], "bfloat16")
    labels = Array.of(np.array([-100]))
    return {
        "bea668f123ac": simple(),
        "8c68eb240531": simple(upstream=Array.of(2.0, "float32")),
        "10c8f7af986d": Case("mse", "float16", {"input": strided, "target": strided}),
        "e3ae01272bc9": simple(arguments={"input": Array.of(odd, "float32")}),
        "c5ccf53c8908": Case(
            "cross_entropy",
            "bfloat16",
            {"input": logits, "target": labels},
            {"ignore_index": -100, "label_smoothing": 0.1, "reduction": "none"},
        ),
    }


@pytest.mark.parametrize("name", ["input", "target", "upstream", "tangent"])
def test_a_case_is_contiguous_if_every_array_is(name: str) -> None:
    """Gaps and turned axes of any array count; an offset and an axis of one do not."""
    base = np.arange(12, dtype=np.float32)
    dense = Array(base, (3, 2), (2, 1), 4)
    arrays = dict.fromkeys(("input", "target", "upstream", "tangent"), dense)
    layouts = {
        True: [dense, Array(base, (3, 2), (2, 1)), Array(base, (1, 2), (9, 1))],
        False: [
            Array(base, (3, 2), (4, 2)),
            Array(base, (3, 2), (1, 3)),
            Array(base, (3, 2), (0, 1)),
            Array(base, (3, 2), (-2, 1), 4),
        ],
    }
    for wanted, some in layouts.items():
        for layout in some:
            one = arrays | {name: layout}
            two = {k: one[k] for k in ("input", "target")}
            case = simple(
                arguments=two, upstream=one["upstream"], tangent=one["tangent"]
            )
            assert case.contiguous is wanted


def test_ids_never_change() -> None:
    """The id of a case is the same in every version and on every platform."""
    assert [case.id for case in golden().values()] == list(golden())


def test_an_id_is_the_hash_of_canonical_json() -> None:
    """The id is SHA-256 over sorted, compact JSON with hexadecimal floats."""
    one = '{"base":["0x1.8000000000000p+0"],"dtype":"float32","offset":0,"shape":[1],'
    one += '"strides":[1]}'
    text = '{"arguments":{"input":' + one + ',"target":' + one + '},"dtype":"float32",'
    text += '"loss":"mae","options":{"ignore_index":{"int":"-100"}},"upstream":null}'
    array = Array.of([1.5], "float32")
    case = simple(
        arguments={"target": array, "input": array}, options={"ignore_index": -100}
    )
    assert case.id == hashlib.sha256(text.encode()).hexdigest()[:12]


def test_another_process_gives_the_same_ids() -> None:
    """Ids do not depend on anything that changes from one process to the next."""
    code = (
        "from conformance.builders.pool import pool_case\n"
        "print([pool_case(l, 'bfloat16', 7).id for l in "
        "('mae', 'mse', 'cross_entropy')])"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == str([pool_case(s, "bfloat16", 7).id for s in LOSSES])


@given(case=pool)
@settings(max_examples=60)
def test_a_case_survives_json(case: Case) -> None:
    """Text and back gives the same id, layout, options, values and origin."""
    text = json.dumps(case.to_json(), allow_nan=False)
    again = Case.from_json(json.loads(text))
    assert again.id == case.id
    assert again.origin == case.origin
    assert repr(again.options) == repr(case.options)  # nan is a faulty option
    assert again.to_json() == case.to_json()
    for name, array in case.arguments.items():
        same(again.arguments[name], array)


def same(a: Array, b: Array) -> None:
    """Fail unless two arrays are the same view of the same numbers."""
    assert (a.shape, a.strides, a.offset) == (b.shape, b.strides, b.offset)
    assert a.base.dtype == b.base.dtype
    assert wide(a.base) == wide(b.base)


def wide(base: NDArray[Any]) -> list[str]:
    """Return numbers as text that tells zeros apart."""
    return [float(v).hex() for v in base]


@given(case=pool)
@settings(max_examples=30)
def test_the_origin_is_no_part_of_the_id(case: Case) -> None:
    """Cases from different places are the same case if the input is the same."""
    assert replace(case, origin="elsewhere").id == case.id


def test_every_part_of_the_input_is_part_of_the_id() -> None:
    """Cases that differ in anything a backend can see have different ids."""
    longer = np.array([1, 2, 3, 9], dtype=np.float32)
    hidden = Array(longer, (3,), (1,), 0)
    target = simple().arguments["target"]
    zeros = [Array.of([z], "float32") for z in (0.0, -0.0)]
    cases = [
        simple(),
        simple(loss="mse"),
        simple(dtype="float64"),
        simple(options={"reduction": "mean"}),
        simple(options={"reduction": "sum"}),
        simple(upstream=Array.of(1.0, "float32")),
        simple(arguments={"input": hidden, "target": target}),
        *(simple(arguments={"input": z, "target": z}) for z in zeros),
    ]
    assert len({case.id for case in cases}) == len(cases)


def test_all_nans_are_one() -> None:
    """The payload of a nan changes neither the id nor the file."""
    bits = np.array([0x7FC00000, 0x7FC00001, 0xFFC00000], dtype=np.uint32)
    ids = {simple(arguments={"input": Array.of(b.view(np.float32))}).id for b in bits}
    assert len(ids) == 1


def test_the_reduction_is_torchs_default() -> None:
    """Without a reduction a case means the mean."""
    assert simple().reduction == "mean"
    assert simple(options={"reduction": "none"}).reduction == "none"


@pytest.mark.parametrize("value", [True, None, [1]])
def test_other_options_are_refused(value: object) -> None:
    """An option that cannot be written down says so."""
    with pytest.raises(TypeError, match="must be a float, an int or a str"):
        _ = simple(options={"reduction": value}).id


@given(
    shape=st.lists(st.integers(0, 4), max_size=4).map(tuple),
    dtype=st.sampled_from(DTYPES),
)
def test_values_come_back_from_a_contiguous_array(
    shape: tuple[int, ...], dtype: str
) -> None:
    """`Array.of` and `view` are inverse, and strides are NumPy's."""
    values = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    array = Array.of(values, dtype)
    assert array.dtype == dtype
    assert np.array_equal(array.view().astype(np.float64), values)
    if values.size:
        item = values.itemsize
        assert contiguous_strides(shape) == tuple(s // item for s in values.strides)


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((3,), (2,), 0),
        ((2,), (1,), 3),
        ((2,), (-1,), 0),
        ((1,), (0,), -1),
        ((2, 2), (2, 2), 0),
    ],
)
def test_a_view_stays_within_its_buffer(
    shape: tuple[int, ...], strides: tuple[int, ...], offset: int
) -> None:
    """A view that would read other memory is refused, with what was given."""
    with pytest.raises(ValueError, match="must stay within its buffer of 4 elements"):
        Array(np.zeros(4), shape, strides, offset)


def test_a_view_may_touch_both_ends_of_its_buffer() -> None:
    """Negative and zero strides are fine as long as they stay inside."""
    base = np.arange(4.0)
    assert Array(base, (4,), (-1,), 3).view().tolist() == [3, 2, 1, 0]
    assert Array(base, (2, 2), (0, 3), 0).view().tolist() == [[0, 3], [0, 3]]
    assert Array(base, (0, 2), (9, 9), 99).view().shape == (0, 2)


def test_arguments_are_read_only_and_copies_are_not() -> None:
    """Nobody changes a case; a copy is writable and apart."""
    array = simple().arguments["input"]
    with pytest.raises(ValueError, match="read-only"):
        array.view()[0] = 9
    array.copy()[0] = 9
    assert array.view().tolist() == [1, 2, 3]


def test_a_half_of_google_is_known_by_name() -> None:
    """The name bfloat16 is a data type like the others."""
    assert numpy_dtype("bfloat16") == ml_dtypes.bfloat16
    assert numpy_dtype("float16") == np.float16


def test_a_tangent_is_part_of_a_case_only_where_there_is_one() -> None:
    """Without one, JSON and id are what they were before there were tangents."""
    arguments = {
        "input": Array.of([1, 2], "float32"),
        "target": Array.of([0, 0], "float32"),
    }
    plain = Case("mse", "float32", arguments)
    assert "tangent" not in plain.to_json()
    ids = {plain.id}
    for values in ([1, 0], [0, 1]):
        along = Case("mse", "float32", arguments, tangent=Array.of(values, "float32"))
        ids.add(along.id)
        again = Case.from_json(along.to_json())
        assert again.id == along.id
        assert again.tangent is not None
        assert again.tangent.view().tolist() == values
    assert len(ids) == 3
    assert Case.from_json(plain.to_json()).tangent is None
