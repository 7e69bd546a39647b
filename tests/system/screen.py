"""A terminal for tests: a command runs in a pseudo terminal, and what stands on the screen is read as it goes on."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.system.checkout import NOT_OURS

ROWS, COLUMNS = 12, 100
"""Few rows, so that the screen scrolls."""

_CONTROL = re.compile(r"\x1b\[\d*(?P<letter>[AJm])|\x1b\[(?:\d+;)*\d+m|\x1b(?P<other>[78D])")


class Screen:
    """What stands on a terminal after all that was written to it, with the lines that scrolled away above."""

    def __init__(self) -> None:
        self._lines = [""]
        """every line so far; the screen is the last ones"""
        self._row, self._column = 0, 0
        self._saved = (0, 0)
        self._rest = ""

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty."""
        return [line.rstrip() for line in self._lines if line.strip()]

    def write(self, text: str) -> None:
        self._rest += text
        while self._rest:
            if self._rest[0] != "\x1b":
                self._letter(self._rest[0])
                self._rest = self._rest[1:]
                continue
            match = _CONTROL.match(self._rest)
            if match is None:
                assert len(self._rest) < 10, f"no such control sequence: {self._rest[:10]!r}"
                return
            self._control(match["letter"] or match["other"])
            self._rest = self._rest[match.end() :]

    @property
    def _top(self) -> int:
        """The number of the line that is uppermost on the screen; what lies above is out of reach."""
        return max(0, len(self._lines) - ROWS)

    def _letter(self, letter: str) -> None:
        if letter == "\r":
            self._column = 0
        elif letter == "\n":
            self._down()
        else:
            if self._column == COLUMNS:
                self._column = 0
                self._down()
            line = self._lines[self._row].ljust(self._column)
            self._lines[self._row] = line[: self._column] + letter + line[self._column + 1 :]
            self._column += 1

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self._lines):
            self._lines.append("")

    def _control(self, name: str | None) -> None:
        if name == "A":
            self._row = max(self._top, self._row - 1)
        elif name == "J":
            self._lines[self._row] = self._lines[self._row][: self._column]
            self._lines[self._row + 1 :] = [""] * len(self._lines[self._row + 1 :])
        elif name == "D":
            self._down()
        elif name == "7":  # a place on the screen, not in the text
            self._saved = (self._row - self._top, self._column)
        elif name == "8":
            self._row, self._column = self._top + self._saved[0], self._saved[1]


class Terminal:
    """A command that runs in a terminal of its own."""

    def __init__(self, command: Sequence[str], folder: Path, **variables: str) -> None:
        import pty  # not on Windows

        self.screen = Screen()
        self.written = ""
        """all that was written, with its control sequences"""
        self._ours, theirs = pty.openpty()
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm"}
        environment: Mapping[str, str] = {**kept, **size, **variables}
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
        )
        os.close(theirs)

    def until(self, words: str, unlike: str = "", patience: float = 240.0) -> str:
        """Read until a line of the screen holds `words` and is another than `unlike`; that line. Fails where the
        command ends or nothing comes."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = next((line for line in self.screen.lines if words in line and line != unlike), None)
            if found is not None:
                return found
            if not self._read():
                break
        raise AssertionError(f"{words!r} never stood on the screen:\n" + "\n".join(self.screen.lines))

    def wait(self) -> int:
        """Read until the command ends; its exit status."""
        while self._read():
            pass
        return self._process.wait()

    def close(self) -> None:
        """End the command, should it still run."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _read(self) -> bool:
        """Show what has come within a moment; false once the command has ended."""
        if not select.select([self._ours], [], [], 0.5)[0]:
            return True
        try:
            data = os.read(self._ours, 4096)
        except OSError:  # Linux says so of a terminal that nobody holds any more
            return False
        self.written += data.decode()
        self.screen.write(data.decode())
        return bool(data)
