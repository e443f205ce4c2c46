"""Programs in any language are backends, and nothing they do takes others with them."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest

from conformance.backend import Output, execute
from conformance.backends._process import ProcessBackend
from conformance.backends._protocol import (
    AnswerError,
    answer_of,
    array_of,
    bits_of,
    greeting_of,
    question_of,
)
from conformance.case import Array, Case
from conformance.contract import STAGED
from conformance.loading import LoadError, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")

PAIR = {"input": Array.of([1.0, 2.0], "float32"), "target": Array.of([1, 5], "float32")}
CASE = Case("mse", "float32", PAIR, {"reduction": "sum"})
HELLO = {"protocol": 1, "losses": ["mse"], "dtypes": ["float32"]}
NINE = {"dtype": "float32", "shape": [], "bits": "41100000"}
PROGRAM_ITSELF = (sys.executable, "-m", "conformance")
PROGRAM = """
import json, os, sys
print({hello!r}, flush=True)
for line in sys.stdin:
    case = json.loads(line)
    {body}
"""

Start = "Callable[..., ProcessBackend]"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., ProcessBackend]]:
    """Return what starts a program whose answer to each case is a piece of Python."""
    made: list[ProcessBackend] = []

    def begin(body: str, **hello: Any) -> ProcessBackend:
        path = tmp_path / "program.py"
        text = PROGRAM.format(hello=json.dumps(HELLO | hello), body=body)
        path.write_text(text, encoding="utf-8")
        backend = load(f"process:{sys.executable} {path}")
        assert isinstance(backend, ProcessBackend)
        made.append(backend)
        return backend

    yield begin
    for backend in made:
        backend.close()


def say(**answer: Any) -> str:
    """Return the Python that prints an answer to the case at hand."""
    return f"print(json.dumps(dict(id=case['id'], **{answer!r})), flush=True)"


@pytest.mark.parametrize(
    "dtype", ["float16", "bfloat16", "float32", "float64", "int64", "uint8", "bool"]
)
def test_bits_come_back_as_they_went(dtype: str) -> None:
    """Every bit pattern of every type survives, nan's payload and all."""
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    count = 2 if dtype == "bool" else 256
    raw = np.arange(count * kind.itemsize, dtype=np.uint8)
    base = (raw if dtype != "bool" else raw % 2).view(kind)
    data = {"dtype": dtype, "shape": [count], "bits": bits_of(base)}
    assert array_of(data, "it").tobytes() == base.tobytes()


def test_a_case_in_one_line() -> None:
    """A view is sent with its memory; options keep every bit."""
    view = Array(np.array([1, -2, 3], np.float32), (2,), (2,), 0)
    case = Case(
        "mse",
        "float32",
        {"input": view, "target": view},
        {"reduction": "mean", "label_smoothing": 0.1, "ignore_index": -(2**70)},
        Array.of(1.0, "float32"),
    )
    line = question_of(case, 7, along=False)
    data = json.loads(line)
    assert line.endswith(b"}\n")
    assert b" " not in line
    assert list(data) == ["id", "loss", "dtype", "options", "arguments", "upstream"]
    assert data["arguments"]["input"] == {
        "dtype": "float32",
        "shape": [2],
        "strides": [2],
        "offset": 0,
        "bits": "3f800000c000000040400000",
    }
    assert data["options"]["label_smoothing"] == (0.1).hex()
    assert data["options"]["ignore_index"] == -(2**70)
    assert data["upstream"]["shape"] == []


def test_an_answer(start: Callable[..., ProcessBackend]) -> None:
    """Value and gradients are those that the program sent, for case after case."""
    pair = {"dtype": "float32", "shape": [2], "bits": "00000000c0c00000"}
    backend = start(
        say(value=NINE, gradients={"input": pair}),
        name="nine",
        gradients={"mse": ["input"]},
        contract="staged",
        deterministic=False,
    )
    assert backend.name == "nine"
    assert backend.capabilities.gradients == {"mse": {"input"}}
    assert backend.capabilities.contract == STAGED
    assert not backend.capabilities.deterministic
    assert not backend.capabilities.options
    for _ in range(3):
        assert backend.can_run(CASE) is None
        output = execute(backend, CASE)
        assert output.value is not None
        assert output.value.tolist() == 9.0
        assert output.gradients["input"].tolist() == [0.0, -6.0]
    assert backend.talk.asked == 3


def test_what_is_not_offered_is_not_asked(start: Callable[..., ProcessBackend]) -> None:
    """Capabilities, what is declined and the program itself give reasons."""
    backend = start(
        say(unsupported="only on Sundays"), declined={"layout": "contiguous only"}
    )
    assert backend.can_run(CASE) == "only on Sundays"
    strided = Array(np.zeros(4, np.float32), (2,), (2,), 0)
    case = Case("mse", "float32", {**PAIR, "input": strided})
    assert backend.can_run(case) == "contiguous only"
    case = Case("mse", "float32", PAIR, upstream=Array.of(1.0, "float32"))
    assert backend.can_run(case) == "does not offer upstream"
    assert backend.can_run(Case("mae", "float32", PAIR)) == "does not offer mae"
    assert backend.talk.asked == 1


