"""Options out of range, and every other file that a command reads."""

from __future__ import annotations

import io
import json
import pickle
import struct
import subprocess
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pytest
from hostile import CODE, MARK, PAYLOADS, Attack, attack

from conformance.case import Array, Case
from conformance.files import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["attack"]

DEEP = 100_000
FULL = Path("/dev/full")

OPTIONS: tuple[tuple[str, ...], ...] = (
    ("check", "--seed", "-1"),
    ("check", "--seed", "9007199254740992"),
    ("check", "--seed", "9" * 5000),
    ("check", "--seed", "0x10"),
    ("check", "--jobs", "0"),
    ("check", "--jobs", "1000000000"),
    ("check", "--timeout", "0"),
    ("check", "--timeout", "nan"),
    ("check", "--timeout", "inf"),
    ("check", "--timeout", "1e999"),
    ("check", "--timeout", "-1"),
    ("check", "--memory", "nan"),
    ("check", "--memory", "inf"),
    ("check", "--memory", "-1"),
    ("check", "--shard", "0/2"),
    ("check", "--shard", "3/2"),
    ("check", "--shard", "1/0"),
    ("check", "--shard", "-1/2"),
    ("check", "--shard", "1"),
    ("check", "--shard", "1/2/3"),
    ("check", "--shard", "1/" + "9" * 5000),
    ("check", "--shard", "١/٢"),
    ("check", "--shard", "1/2\n"),
    ("check", "--profile", "../deep"),
    ("check", "--loss", "mse;rm"),
    ("check", "--loss", ",,,"),
    ("check", "--dtype", "float32\x1b[2J"),
    ("check", "--report", "markdown"),
    ("check", "--report", "=x"),
    ("check", "--report", "markdown="),
    ("check", "--report", "../markdown=x"),
    ("check", "--report", "markdown=none/x"),
    ("check", "--report", "markdown=same", "--report", "junit=same"),
    ("check", "--report", "markdown=loss-conformance-run.json"),
    ("check", "--output", "."),
    ("check", "--output", "/"),
    ("check", "--output", ""),
    ("check", "--output", "none/run.json"),
    ("check", "--output", "x" * 300),
    ("check", "--output", "/dev/null"),
    ("check", "--output", "/proc/self/run.json"),
    ("check", "--known", "/dev/zero"),
    ("check", "--known", "."),
    ("check", "--known", "none.toml"),
    ("check", "--\x1b[2J"),
    ("check\x1b[2J",),
    ("../check",),
    ("report", "--format", "pickle"),
    ("report", "--output", "none/x"),
    ("replay",),
    ("replay", "--all", "--known", "torch"),
    ("replay", "abcd", "--timeout", "nan"),
    ("replay", "x", "--backend", ""),
    ("compare",),
    ("compare", "none", "none"),
    ("compare", "none", "none", "--drift", "nan"),
    ("compare", "none", "none", "--drift", "1e999"),
    ("compare", "none", "none", "--drift", "0"),
    ("compare", "none", "none", "--fail-on", "../worse"),
    ("compare", "none", "none", "--fail-on", ""),
    ("compare", "none", "none", "--map", "a"),
    ("compare", "none", "none", "--map", "=\x1b[2J"),
    ("compare", "none", "none", "--format", "pickle"),
    ("compare", "none", "none", "--output", "none"),
    ("compare", "none", "none", "--output", "none/x"),
    ("merge",),
    ("merge", "--output", "x"),
    ("help", "../exit-codes"),
    ("help", "/etc/passwd"),
    ("help", "--schema", "../run"),
    ("requirements", "--loss", "../mse"),
    ("init", "--backend", "none"),
    ("init",),
    ("oracle",),
    ("oracle", "../mae", "--input", "1", "--target", "1"),
    ("oracle", "mae", "--input", "1" * 5000, "--target", "1"),
    ("oracle", "mae", "--input", "[" * DEEP, "--target", "1"),
    ("oracle", "mae", "--input", "1/0", "--target", "1"),
    ("oracle", "mae", "--input", "__import__('os')", "--target", "1"),
    ("oracle", "mae", "--input", "1e999999999999", "--target", "[[]"),
    ("oracle", "mae", "--input", "@/etc/passwd", "--target", "1"),
    ("oracle", "mae", "--input", "@x.npy\x1b", "--target", "1"),
    ("oracle", "mae", "--input", "1", "--target", "1", "--output", "none/x.npz"),
    ("oracle", "mae", "--input", "1", "--target", "1", "--certificate", "."),
    ("oracle", "cross_entropy", "--input", "[[1,2]]", "--target", "[-1]"),
    ("oracle", "cross_entropy", "--input", "[[1,2]]", "--target", f"[{10**30}]"),
    ("certificates", "/dev/null/x"),
    ("claims",),
    ("claims", "none.toml"),
    ("claims", "/dev/zero"),
    ("claims", "--tutorial", "--output", "none/x"),
    ("self-test", "../x"),
    ("self-test", "none.py:f"),
    ("self-test", "zeros", "--json", "none/x"),
    ("bench", "--seconds", "nan"),
    ("bench", "--largest", "0"),
)


