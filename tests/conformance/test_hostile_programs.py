"""Backends that greet or answer with rubbish, or mislead by their names."""

from __future__ import annotations

import json
import shlex
import sys
from typing import Any

import pytest
from hostile import CODE, PAYLOADS, Attack, attack
from runs import check

from conformance.backend import Output
from conformance.backends._program import GREETING
from conformance.backends._protocol import AnswerError
from conformance.case import Array, Case
from conformance.ended import Ended
from conformance.introduction import StartError, introduce, introduced
from conformance.loading import load
from conformance.run import load_run
from conformance.tools import PRODUCTION

__all__ = ["attack"]

HELLO = {"protocol": 1, "name": "p", "losses": ["mse"], "dtypes": ["float32"]}


def hello(**changes: Any) -> str:
    """Return a greeting with something changed."""
    return json.dumps({**HELLO, **changes})


GREETINGS: dict[str, str] = {
    "nothing": "",
    "blank": "\n",
    "text": "hello\n",
    "number": "7\n",
    "list": "[]\n",
    "null": "null\n",
    "object": "{}\n",
    "no end": hello(),
    "cut short": hello()[:-5] + "\n",
    "bytes": "\udcff\udcfe\udc80\n",
    "nul": "\0" * 99 + "\n",
    "deep": "[" * 100_000 + "\n",
    "digits": '{"protocol": ' + "9" * 5000 + "}\n",
    "endless": "x" * (GREETING + 9),
    "protocol 2": hello(protocol=2) + "\n",
    "protocol true": hello(protocol=True) + "\n",
    "name a number": hello(name=7) + "\n",
    "name of a newline": hello(name="a\nb") + "\n",
    "name of an escape": hello(name=PAYLOADS["escape"]) + "\n",
    "name reordered": hello(name=PAYLOADS["override"]) + "\n",
    "name of half a character": '{"name":"\\udc80",'
    + hello()[1:].replace('"name": "p", ', "")
    + "\n",
    "losses a text": hello(losses="mse") + "\n",
    "other loss": hello(losses=["../mse"]) + "\n",
    "dtype": hello(dtypes=["object"]) + "\n",
    "gradients": hello(gradients=["input"]) + "\n",
    "gradients of another": hello(gradients={"mae": ["input"]}) + "\n",
    "device": hello(device=7) + "\n",
    "other member": hello(exec=CODE) + "\n",
    "contract": hello(contract="tight") + "\n",
    "contract of code": hello(contract={"name": "x", "eval": CODE}) + "\n",
    "contract nan": hello(contract={"exp_ulps": float("nan")}) + "\n",
    "contract of a text": hello(contract={"exp_ulps": "1"}) + "\n",
    "contract of a list": hello(contract={"lanes": []}) + "\n",
    "contract of a name": hello(contract={"name": 7}) + "\n",
    "declined": hello(declined={"layout": 7}) + "\n",
}


@pytest.mark.parametrize("kind", GREETINGS)
def test_a_greeting_that_is_none_is_refused(attack: Attack, kind: str) -> None:
    """In the worker that meets the backend, with one message for the user."""
    path = attack.folder / "greeting"
    path.write_bytes(GREETINGS[kind].encode(errors="surrogateescape"))
    ended = Ended("done", introduce("process:cat greeting", PRODUCTION))
    with pytest.raises(StartError, match="cannot be used: ") as caught:
        introduced("process:cat greeting", ended)
    assert len(str(caught.value)) < 3000


ARRAY = {"dtype": "float32", "shape": [], "bits": "3f800000"}


def answer(**changes: Any) -> str:
    """Return an answer to the first case with something changed."""
    return json.dumps({"id": 1, "value": ARRAY, **changes}) + "\n"


def valued(**changes: Any) -> str:
    """Return an answer with something of its value changed."""
    return answer(value={**ARRAY, **changes})


