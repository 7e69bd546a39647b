"""What a run leaves: the results file as cells arrive, the HTML report at the end, and the lines of the terminal."""

from __future__ import annotations

import datetime
import hashlib
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from conformance.files.atomic import write_text
from conformance.plugin.terminal import cause_lines, deviation_lines, fixed_lines, memory_lines
from conformance.report import write_report
from conformance.report.mutation import scores_file
from conformance.results.codec import one_line
from conformance.results.file import SCHEMA, CannotWrite
from conformance.results.keeper import Keeper
from conformance.results.model import CellResult, ClaimEntry, End, Environment, Plan, SpecEntry, SweepTime
from conformance.results.status import Status
from conformance.results.verdict import Results, verdict_line
from conformance.spec.contract import Spec
from conformance.spec.text import accuracy_text

RESULTS = "results.ndjson"
REPORT = "report.html"

BY_CELLS = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
"""The statuses of a pytest run that came to its end: what its cells say decides. A shard may have none."""

LONGEST_NAME = 180
"""The most letters of a cell's id in the name of its script."""

MOST_PROBLEMS = 3
"""How many failures of the suite are told."""


class RunRecorder:
    """Appends records to the results file and sums up when the run is over.

    What cannot be written meanwhile does not end the run, and is told as a failure of the suite. A folder in which
    nothing can be begun raises `CannotWrite`.
    """

    def __init__(
        self, folder: Path, environment: Environment, plan: Plan, specs: dict[str, Spec], baseline: Results | None
    ) -> None:
        self.folder = folder
        self._baseline = baseline
        self.found: Results | None = None
        self._started = time.monotonic()
        self._problems: list[str] = []
        for old in (*folder.glob("repro_*.py"), folder / REPORT):
            with suppress(OSError):
                old.unlink()
        self._keeper = Keeper(folder / RESULTS)
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        self._keeper.append(replace(environment, schema=SCHEMA, started=now))
        self._keeper.append(plan)
        for file, spec in specs.items():
            self._keeper.append(spec_entry(file, spec))

    def write(self, record: CellResult | SweepTime) -> None:
        """Append what arrived while the run goes on, and write the scripts of its failures."""
        for failure in record.failures if isinstance(record, CellResult) else ():
            if failure.repro:
                self._write_script(self.folder / failure.repro, failure.script)
        self._keeper.append(record)

    def _write_script(self, path: Path, script: str) -> None:
        try:
            write_text(path, script)
        except OSError as error:
            self.failed(f"{path}: cannot be written: {error.strerror}")

    def failed(self, problem: str) -> None:
        """Note a failure of the suite, in one line."""
        if problem not in self._problems:
            self._problems.append(problem)

    def finish(self, pytest_status: int, errors: Sequence[str], others_failed: bool) -> int:
        """Write the report and close the results file; returns the exit status of the run.

        `errors` say what is missing beside cells without an answer, `others_failed` whether tests failed that are no
        cells.
        """
        seconds = round(time.monotonic() - self._started, 1)
        ended = partial(self._end, pytest_status, seconds, errors, others_failed)
        self._write_report(ended())
        end = ended()
        try:
            self._keeper.close(end)
        except CannotWrite as error:
            self.failed(str(error))
            end = ended()
            self._write_report(end)
        self.found = self._keeper.results(end)
        return end.exit_status

    def _end(self, pytest_status: int, seconds: float, errors: Sequence[str], others_failed: bool) -> End:
        """The last record, with the exit status that goes with all that is known."""
        told = [f"the suite failed: {problem}" for problem in self._problems[:MOST_PROBLEMS]]
        more = len(self._problems) - len(told)
        told += [f"the suite failed in {more} other ways"] if more else []
        by_cells = pytest_status in BY_CELLS
        end = End(
            exit_status=Status.KEPT if by_cells else pytest_status,
            seconds=seconds,
            errors=(*errors, *told),
        )
        if self._problems:
            return replace(end, exit_status=Status.SUITE_FAILED)
        if by_cells:
            status = self._keeper.results(end).status
            return replace(end, exit_status=Status.BROKEN if others_failed else status)
        return end

    def _write_report(self, end: End) -> None:
        path = self.folder / REPORT
        try:
            write_report(self._keeper.results(end), path, scores_file(self.folder), self._baseline)
        except OSError as error:
            self.failed(f"{path}: cannot be written: {error.strerror}")
        except Exception as error:  # whatever it is: the verdict must be told all the same
            self.failed(one_line(f"{path}: cannot be made: {type(error).__name__}: {error}"))

    def summary(self) -> list[str]:
        """The lines of the terminal: deviations and causes one by one, the verdict in words, where to read on."""
        if self.found is None:
            return []
        lines = [f"known deviation {line}" for line in deviation_lines(self.found)]
        lines += [f"fixed here {line}" for line in fixed_lines(self.found)]
        lines += cause_lines(self.found)
        lines += [f"memory {line}" for line in memory_lines(self.found)]
        return [*lines, verdict_line(self.found), f"results  {self.folder / RESULTS}"]


def script_name(cell_id: str, number: int = 0) -> str:
    """The file name of the script that reproduces a cell's failure number `number`."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", cell_id.removeprefix("specs/")).strip("_")
    if len(words) > LONGEST_NAME:  # file systems take 255 bytes, and a temporary name is somewhat longer
        words = f"{words[:LONGEST_NAME]}_{hashlib.sha256(cell_id.encode(errors='surrogatepass')).hexdigest()[:16]}"
    return f"repro_{words}{f'_{number + 1}' if number else ''}.py"


def spec_entry(file: str, spec: Spec) -> SpecEntry:
    """What the report needs to know of a spec."""
    return SpecEntry(
        file=file,
        operation=spec.operation,
        summary=spec.summary,
        documentation=spec.documentation,
        dtypes=spec.dtypes,
        accuracy=accuracy_text(spec.accuracy) if spec.has_calls else "",
        claims=tuple(
            ClaimEntry(
                name=claim.name,
                source=claim.source,
                statement=claim.statement,
                verdict=claim.verdict,
                note=claim.note,
                contradicts=claim.contradicts,
                operations=claim.operations,
            )
            for claim in spec.claims
        ),
    )