@pytest.mark.parametrize("words", OPTIONS, ids=lambda words: " ".join(words)[:40])
def test_an_option_out_of_range_is_refused(
    attack: Attack, words: tuple[str, ...]
) -> None:
    """Exit code 2 before any work, and no file is made."""
    attack(*words)


ENTRY: dict[str, Any] = {
    "id": '"K"',
    "backend": '"numpy"',
    "loss": '"mae"',
    "quantity": '"value"',
    "kind": '"value"',
    "dtypes": '["float32"]',
    "reason": '"for the test"',
    "link": '"unreported"',
    "expires": "2100-01-01",
    "witness": '"none"',
    "ceiling": "1.0",
}


def entry(**changes: str) -> str:
    """Return one known finding as TOML, with something changed."""
    return "[[known]]\n" + "".join(f"{k} = {v}\n" for k, v in (ENTRY | changes).items())


KNOWN: dict[str, str | bytes] = {
    "no toml": "[[known",
    "no text": b"\xff\xfe\x00",
    "nul": b"a = 1\x00",
    "deep": "a = " + "[" * DEEP,
    "deep tables": "[" + ".".join("a" * DEEP) + "]",
    "many digits": entry(ceiling="9" * 5000),
    "a number": "known = 7",
    "numbers": "known = [1, 2]",
    "a table": "[known]\nid = 'K'",
    "other table": "[[unknown]]\nid = 'K'",
    "versions": "versions = 7",
    "versions of numbers": "[versions]\ntorch = 2",
    "nothing": "[[known]]",
    "other key": entry(exec='"x"'),
    "escape": entry(id='"\\u001b[2J"', loss='"mae"'),
    "id a number": entry(id="7"),
    "id twice": entry() + entry(),
    "kind": entry(kind='"../value"'),
    "kind a list": entry(kind='["value"]'),
    "dtypes a text": entry(dtypes='"float32"'),
    "dtypes of numbers": entry(dtypes="[1]"),
    "dtypes of tables": entry(dtypes="[{a = 1}]"),
    "dtype": entry(dtypes='["float33"]'),
    "expires": entry(expires='"2100-01-01"'),
    "expires at": entry(expires="2100-01-01T00:00:00"),
    "expires never": entry(expires="9999-99-99"),
    "ceiling nan": entry(ceiling="nan"),
    "ceiling negative": entry(ceiling="-1.0"),
    "ceiling a text": entry(ceiling='"1"'),
    "when a text": entry(when='"all"'),
    "when other": entry(when="{ exec = true }"),
    "when of a type": entry(when="{ min_rows = 1.5 }"),
    "when negative": entry(when="{ min_rows = -1 }"),
    "when huge": entry(when=f"{{ min_rows = {10**30} }}"),
    "when a word": entry(when='{ reduction = "all" }'),
    "versions here": entry(versions="{ torch = 2 }"),
    "a class everywhere": entry(kind='"nan"'),
    "witness": entry(),
    "witness a path": entry(witness='"../../x"'),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_known_findings_that_are_none_are_refused(attack: Attack, kind: str) -> None:
    """The message names the file or the entry."""
    attack.file("k.toml", KNOWN[kind])
    words = ("--loss", "mae", "--dtype", "float32", "--known", "k.toml")
    said = attack("check", "numpy", *words)
    assert "k.toml" in said or "known finding" in said


HEAD = 'schema = "loss-conformance.claims/1"\n'


def claim(**fields: str) -> str:
    """Return a file with one claim."""
    return HEAD + "[[claim]]\n" + "".join(f"{k} = {v}\n" for k, v in fields.items())


def cells(*sources: str) -> str:
    """Return a notebook of cells of code."""
    made = [{"cell_type": "code", "source": [s], "metadata": {}} for s in sources]
    return json.dumps({"cells": made, "nbformat": 4})


MEAN = {"loss": '"mae"', "target": "[1, 3]", "says": '"0.5"'}
CLAIMS: dict[str, tuple[str, str | bytes]] = {
    "no toml": ("c.toml", "[[claim"),
    "no schema": ("c.toml", "[[claim]]\nid = 'x'"),
    "other schema": ("c.toml", 'schema = "loss-conformance.claims/2"'),
    "no text": ("c.toml", b"\xff\xfe\x00"),
    "deep": ("c.toml", HEAD + "a = " + "[" * DEEP),
    "deep keys": ("c.toml", HEAD + ".".join("a" * DEEP) + " = 1"),
    "digits": ("c.toml", claim(**MEAN, input="[1, " + "9" * 5000 + "]")),
    "exponent": ("c.toml", claim(**MEAN, input="[1, 1e999999999999999999]")),
    "large": ("c.toml", HEAD + "# " + "x" * 1_000_001),
    "many": ("c.toml", HEAD + "[[claim]]\n" * 1001),
    "other key": ("c.toml", claim(**MEAN, input="[1, 2]", run='"x"')),
    "other kind": ("c.toml", claim(kind='"exec"')),
    "formula": ("c.toml", claim(**{**MEAN, "loss": '""'}, input="[1, 2]")),
    "code in a formula": (
        "c.toml",
        claim(formula=json.dumps(CODE), input="[1]", says='"1"'),
    ),
    "attribute in a formula": (
        "c.toml",
        claim(formula='"input.__class__"', input="[1]", says='"1"'),
    ),
    "tower": ("c.toml", claim(formula='"9 ** 9 ** 9 ** 9"', input="[1]", says='"1"')),
    "escape": ("c.toml", claim(kind='"\\u001b[2J"')),
    "no ending": ("c", HEAD),
    "python": ("c.py", CODE),
    "comment": ("c.md", "<!-- claim loss = "),
    "comment of code": ("c.md", f"<!-- claim {CODE} -->"),
    "notebook": ("c.ipynb", "{}"),
    "notebook of numbers": ("c.ipynb", '{"cells": [1]}'),
    "deep notebook": ("c.ipynb", "[" * DEEP),
    "pickle": ("c.ipynb", b"\x80\x04cposix\nsystem\n."),
    "cell": ("c.ipynb", cells(f"# claim loss = {CODE}")),
}


@pytest.mark.parametrize("kind", CLAIMS)
def test_claims_that_are_none_are_refused(attack: Attack, kind: str) -> None:
    """Nothing in them is run; the message names file and line."""
    name, content = CLAIMS[kind]
    attack.file(name, content)
    codes = (1, 2, 5) if "formula" in kind or kind == "tower" else (2,)
    attack("claims", name, codes=codes)


@pytest.mark.parametrize("kind", ["works", "raises"])
@pytest.mark.parametrize("fix", [(), ("--fix",)])
@pytest.mark.parametrize(
    "code",
    [
        CODE,
        f"import subprocess\nsubprocess.run(['touch', {MARK!r}])",
        f"import pathlib\npathlib.Path('../{MARK}').touch()",
        "import evil",
        "raise SystemExit(0)",
        "while True: pass",
        "import torch\ntorch.load('x.pt')",
    ],
)
def test_code_in_claims_is_read_and_not_run(
    attack: Attack, kind: str, fix: tuple[str, ...], code: str
) -> None:
    """In a TOML file, a page and a notebook, whatever it would do."""
    attack.file("evil.py", CODE)
    says = ', says = "ValueError"' if kind == "raises" else ""
    lines = [f'kind = "{kind}"', f"code = {json.dumps(code)}"]
    lines += ['says = "ValueError"'] if kind == "raises" else []
    attack.file("c.toml", HEAD + "[[claim]]\n" + "\n".join(lines))
    head = f'<!-- claim kind = "{kind}"{says} -->'
    attack.file("c.md", f"{head}\n```python\n{code}\n```\n")
    attack.file("c.ipynb", cells(f'# claim kind = "{kind}"{says}\n{code}'))
    attack("claims", "c.toml", "c.md", "c.ipynb", *fix, codes=(0, 1, 5))
    assert not (attack.folder.parent / MARK).exists()


@pytest.mark.parametrize("payload", sorted(PAYLOADS.keys() - {"surrogate"}))
def test_texts_of_claims_that_act_are_shown_as_text(
    attack: Attack, payload: str
) -> None:
    """On the terminal; in Markdown no markup of theirs is left."""
    shown = {
        name: json.dumps(PAYLOADS[payload]).replace("\\udc80", "")
        for name in ("text", "note", "quote", "where", "id")
    }
    attack.file("c.toml", claim(**{**MEAN, "says": '"0.7"'}, input="[1, 2]", **shown))
    for form in ("text", "json", "markdown"):
        said = attack("claims", "c.toml", "--format", form, codes=(1, 2))
        assert form != "markdown" or "<script" not in said


def tensors(header: bytes, *, length: int | None = None) -> bytes:
    """Return a safetensors file of a header and no data."""
    return struct.pack("<Q", len(header) if length is None else length) + header


def npy(header: str) -> bytes:
    """Return a NumPy file of a header and no data."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zipped(**members: bytes) -> bytes:
    """Return a zip archive."""
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return file.getvalue()


class Evil:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        """Return a call that makes a file."""
        return open, (MARK, "w")


OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"
HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,)}"
ARRAYS: dict[str, tuple[str, bytes]] = {
    "empty npy": ("x.npy", b""),
    "npy cut short": ("x.npy", npy(HUGE)[:20]),
    "npy without data": ("x.npy", npy(HUGE.replace("1000000000000000", "8"))),
    "npy of a petabyte": ("x.npy", npy(HUGE)),
    "npy of code": ("x.npy", npy(CODE)),
    "npy of objects": ("x.npy", npy(OBJECTS) + pickle.dumps([Evil()])),
    "pickle": ("x.npy", pickle.dumps(Evil())),
    "pickle in an archive": ("x.npz", zipped(**{"x.npy": pickle.dumps(Evil())})),
    "archive of text": ("x.npz", zipped(x=b"text")),
    "archive of a path": ("x.npz", zipped(**{"../../x.npy": b"\x93NUMPY"})),
    "empty archive": ("x.npz", zipped()),
    "no archive": ("x.npz", b"PK\x03\x04" + bytes(99)),
    "empty tensors": ("x.safetensors", b""),
    "tensors of a long header": ("x.safetensors", tensors(b"{}", length=2**63)),
    "tensors of no json": ("x.safetensors", tensors(b"{")),
    "tensors of a list": ("x.safetensors", tensors(b"[1]")),
    "deep tensors": ("x.safetensors", tensors(b"[" * DEEP)),
    "tensors of a number": ("x.safetensors", tensors(b'{"x": 7}')),
    "tensors of nothing": ("x.safetensors", tensors(b'{"x": {}}')),
    "tensors out of the file": (
        "x.safetensors",
        tensors(b'{"x": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}'),
    ),
    "tensors of a text": (
        "x.safetensors",
        tensors(b'{"x": {"dtype": "F32", "shape": "9", "data_offsets": [0, 36]}}'),
    ),
    "tensors of another type": (
        "x.safetensors",
        tensors(b'{"x": {"dtype": [], "shape": [1], "data_offsets": [0, 4]}}'),
    ),
    "tensors backwards": (
        "x.safetensors",
        tensors(b'{"x": {"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]}}'),
    ),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_that_are_none_are_refused(attack: Attack, kind: str) -> None:
    """Pickles are not loaded, sizes are not believed."""
    name, content = ARRAYS[kind]
    attack.file(name, content)
    attack("oracle", "mae", "--input", f"@{name}", "--target", "1")


PLAIN = Case(
    "mae", "float32", {n: Array.of([1.0], "float32") for n in ("input", "target")}
)
INPUT = PLAIN.to_json()["arguments"]["input"]


def case(**changes: Any) -> str:
    """Return a case as JSON, with something of its input changed."""
    data = PLAIN.to_json()
    data["arguments"] = {**data["arguments"], "input": {**INPUT, **changes}}
    return json.dumps(data)


def cased(**changes: Any) -> str:
    """Return a case as JSON, with something changed."""
    return json.dumps({**PLAIN.to_json(), **changes})


CASES: Mapping[str, str | bytes] = {
    "nothing": b"",
    "no json": "{",
    "utf-16": case().encode("utf-16"),
    "list": "[]",
    "number": "7",
    "object": "{}",
    "deep": "[" * 1_000_000,
    "case of a list": '{"case": []}',
    "loss": cased(loss="../mae"),
    "loss a list": cased(loss=["mae"]),
    "dtype": cased(dtype="object"),
    "arguments": cased(arguments=[]),
    "argument": cased(arguments={"input": INPUT}),
    "other argument": cased(arguments={"input": INPUT, "target": INPUT, "code": INPUT}),
    "options": cased(options={"reduction": "mean"}),
    "option": cased(options={"reduction": {"str": 7}}),
    "two options": cased(options={"reduction": {"str": "sum", "int": "1"}}),
    "option of code": cased(options={"reduction": {"eval": CODE}}),
    "digits": cased(options={"ignore_index": {"int": "9" * 5000}}),
    "upstream": cased(upstream=7),
    "objects": case(dtype="object"),
    "strings": case(dtype="U9"),
    "records": case(dtype="float32,float32"),
    "numbers": case(base=[1.0]),
    "text": case(base=["one"]),
    "exponent": case(base=["0x1.0p+99999"]),
    "not of the format": case(base=["0x1.0p+300"]),
    "shape": case(shape=["1"]),
    "negative shape": case(shape=[-1]),
    "more than there is": case(shape=[2]),
    "far": case(offset=10**400),
    "before": case(offset=-1),
    "strides": case(strides=[1, 1]),
    "axes": case(shape=[1] * 99, strides=[0] * 99),
}


@pytest.mark.parametrize("kind", CASES)
def test_cases_that_are_none_are_refused(attack: Attack, kind: str) -> None:
    """By replay and by the oracle, before a worker starts."""
    attack.file("case.json", CASES[kind])
    for words in (
        ("replay", "case.json", "--backend", "numpy"),
        ("oracle", "--case", "case.json"),
    ):
        assert "case.json" in attack(*words)


def test_a_known_backend_is_no_path(attack: Attack) -> None:
    """Known findings are shipped for names, not looked for in files."""
    (attack.folder / "torch.toml").write_text(entry())
    for name in ("../torch", "/etc/passwd", "torch/../torch", ""):
        attack("replay", "--known", name, codes=(2, 5))


def test_nothing_of_the_user_is_overwritten(attack: Attack) -> None:
    """`init` keeps what is there, and a claim's correction has a name of its own."""
    attack.file("loss_backend.py", "mine")
    attack("init", ".", "--backend")
    assert (attack.folder / "loss_backend.py").read_text() == "mine"


@pytest.mark.parametrize("kind", ["report", "oracle", "claims"])
def test_a_failure_at_the_end_keeps_the_old_file(
    attack: Attack,
    run_files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    """The disk fills up while a file is written: the one before it is still there."""
    words = {
        "report": ("report", str(run_files["clean"]), "--output", "old.npz"),
        "oracle": (
            "oracle",
            "mae",
            "--input",
            "1",
            "--target",
            "2",
            "--output",
            "old.npz",
        ),
        "claims": ("claims", "--tutorial", "--output", "old.npz"),
    }
    attack.file("c.toml", claim(**MEAN, input="[1, 2]"))
    attack.file("old.npz", "kept")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    said = attack(*words[kind], "--output", "old.npz")
    assert "No space left" in said


def test_arrays_named_as_paths_are_only_names(attack: Attack) -> None:
    """What an archive calls its arrays is never a place on the disk."""
    with io.BytesIO() as file:
        np.savez(file, **{"../../evil": np.ones(1)})  # type: ignore[arg-type]
        attack.file("x.npz", file.getvalue())
    attack("oracle", "mae", "--input", "@x.npz", "--target", "1", codes=(0,))
    attack("oracle", "mae", "--arrays", "x.npz")


def test_a_run_whose_file_cannot_be_written_is_a_fault(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work was done, so it is no error of usage; there is no traceback either."""

    def check(*_: object) -> NoReturn:
        msg = "run.json cannot be written: No space left on device"
        raise FileError(msg)

    monkeypatch.setattr("conformance.runner.check", check)
    monkeypatch.setattr("conformance.commands.check._signals", nullcontext)
    assert "No space left" in attack("check", "numpy", codes=(3,))


@pytest.mark.skipif(not FULL.exists(), reason="no such device")
def test_a_report_for_an_output_that_is_full(run_files: dict[str, Path]) -> None:
    """The message is one line; Python has nothing to add when it ends."""
    program = [sys.executable, "-m", "conformance", "report", run_files["clean"]]
    with FULL.open("w") as full:
        done = subprocess.run(
            program, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert "standard output cannot be written" in done.stderr
    assert "Exception" not in done.stderr