ANSWERS: dict[str, str] = {
    "blank": "\n",
    "text": "1.0\n",
    "number": "1\n",
    "list": "[]\n",
    "object": "{}\n",
    "bytes": "\udcff\udcfe\n",
    "deep": "[" * 100_000 + "\n",
    "other id": answer(id=2),
    "id a text": answer(id="1"),
    "id true": answer(id=True),
    "no value": '{"id": 1}\n',
    "two": answer(error="no"),
    "other member": answer(exec=CODE),
    "value a number": answer(value=1.0),
    "value of objects": valued(dtype="object"),
    "shape a number": valued(shape=1),
    "shape negative": valued(shape=[-1]),
    "shape huge": valued(shape=[10**9] * 9),
    "shape true": valued(shape=[True]),
    "bits short": valued(bits="3f8"),
    "bits of words": valued(bits="3f80zzzz"),
    "bits a number": valued(bits=7),
    "gradients": answer(gradients=[ARRAY]),
    "gradient of another": answer(gradients={"weight": ARRAY}),
    "device": answer(device=7),
    "error a number": answer(value=None, error=7),
}
SPEAKER = """
import sys
print(sys.argv[1], flush=True)
sys.stdin.readline()
sys.stdout.buffer.write(open("answer", "rb").read())
sys.stdout.flush()
sys.stdin.read()
"""


@pytest.fixture
def question() -> Case:
    """Return a case."""
    pair = {"input": Array.of([1.0], "float32"), "target": Array.of([2.0], "float32")}
    return Case("mse", "float32", pair)


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_that_is_none_is_an_error_of_the_program(
    attack: Attack, question: Case, kind: str
) -> None:
    """Not one of ours: an outcome of the case, which says what was wrong."""
    attack.file("speaker.py", SPEAKER)
    (attack.folder / "answer").write_bytes(
        ANSWERS[kind].encode(errors="surrogateescape")
    )
    words = (sys.executable, "-S", "speaker.py", hello())
    backend = load(f"process:{shlex.join(words)}")
    try:
        with pytest.raises(AnswerError, match="must") as caught:
            backend.can_run(question)
        output = Output.failed(caught.value)
        assert output.error is not None
        assert output.error.startswith("AnswerError: ")
    finally:
        backend.close()  # type: ignore[attr-defined]


PLACES = (
    "../../x.py:f",
    "/etc/passwd:f",
    "/dev/zero.py:f",
    "none.py:f",
    "evil.txt:f",
    "empty.py:f",
    "empty.py:__doc__",
    "empty.py:f@../mse",
    "empty.py:",
    ":f",
    ":",
    "",
    "broken.py:f",
    "leaves.py:f",
    "raises.py:f",
    "mutant:../zeros",
    "numpy:../cpu",
    "process:",
    "process:none",
    "process:'",
    "process:./evil.txt",
    "process:false",
    "os:system",
    "os.path:join.x",
    "builtins:exec",
    "\x1b[2J",
    "x" * 10_000,
)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[:20])
def test_a_name_that_leads_to_no_backend_is_refused(attack: Attack, place: str) -> None:
    """With one message, whatever loading it raises."""
    attack.file("evil.txt", CODE)
    attack.file("empty.py", '"""Nothing."""\n')
    attack.file("broken.py", "def f(:")
    attack.file("leaves.py", "raise SystemExit(0)")
    attack.file("raises.py", "raise ValueError('\\x1b[2J')")
    with pytest.raises(StartError, match="cannot be used: "):
        introduced(place, Ended("done", introduce(place, PRODUCTION)))


def test_texts_of_a_backend_that_act_are_shown_as_text(
    attack: Attack,
) -> None:
    """What it raises and why it declines come into the report escaped."""
    path = check(attack.folder, "raise@3", "refuse@13")
    text = path.read_text(encoding="utf-8")
    payload = json.dumps(" ".join(PAYLOADS.values()))[1:-1]
    path.write_text(text.replace("no number", payload).replace("unlucky", payload))
    assert any(cell["skipped"] for cell in load_run(path)["cells"])
    said = attack("report", str(path), "--format", "terminal", codes=(0,))
    assert "\\u001b[2J" in said
