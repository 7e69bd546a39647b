"""The exception by which a check reports a broken promise. Needs no torch."""

from __future__ import annotations

import re
from textwrap import dedent

from conformance.numeric.accuracy import Difference
from conformance.results.model import Failure, FailureKind


class Broken(Exception):
    """Raised by a check if a call does not keep a promise of the spec.

    `message` is for a reader. `about` names the broken part if a check examines several: a law, a refusal, a result.
    `error` is the exception that the call raised, if any. `call` is the expression that showed it, and `promised` is
    what was promised.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        call: str = "",
        promised: str = "",
        *,
        about: str = "",
        error: BaseException | None = None,
    ) -> None:
        super().__init__(f"{about}: {message}" if about else message)
        self.kind, self.about = kind, about
        self.call, self.promised = call, promised
        self.error = class_of(error) if error is not None else ""
        self.symptom = skeleton(message_of(error)) if error is not None else ""
        self.difference: Difference | None = None
        """how the values differ, if they do"""

    @classmethod
    def raised(
        cls, error: BaseException, call: str = "", promised: str = "", *, about: str = "", how: str = ""
    ) -> Broken:
        """A call raised an exception that it must not raise. `how` says what was special about the call."""
        message = f"raised {summary(error)}{f' {how}' if how else ''}"
        return cls(FailureKind.RAISED, message, call, promised, about=about, error=error)

    @classmethod
    def differs(
        cls, difference: Difference, call: str = "", promised: str = "", *, about: str = "", how: str = ""
    ) -> Broken:
        """A result is not as promised. `how` says what was special about the call."""
        message = f"{how}: {difference.message}" if how else difference.message
        broken = cls(FailureKind[difference.kind.upper()], message, call, promised, about=about)
        broken.difference = difference
        broken.symptom = difference.symptom
        return broken

    @classmethod
    def not_refused(
        cls, error: BaseException | None, call: str, promised: str, *, about: str = "", where: str = ""
    ) -> Broken:
        """A misuse was accepted, or raised another class than `promised`. `where` says what was wrong with the call."""
        kind = FailureKind.ACCEPTED if error is None else FailureKind.OTHER_CLASS
        outcome = "accepted" if error is None else f"raised {summary(error)}"
        return cls(kind, f"{outcome}{f' {where}' if where else ''}", call, promised, about=about, error=error)

    def failure(self, call: str = "") -> Failure:
        """The failure as data. `call` is used if the check named none."""
        return Failure(
            kind=self.kind,
            message=str(self),
            about=self.about,
            error=self.error,
            symptom=self.symptom,
            call=dedent(self.call or call).strip(),
            promised=self.promised,
        )


def summary(error: BaseException) -> str:
    """The class of an exception and the first line of its message, if the exception can tell it. A long line is cut
    between two words."""
    text = (message_of(error).strip().splitlines() or [""])[0]
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rpartition(' ')[0] or text[:LONGEST]} …"
    return f"{class_of(error)}: {text}"


LONGEST = 240
"""The letters of a message that are told."""


_SCALARS = "|".join(
    (
        *("Bool", "Byte", "Char", "Short", "Int", "Long", r"UInt\d\d", "Half", "B?Float(?:16)?", "Double"),
        *("Complex(?:Half|Float|Double)", "pred", r"[su]\d+", r"b?f\d\d", r"c\d+"),
    )
)
"""What torch and its compilers call the dtypes in messages."""


def skeleton(message: str) -> str:
    """The first line of a message without what varies from call to call: numbers, sizes, dtypes, quoted words."""
    line = (message.strip().splitlines() or [""])[0]
    line = re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", line)
    line = re.sub(r"%[\w.-]+", "%…", line)  # the names that a compiler numbers
    line = re.sub(rf"\b(?:{_SCALARS})\b", "…", line)
    line = re.sub(r"(?<![A-Za-z_0-9.])[-+]?\d[\w.]*", "n", line)
    return re.sub(r"([\[({])(?:n(?:, ?)?)*([\])}])", r"\1…\2", line)[:160]


def message_of(error: BaseException) -> str:
    """The message of an exception, or why it cannot tell it."""
    try:
        return str(error)
    except BaseException as another:
        return f"(no message: its __str__ raises {class_of(another)})"


def class_of(error: BaseException) -> str:
    """The name of the class of an exception, cut where it is very long."""
    return type(error).__name__[:80]