def test_an_error_is_the_programs(start: Callable[..., ProcessBackend]) -> None:
    """A program that refuses a case raised; the next case is asked as ever."""
    backend = start(say(error="no\n  luck"))
    for _ in range(2):
        assert execute(backend, CASE).error == "ProgramError: no luck"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('warming up', flush=True)", "must be one line of JSON, got 'warming"),
        ("print('[' * 10**5, flush=True)", "must be one line of JSON"),
        ("os.write(1, b'\\xff\\n')", "must be one line of JSON"),
        ("print('3', flush=True)", "must be a JSON object, got int"),
        ("print('{}', flush=True)", "the id of an answer must be that of its case, 1"),
        (say(), "one of value, error and unsupported, got none of them"),
        (say(value=NINE, error="no"), "got value and error"),
        (say(value=9.0), "value must be a JSON object, got float"),
        (say(value=NINE, gradient={}), "did you mean 'gradients'?"),
        (say(value=NINE, gradients={"inputs": NINE}), "did you mean 'input'?"),
        (say(value=NINE, gradients=[]), "gradients must be a JSON object, got list"),
        (say(value={**NINE, "dtype": "float23"}), "got 'float23'"),
        (say(value={**NINE, "shape": [-1]}), "must be a list of sizes, got [-1]"),
        (say(value={**NINE, "shape": [True]}), "must be a list of sizes"),
        (say(value={**NINE, "shape": [2]}), "must have 16 hexadecimal digits, got 8"),
        (say(value={**NINE, "shape": [1] * 99}), "value must be an array, got"),
        (say(value={**NINE, "bits": "4110000g"}), "value must be an array, got"),
        (say(value={**NINE, "bits": None}), "got NoneType"),
        (say(value=NINE, device=3), "device must be text, got 3"),
        (say(error=3), "error must be text, got 3"),
    ],
)
def test_a_malformed_answer(
    start: Callable[..., ProcessBackend], body: str, said: str
) -> None:
    """It is an error that says what was wrong, and the next case starts afresh."""
    backend = start(body)
    with pytest.raises(AnswerError) as caught:
        backend.can_run(CASE)
    assert said in str(caught.value)
    assert backend.talk.program is None


def test_the_next_case_is_not_answered_by_a_stray_line(
    start: Callable[..., ProcessBackend],
) -> None:
    """A program that says too much once is right again when it is started anew."""
    body = 'print(\'{"id": 1, "error": "a"}\\n\' * 2, end=\'\', flush=True)'
    backend = start(body)
    assert execute(backend, CASE).error == "ProgramError: a"
    error = execute(backend, CASE).error
    assert error is not None
    assert error.startswith("AnswerError: the id of an answer")


@pytest.mark.parametrize(
    ("hello", "said"),
    [
        ({"protocol": 2}, "protocol must be 1, got 2"),
        ({"protocol": True}, "protocol must be 1, got True"),
        ({"losses": ["huber"]}, "mae, mse, cross_entropy, got huber"),
        ({"losses": "mse"}, "losses must be a list of words, got 'mse'"),
        ({"dtype": ["float32"]}, "did you mean 'dtypes'?"),
        ({"gradients": {"mae": ["input"]}}, "gradients must have no member but mse"),
        ({"gradients": {"mse": ["inputs"]}}, "did you mean 'input'?"),
        ({"contract": "tight"}, "contract must be one of wide"),
        ({"contract": {"exp_ulp": 2}}, "did you mean 'exp_ulps'?"),
        ({"contract": {"lanes": 0}}, "lanes must be None or at least 1"),
        ({"declined": {"layouts": "no"}}, "got layouts"),
        ({"declined": {"layout": ""}}, "must give a reason for each"),
        ({"deterministic": "yes"}, "deterministic must be of type bool"),
        ({"name": 3}, "name must be text, got 3"),
    ],
)
def test_a_wrong_greeting(
    start: Callable[..., ProcessBackend], hello: dict[str, Any], said: str
) -> None:
    """It says what was wrong and where the protocol is described."""
    with pytest.raises(LoadError) as caught:
        start("pass", **hello)
    assert said in str(caught.value)


