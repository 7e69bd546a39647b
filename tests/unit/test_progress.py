"""How far a run is: what is counted, and how often it is told."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.plugin.progress import FewLines, Progress
from conformance.results.model import Verdict

OPERATIONS = {"a.py": "torch.a", "b.py": "torch.b"}


def test_specs_cells_what_is_broken_and_what_runs_longest_are_told() -> None:
    cells = ["a.py::values[cpu-int8]", "a.py::modes[cpu-inductor]", "a.py::values[cpu-int16]", "b.py::memory[cpu-int8]"]
    run = Progress(cells, OPERATIONS, 100.0)
    assert run.text(100.9) == "[0:00] 0 of 2 specs, 0 of 4 cells, none broken"
    run.begin("b.py::memory[cpu-int8]", 103.0)
    run.begin("a.py::values[cpu-int8]", 101.0)
    assert run.text(165.5) == "[1:05] 0 of 2 specs, 0 of 4 cells, none broken; longest now: torch.a 1:04"
    run.begin("a.py::modes[cpu-inductor]", 100.5)
    assert run.text(165.5).endswith("none broken; longest now: compiled cells 1:05")
    run.answer("a.py::modes[cpu-inductor]", Verdict.HELD)
    run.answer("a.py::values[cpu-int8]", Verdict.BROKEN)
    assert run.broken
    assert run.text(166.0) == "[1:06] 0 of 2 specs, 2 of 4 cells, 1 broken; longest now: torch.b 1:03"
    run.answer("a.py::values[cpu-int16]", Verdict.CRASHED)
    run.answer("b.py::memory[cpu-int8]", Verdict.DEVIATES)
    assert run.text(3700.0) == "[60:00] 2 of 2 specs, 4 of 4 cells, 1 crashed, 1 broken"


def test_a_cell_that_is_run_again_one_that_is_given_up_and_a_test_that_is_no_cell_count_for_nothing() -> None:
    run = Progress(["a.py::values[cpu-int8]", "b.py::values[cpu-int8]"], OPERATIONS, 0.0)
    for verdict in (Verdict.BROKEN, Verdict.HELD):
        run.begin("a.py::values[cpu-int8]", 1.0)
        run.answer("a.py::values[cpu-int8]", verdict)
    run.begin("test_own.py::test_own", 2.0)
    run.end("test_own.py::test_own")
    run.begin("b.py::values[cpu-int8]", 2.0)
    run.end("b.py::values[cpu-int8]")
    assert run.text(3.0) == "[0:03] 1 of 2 specs, 1 of 2 cells, 1 broken"


class Lines:
    """Stands for pytest's reporter, its configuration and its writer: keeps the lines."""

    width_of_current_line = 0

    def __init__(self) -> None:
        self.config = self
        self.lines: list[str] = []

    def get_terminal_writer(self) -> Lines:
        return self

    def ensure_newline(self) -> None:
        pass

    def line(self, text: str) -> None:
        self.lines.append(text)


@pytest.mark.parametrize(("seconds", "told"), [(0.1, 0), (3.0, 30), (60.0, 10)])
def test_lines_are_ten_seconds_and_a_tenth_of_the_cells_apart(
    monkeypatch: pytest.MonkeyPatch, seconds: float, told: int
) -> None:
    """A hundred specs of a cell each, that take so many seconds each."""
    now = [0.0]
    monkeypatch.setattr("conformance.plugin.progress.time.monotonic", lambda: now[0])
    cells = [f"{number}.py::values[cpu-int8]" for number in range(100)]
    run = Progress(cells, {f"{number}.py": f"torch.op{number}" for number in range(100)}, 0.0)
    reporter: Any = Lines()
    lines = FewLines(run, reporter)
    for cell in cells:
        lines.before_spec()
        now[0] += seconds
        run.answer(cell, Verdict.HELD)
    assert len(reporter.lines) == min(told, 9)
