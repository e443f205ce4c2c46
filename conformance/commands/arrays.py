"""Arrays in files: `.npy`, `.npz` and `.safetensors`, never pickled ones."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from conformance.commands import safetensors
from conformance.commands.options import suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PLACE: Final = re.compile(r"(.+?\.(npy|npz|safetensors))(?::(.*))?", re.DOTALL)

_UNREADABLE: Final = (
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class ArrayError(ValueError):
    """A file does not give the array asked for; the message says why."""


def load(place: str) -> NDArray[Any]:
    """Return the array at `FILE.npy`, `FILE.npz:NAME` or `FILE.safetensors:NAME`.

    `:NAME` may be left out where the file holds one array. Numbers are in the byte
    order of this machine; bfloat16 in a NumPy file is raw bytes, dtype `V2`.

    Raises:
        ArrayError: If there is no such file or name, or it does not hold numbers.
    """
    found = PLACE.fullmatch(place)
    if found is None:
        msg = (
            "needed FILE.npy, FILE.npz:NAME or FILE.safetensors:NAME after '@', "
            f"got {place!r}"
        )
        raise ArrayError(msg)
    path, kind, name = Path(found[1]), found[2], found[3]
    if kind == "npy":
        if name is not None:
            msg = f"{path} holds one array without a name: leave out ':{name}'"
            raise ArrayError(msg)
        return _native(path, _guarded(path, _npy, path))
    return _one(path, name)


def load_all(path: Path) -> dict[str, NDArray[Any]]:
    """Return all arrays of an `.npz` or `.safetensors` file, by name.

    Raises:
        ArrayError: If there is no such file, or it does not hold numbers.
    """
    return {name: _one(path, name) for name in names(path)}


def names(path: Path) -> Sequence[str]:
    """Return the names of the arrays in an `.npz` or `.safetensors` file.

    Raises:
        ArrayError: If it cannot be read as such.
    """
    if path.suffix == ".npz":
        return list(_guarded(path, _npz, path))
    if path.suffix == ".safetensors":
        tensors, _ = _guarded(path, safetensors.header, path)
        return list(tensors)
    msg = f"needed an .npz or .safetensors file, got {str(path)!r}"
    raise ArrayError(msg)


def _one(path: Path, name: str | None) -> NDArray[Any]:
    present = names(path)
    if not present:
        msg = f"{path} must hold an array, got none"
        raise ArrayError(msg)
    if name is None and len(present) > 1:
        listed = ", ".join(present)
        msg = f"{path} holds {len(present)} arrays: add ':NAME', one of {listed}"
        raise ArrayError(msg)
    name = present[0] if name is None else name
    if name not in present:
        msg = f"{path} has no array named {name!r}; {suggestion(name, present)}"
        raise ArrayError(msg)
    if path.suffix == ".npz":
        return _native(path, _guarded(path, _member, path, name))
    return _native(path, _guarded(path, safetensors.read, path, name))


def _guarded(path: Path, read: Any, *arguments: Any) -> Any:
    """Return what `read` returns; all that a broken file causes is an ArrayError."""
    try:
        return read(*arguments)
    except FileNotFoundError:
        msg = f"{path} must exist, got no such file"
        raise ArrayError(msg) from None
    except _UNREADABLE as error:
        if "allow_pickle" in str(error):
            msg = f"{path} must hold numbers, got pickled objects, which are not loaded"
        else:
            reason = str(error).partition("\n")[0] or type(error).__name__
            msg = f"{path} cannot be read: {reason}"
        raise ArrayError(msg) from None


def _npy(path: Path) -> NDArray[Any]:
    with path.open("rb") as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _npz(path: Path) -> list[str]:
    with path.open("rb") as file, np.lib.npyio.NpzFile(file) as archive:
        return list(archive.files)


def _member(path: Path, name: str) -> NDArray[Any]:
    with path.open("rb") as file, np.lib.npyio.NpzFile(file) as archive:
        array: NDArray[Any] = archive[name]
    return array


def _native(path: Path, array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in this machine's byte order; raw bytes have none."""
    if not isinstance(array, np.ndarray):  # a member of an archive that is no array
        msg = f"{path} must hold arrays, got a {type(array).__name__}"
        raise ArrayError(msg)
    if array.dtype.isnative:
        return array
    return array.astype(array.dtype.newbyteorder("="))