def test_a_contract_in_full() -> None:
    """An object gives what it names and the defaults of `wide` for the rest."""
    line = json.dumps(HELLO | {"contract": {"exp_ulps": 2.5, "lanes": 8}}).encode()
    name, capabilities = greeting_of(line, "process:x")
    assert name == "process:x"
    contract = capabilities.contract
    assert (contract.name, contract.exp_ulps, contract.lanes) == ("own", 2.5, 8)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "must be followed by a command line"),
        ("'", "No closing quotation"),
        ("no-such-program-anywhere", "there is no such program"),
        ("./plain.txt", "the file is not executable"),
        ("true", "the program ended with exit status 0"),
        ("false", "the program ended with exit status 1"),
        ("echo hello", "must be one line of JSON, got 'hello'"),
        ("sh -c 'echo oh dear >&2; exit 3'", "exit status 3; its last words: oh dear"),
        ("sh -c 'kill -SEGV $$'", "the program was ended by SIGSEGV"),
    ],
)
def test_a_command_that_is_no_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    """Whatever cannot be started, or does not greet, is refused with the reason."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.txt").write_text("", encoding="utf-8")
    with pytest.raises(LoadError) as caught:
        load(f"process:{command}")
    assert said in str(caught.value)


def test_a_program_that_dies_is_started_anew(
    start: Callable[..., ProcessBackend],
) -> None:
    """In the main process its death is an error; the next case has a new program."""
    body = f"os.abort() if case['loss'] == 'mae' else {say(value=NINE)}"
    backend = start(body, losses=["mae", "mse"])
    died = execute(backend, Case("mae", "float32", PAIR))
    assert died.error is not None
    assert "was ended by SIGABRT" in died.error
    value = execute(backend, CASE).value
    assert value is not None
    assert value.tolist() == 9.0


def spelt(backend: ProcessBackend) -> str:
    """Return how a user names the program."""
    return f"process:{shlex.join(backend.command)}"


def test_a_program_that_hangs(
    start: Callable[..., ProcessBackend], tmp_path: Path
) -> None:
    """Its time-out is that of any backend."""
    backend = start("import time; time.sleep(600)")
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE.to_json()), encoding="utf-8")
    done = subprocess.run(
        [*PROGRAM_ITSELF, "replay", path, "--timeout=8", "--backend", spelt(backend)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 1
    assert "hung: no answer within 8 s" in done.stdout


def test_a_death_in_a_worker_is_a_crash(
    start: Callable[..., ProcessBackend], tmp_path: Path
) -> None:
    """A program that dies on invalid arguments has not rejected them: it crashed."""
    backend = start("sys.stderr.write('bye\\n'); os._exit(9)")
    case = Case("mse", "float32", PAIR, {"reduction": "average"})
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case.to_json()), encoding="utf-8")
    done = subprocess.run(
        [*PROGRAM_ITSELF, "replay", path, "--backend", spelt(backend)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "crashed: the program ended with exit status 9; its last" in done.stdout
    assert "the program ended with exit status 9; its last words: bye" in done.stderr


def test_another_protocol_cannot_start(
    start: Callable[..., ProcessBackend], tmp_path: Path
) -> None:
    """`check` ends with 2 and says which version was needed."""
    with pytest.raises(LoadError):
        start("pass", protocol=99)
    spec = f"process:{sys.executable} {tmp_path / 'program.py'}"
    done = subprocess.run(
        [*PROGRAM_ITSELF, "check", spec, "--output", tmp_path / "run.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "protocol must be 1, got 99" in done.stderr


def alive(pid: int) -> bool:
    """Return whether a process runs; one that is dead and not yet buried does not."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc")  # noqa: PTH112
def test_no_program_outlives_its_worker(tmp_path: Path) -> None:
    """A worker that is killed takes its program along, and what that started."""
    path = tmp_path / "program.py"
    path.write_text(
        "import json, os, subprocess, sys, time\n"
        f"print({json.dumps(HELLO)!r}, flush=True)\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"file = open({str(tmp_path / 'pids')!r}, 'w')\n"
        "file.write(f'{os.getpid()} {child.pid}')\n"
        "file.close()\n"
        "time.sleep(600)\n",
        encoding="utf-8",
    )
    code = (
        "import sys, time; from conformance.loading import load; "
        f"kept = load('process:{sys.executable} {path}'); print('up', flush=True); "
        "time.sleep(600)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    )
    assert worker.stdout is not None
    with worker.stdout:
        assert worker.stdout.readline() == b"up\n"
        pids: list[int] = []
        end = time.monotonic() + 30
        while len(pids) < 2 and time.monotonic() < end:
            time.sleep(0.05)
            if (tmp_path / "pids").is_file():
                pids = [int(w) for w in (tmp_path / "pids").read_text("ascii").split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        while any(map(alive, pids)) and time.monotonic() < end:
            time.sleep(0.05)
    assert not any(map(alive, pids))


def test_a_tangent_goes_only_to_those_who_ask() -> None:
    """Without derivatives a case is told without its direction."""
    assert b"tangent" not in question_of(CASE, 1, along=False)


def test_an_integer_answer_is_an_answer() -> None:
    """A value of a wrong type is read as it is: judging it is another's job."""
    line = b'{"id":1,"value":{"dtype":"int32","shape":[1],"bits":"ffffffff"}}\n'
    answer = answer_of(line, 1, CASE)
    assert isinstance(answer.output, Output)
    assert answer.output.value is not None
    assert answer.output.value.tolist() == [-1]
