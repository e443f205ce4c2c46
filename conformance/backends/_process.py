"""Any program, in any language, as a backend: `process:COMMAND`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.backends._program import (
    GREETING,
    DiedError,
    Program,
    command_of,
    die_too,
)
from conformance.backends._protocol import (
    Answer,
    AnswerError,
    answer_of,
    greeting_of,
    question_of,
)
from conformance.backends._sources import LoadError
from conformance.backends._support import reason_against
from conformance.backends._wrapping import Hints, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from conformance.backend import Capabilities, Output
    from conformance.case import Case


@dataclass(eq=False)
class _Talk:
    """The program while it runs, the number of questions, and an answer kept."""

    program: Program | None = None
    asked: int = 0
    kept: tuple[Case, Answer] | None = None


@dataclass(frozen=True)
class ProcessBackend:
    """A program that answers cases on its standard input, one at a time.

    A program that dies is started anew for the next case; so is one whose answer does
    not follow the protocol, since nobody knows what its next line is about.
    """

    name: str
    capabilities: Capabilities
    command: tuple[str, ...]
    talk: _Talk = field(default_factory=_Talk)

    def can_run(self, case: Case) -> str | None:
        """Return None, or the reason why this case cannot be run.

        What the capabilities do not exclude, the program is asked.
        """
        if case.upstream is not None and "upstream" not in self.capabilities.options:
            return "does not offer upstream"
        reason = reason_against(self.capabilities, case)
        if reason is not None:
            return reason
        answer = self._ask(case)
        self.talk.kept = (case, answer)
        return answer.unsupported or None

    def run(self, case: Case, buffers: Mapping[str, NDArray[Any]]) -> Output:  # noqa: ARG002 - the program has memory of its own
        """Return the program's answer.

        Raises:
            AnswerError: If it does not follow the protocol.
        """
        kept, self.talk.kept = self.talk.kept, None
        if kept is not None and kept[0] is case:
            return kept[1].output
        return self._ask(case).output

    def _ask(self, case: Case) -> Answer:
        talk = self.talk
        try:
            if talk.program is None:
                talk.program = Program(self.command)
                talk.program.hear(GREETING)
            talk.asked += 1
            derivatives = getattr(self.capabilities, "derivatives", {})
            along = bool(derivatives.get(case.loss))
            talk.program.tell(question_of(case, talk.asked, along=along))
            return answer_of(talk.program.hear(), talk.asked, case)
        except DiedError as error:
            talk.program = None
            die_too(error)
        except AnswerError:
            self.close()
            raise

    def close(self) -> None:
        """End the program; another question starts it anew."""
        if self.talk.program is not None:
            self.talk.program.end()
            self.talk.program = None


def started(text: str) -> ProcessBackend:
    """Return the backend that the command line `text` starts.

    Raises:
        LoadError: If it cannot be run or does not greet.
    """
    command, spec = command_of(text), f"process:{text}"
    program = Program(command)
    try:
        name, capabilities = greeting_of(program.hear(GREETING), spec)
        made = ProcessBackend(name, capabilities, command, _Talk(program))
        wrap(made, spec, Hints())  # refuses what no backend may state
    except (DiedError, LoadError) as error:
        program.end()
        if isinstance(error, LoadError):
            raise
        msg = f"{spec!r} must greet as `loss-conformance help protocol` says: {error}"
        raise LoadError(msg) from error
    return made
