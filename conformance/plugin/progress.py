"""How far a run is, told while it goes on: by one line below what pytest writes on a terminal, elsewhere by few lines.

Nothing is told where the terminal is not pytest's own reporter, or where pytest tells no progress either
(`console_output_style=classic`, and quieter than its output is with -q).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import pytest
from _pytest.terminal import TerminalReporter

from conformance.results.file import parts_of
from conformance.results.model import COMPILED, Cell, Verdict
from conformance.results.visible import visible
from conformance.spec.cells import is_compiled

REDRAWN = 0.25
"""The seconds after which the line on a terminal is drawn anew."""

EVERY = 10.0
"""The least seconds between two lines where there is no terminal."""

TENTH = 0.1
"""The least part of the cells that is answered between two such lines."""

BAD = (Verdict.CRASHED, Verdict.BROKEN, Verdict.VACUOUS)
"""The verdicts that the line counts, where a cell has them."""


def show(config: pytest.Config, cells: Iterable[str], operations: Mapping[str, str]) -> None:
    """Tell from now on how far the run of these cells is. `operations` are those of the spec files, by name."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    # A foreign reporter draws lines of its own, and a second one would not leave them whole.
    if type(reporter) is not TerminalReporter or config.getini("console_output_style") == "classic":
        return
    progress = Progress(cells, operations, time.monotonic())
    display: Display
    if _has_line(config):
        display = LiveLine(progress, reporter)
    elif config.option.verbose >= 0:
        display = FewLines(progress, reporter)
    else:
        return
    config.pluginmanager.register(Watcher(progress, display), "conformance-progress")


def _has_line(config: pytest.Config) -> bool:
    """Whether a line can be kept below what pytest writes: on a terminal that nothing but pytest writes to."""
    shared = config.getoption("capture") == "no" or config.getini("log_cli") or config.getoption("log_cli_level")
    # Consoles of Windows know the control sequences only once a program has turned them on.
    able = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and sys.platform != "win32"
    return able and not shared and config.option.verbose >= -1


class Progress:
    """What a run has done so far, and what it is doing. Times are seconds of one clock."""

    def __init__(self, cells: Iterable[str], operations: Mapping[str, str], started: float) -> None:
        self._operations, self.started = operations, started
        self._open = dict.fromkeys(cells)
        """the ids of the cells without an answer"""
        self._left = Counter(map(_file_of, self._open))
        """how many of them each spec file has"""
        self.cells, self.specs = len(self._open), len(self._left)
        self._verdicts: Counter[Verdict] = Counter()
        self._running: dict[str, float] = {}

    @property
    def answered(self) -> int:
        """The number of cells that have an answer."""
        return self.cells - len(self._open)

    @property
    def broken(self) -> bool:
        """Whether a cell is not as promised."""
        return any(self._verdicts[verdict] for verdict in BAD)

    def begin(self, cell: str, now: float) -> None:
        """A cell is asked."""
        if cell in self._open:
            self._running.setdefault(cell, now)

    def end(self, cell: str) -> None:
        """A cell is no longer asked, and has no answer: another plugin ended it, or its worker died."""
        self._running.pop(cell, None)

    def answer(self, cell: str, verdict: Verdict) -> None:
        """A cell was answered; of one that is run again the first answer counts."""
        self.end(cell)
        if cell in self._open:
            del self._open[cell]
            self._left[_file_of(cell)] -= 1
            self._verdicts[verdict] += 1

    def text(self, now: float) -> str:
        """How far the run is, in one line."""
        done = sum(not left for left in self._left.values())
        bad = [f"{self._verdicts[verdict]:,} {verdict}" for verdict in BAD if self._verdicts[verdict]]
        parts = [
            f"{done:,} of {self.specs:,} {'spec' if self.specs == 1 else 'specs'}",
            f"{self.answered:,} of {self.cells:,} {'cell' if self.cells == 1 else 'cells'}",
            *(bad or ["none broken"]),
        ]
        line = f"[{_clock(now - self.started)}] {', '.join(parts)}"
        if self._running:
            cell, since = min(self._running.items(), key=_since)
            line += f"; longest now: {self._what(cell)} {_clock(now - since)}"
        return visible(line)

    def _what(self, cell: str) -> str:
        """What is asked with a cell: those of a spec, or the compiled ones of all."""
        parts = parts_of(cell)
        compiled = is_compiled(Cell(parts["check"], parts["subject"]))
        return COMPILED if compiled else self._operations[parts["file"]]


