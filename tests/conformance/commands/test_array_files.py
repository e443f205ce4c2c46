"""Arrays come out of files as they went in; all else is refused in one line."""

from __future__ import annotations

import json
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from conformance.commands import safetensors
from conformance.commands.arrays import ArrayError, load, load_all
from conformance.commands.safetensors import DTYPES

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {np.dtype(v): k for k, v in DTYPES.items()}


def write_tensors(path: Path, tensors: dict[str, Any], **more: Any) -> None:
    """Write a safetensors file, byte by byte as its description says."""
    described: dict[str, Any] = {"__metadata__": {"by": "hand"}}
    data = b""
    for name, array in tensors.items():
        raw = array.tobytes()
        described[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
            **more,
        }
        data += raw
    head = json.dumps(described).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)


def same(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Say whether two arrays have the same type, shape and bits."""
    return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


ARRAYS = hnp.arrays(
    st.sampled_from(sorted(NAMES, key=str)),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
    elements=st.integers(0, 100),
)


@given(ARRAYS, ARRAYS)
def test_safetensors_are_read(
    tmp_path_factory: pytest.TempPathFactory,
    first: np.ndarray[Any, Any],
    second: np.ndarray[Any, Any],
) -> None:
    """Every dtype and shape is read back bit for bit, by its name, wherever it lies."""
    path = tmp_path_factory.mktemp("files") / "x.safetensors"
    write_tensors(path, {"a": first, "b:c": second})
    assert same(load(f"{path}:a"), first)
    assert same(load(f"{path}:b:c"), second)
    assert list(load_all(path)) == ["a", "b:c"]


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", "<i4", "<i8", "|u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_files_are_read(tmp_path: Path, dtype: str, order: Any) -> None:
    """`.npy` and `.npz` are read in either memory order, with or without the name."""
    array = np.array([[1, 2, 3], [4, 5, 6]], dtype=dtype, order=order)
    np.save(tmp_path / "x.npy", array)
    np.savez(tmp_path / "one.npz", x=array)
    np.savez_compressed(tmp_path / "two.npz", x=array, y=array)
    for place in ("x.npy", "one.npz", "one.npz:x", "two.npz:x"):
        got = load(f"{tmp_path}/{place}")
        assert got.dtype == array.dtype
        assert np.array_equal(got, array)


def test_other_byte_orders_become_this_machines(tmp_path: Path) -> None:
    """A big-endian array has the same numbers in native order."""
    np.save(tmp_path / "x.npy", np.array([1.5, -2], dtype=">f4"))
    got = load(f"{tmp_path}/x.npy")
    assert got.dtype.isnative
    assert got.tolist() == [1.5, -2]


def test_bfloat16_in_numpy_files_is_raw(tmp_path: Path) -> None:
    """NumPy keeps the two bytes of a bfloat16, and nothing that says what they are."""
    array = np.array([1.5, -2], dtype=ml_dtypes.bfloat16)
    np.save(tmp_path / "x.npy", array)
    got = load(f"{tmp_path}/x.npy")
    assert got.dtype == np.dtype("V2")
    assert same(got.view(ml_dtypes.bfloat16), array)


def test_a_suffix_inside_a_folder_name_does_not_mislead(tmp_path: Path) -> None:
    """The file's name ends at a suffix that a colon or nothing follows."""
    folder = tmp_path / "a.npz.d"
    folder.mkdir()
    np.save(folder / "x.npy", np.ones(1))
    assert load(f"{folder}/x.npy").tolist() == [1.0]


def broken(folder: Path) -> None:
    """Write files that are not what their names say."""
    np.savez(folder / "two.npz", input=np.ones(1), other=np.ones(1))
    np.save(folder / "one.npy", np.ones(1))
    np.save(folder / "objects.npy", np.array([None]), allow_pickle=True)
    np.savez(folder / "objects.npz", x=np.array([{}]), allow_pickle=True)
    (folder / "text.npy").write_text("1, 2, 3")
    (folder / "text.npz").write_text("1, 2, 3")
    (folder / "short.npy").write_bytes((folder / "one.npy").read_bytes()[:-1])
    with zipfile.ZipFile(folder / "text-inside.npz", "w") as archive:
        archive.writestr("x", "no array")
    with zipfile.ZipFile(folder / "empty.npz", "w"):
        pass
    (folder / "x.safetensors").write_bytes(b"12")
    (folder / "long.safetensors").write_bytes(struct.pack("<Q", 10**9) + b"{}")
    (folder / "list.safetensors").write_bytes(struct.pack("<Q", 2) + b"[]")
    (folder / "no.safetensors").write_bytes(struct.pack("<Q", 2) + b"{]")
    ones = np.ones(2, dtype="<f4")
    write_tensors(folder / "cut.safetensors", {"x": ones}, data_offsets=[0, 80])
    write_tensors(folder / "size.safetensors", {"x": ones}, shape=[3])
    write_tensors(folder / "odd.safetensors", {"x": ones}, dtype="F8_E4M3")
    write_tensors(folder / "minus.safetensors", {"x": ones}, shape=[-2])
    write_tensors(folder / "words.safetensors", {"x": ones}, shape=["two"])


@pytest.mark.parametrize(
    ("place", "part"),
    [
        ("none.npy", "must exist"),
        ("none.npz:x", "must exist"),
        ("none.safetensors", "must exist"),
        ("one.txt", "needed FILE.npy, FILE.npz:NAME or FILE.safetensors:NAME"),
        ("one.npy:x", "leave out ':x'"),
        ("two.npz", "holds 2 arrays: add ':NAME', one of input, other"),
        ("two.npz:inptu", "no array named 'inptu'; did you mean 'input'?"),
        ("two.npz:", "no array named ''; known: input, other"),
        ("empty.npz", "must hold an array, got none"),
        ("objects.npy", "got pickled objects, which are not loaded"),
        ("objects.npz:x", "got pickled objects, which are not loaded"),
        ("text.npy", "cannot be read"),
        ("text.npz", "cannot be read"),
        ("short.npy", "cannot be read"),
        ("text-inside.npz", "must hold arrays, got a bytes"),
        ("x.safetensors", "cannot be read: needed a header within"),
        ("long.safetensors", "cannot be read: needed a header within"),
        ("list.safetensors", "needed a header that names tensors, got a list"),
        ("no.safetensors", "cannot be read"),
        ("cut.safetensors", "damaged or cut off"),
        ("size.safetensors", "damaged or cut off"),
        ("odd.safetensors", "needed a dtype among F64"),
        ("minus.safetensors", "damaged or cut off"),
        ("words.safetensors", "cannot be read"),
    ],
)
def test_what_is_no_array_is_refused(tmp_path: Path, place: str, part: str) -> None:
    """One line says which file, what was needed, and what was got."""
    broken(tmp_path)
    with pytest.raises(ArrayError) as error:
        load(f"{tmp_path}/{place}")
    text = str(error.value).replace(str(tmp_path), "")
    assert part in text
    assert "\n" not in text


def test_only_archives_hold_many(tmp_path: Path) -> None:
    """A single array has no name to be known by."""
    np.save(tmp_path / "x.npy", np.ones(1))
    with pytest.raises(ArrayError, match=r"needed an \.npz or \.safetensors file"):
        load_all(tmp_path / "x.npy")


def test_the_dtypes_are_those_of_their_names() -> None:
    """The digits in the name of a dtype are its bits."""
    for name, dtype in safetensors.DTYPES.items():
        digits = int("".join(c for c in name if c.isdigit()))
        assert np.dtype(dtype).itemsize * 8 == digits