def _file_of(cell: str) -> str:
    return cell.split("::")[0]


def _since(running: tuple[str, float]) -> float:
    return running[1]


def _clock(seconds: float) -> str:
    """Seconds as a stopwatch shows them: 1:05."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Display(Protocol):
    """How progress is shown."""

    def before_spec(self) -> None:
        """Something new is about to be asked, and pytest has not told it yet."""

    def aside(self) -> Any:
        """A context in which pytest may write."""

    def close(self) -> None:
        """Nothing is shown from now on."""


class Watcher:
    """The plugin of pytest that follows the run. Under pytest-xdist the controller has one: what the workers begin and
    end is told to it by the same hooks."""

    def __init__(self, progress: Progress, display: Display) -> None:
        self._progress, self._display = progress, display
        self._begun: set[str] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> Generator[None, Any, Any]:
        file = _file_of(nodeid)
        if file not in self._begun:
            self._begun.add(file)
            self._display.before_spec()
        with self._display.aside():
            told = yield
            self._progress.begin(nodeid, time.monotonic())
        return told

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, Any, Any]:
        with self._display.aside():
            told = yield
            verdict = getattr(report, "conformance_verdict", None)
            if verdict:
                self._progress.answer(report.nodeid, Verdict(verdict))
            elif report.when != "setup" or report.failed:
                self._progress.end(report.nodeid)
        if self._progress.answered == self._progress.cells:
            self._display.close()
        return told

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logfinish(self) -> Generator[None, Any, Any]:
        with self._display.aside():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True, optionalhook=True)
    def pytest_testnodedown(self) -> Generator[None, Any, Any]:
        with self._display.aside():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self) -> None:
        self._display.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_enter_pdb(self) -> None:
        self._display.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._display.close()


class LiveLine:
    """One line of a terminal, right below the cursor. A thread draws it, since pytest waits for a sweep to end; it
    draws nothing while pytest writes."""

    DRAW = "\x1b[J\x1bD\x1b[A\x1b7\r\n{}\x1b8"
    """erase what is below, make room for a line, and write it there, with the cursor back where it was"""
    ERASE = "\x1b[J"

    def __init__(self, progress: Progress, reporter: TerminalReporter) -> None:
        self._progress, self._reporter = progress, reporter
        self._writer = reporter.config.get_terminal_writer()
        # While a test runs, pytest captures what is written to the descriptor of the terminal itself.
        self._terminal = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding=sys.stdout.encoding, errors="replace")
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._drawn = False
        self._thread = threading.Thread(target=self._draw_until_over, name="conformance-progress", daemon=True)

    def before_spec(self) -> None:
        if not self._thread.is_alive() and not self._over.is_set():
            self._thread.start()

    @contextmanager
    def aside(self) -> Iterator[None]:
        with self._lock:
            self._erase()
            try:
                yield
            finally:
                self._reporter.flush()

    def close(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._erase()
        with suppress(OSError):
            self._terminal.close()

    def _draw_until_over(self) -> None:
        while not self._over.wait(REDRAWN):
            with self._lock:
                line = self._progress.text(time.monotonic())[: self._writer.fullwidth - 1]
                marked = self._writer.markup(line, bold=True, red=self._progress.broken)
                self._write(self.DRAW.format(marked))
                self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self._write(self.ERASE)
            self._drawn = False

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal was closed: the run can still leave its results
            self._terminal.write(text)
            self._terminal.flush()


class FewLines:
    """Lines between what pytest writes, each before a spec begins."""

    def __init__(self, progress: Progress, reporter: TerminalReporter) -> None:
        self._progress, self._reporter = progress, reporter
        self._writer = reporter.config.get_terminal_writer()
        self._last = (progress.started, 0)
        """when the last line was written, and how many cells had an answer then"""

    def before_spec(self) -> None:
        now, answered = time.monotonic(), self._progress.answered
        then, before = self._last
        if now - then < EVERY or answered - before < TENTH * self._progress.cells:
            return
        self._last = now, answered
        self._reporter.ensure_newline()
        if self._writer.width_of_current_line:  # under pytest-xdist the reporter does not know where it stands
            self._writer.line()
        self._writer.line(self._progress.text(now))

    @contextmanager
    def aside(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        pass
