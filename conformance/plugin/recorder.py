"""What a run leaves: the results file as cells arrive, the HTML report at the end, and the lines of the terminal."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path

from msgspec.structs import replace

from conformance.files.atomic import write_text
from conformance.plugin.terminal import cause_lines, deviation_lines, memory_lines
from conformance.report import write_report
from conformance.results.file import SCHEMA, Writer, read
from conformance.results.model import CellResult, ClaimEntry, End, Environment, Plan, SpecEntry, SweepTime
from conformance.results.verdict import Results, verdict_line
from conformance.spec.contract import Spec
from conformance.spec.text import accuracy_text

RESULTS = "results.ndjson"
REPORT = "report.html"
MUTATION = "mutation.json"


class RunRecorder:
    """Appends records to the results file and sums up when the run is over."""

    def __init__(self, folder: Path, environment: Environment, plan: Plan, specs: dict[str, Spec]) -> None:
        self.folder = folder
        self.found: Results | None = None
        self._started = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("repro_*.py"):
            old.unlink()
        self._writer = Writer(folder / RESULTS)
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        self._writer.write(replace(environment, schema=SCHEMA, started=now))
        self._writer.write(plan)
        for file, spec in specs.items():
            self._writer.write(spec_entry(file, spec))

    def write(self, record: CellResult | SweepTime) -> None:
        """Append what arrived while the run goes on, and write the script of a failure."""
        failure = record.failure if isinstance(record, CellResult) else None
        if failure is not None and failure.repro:
            write_text(self.folder / failure.repro, failure.script)
        self._writer.write(record)

    def finish(self, exit_status: int, errors: list[str]) -> None:
        """Close the results file and write the report; `errors` are the files that could not be collected."""
        seconds = round(time.monotonic() - self._started, 1)
        self._writer.write(End(exit_status=exit_status, seconds=seconds, errors=tuple(errors)))
        self._writer.close()
        mutation = self.folder.parent / MUTATION
        self.found = read(self.folder / RESULTS)
        write_report(self.found, self.folder / REPORT, mutation if mutation.exists() else None)

    def summary(self) -> list[str]:
        """The lines of the terminal: deviations and causes one by one, the verdict in words, where to read on."""
        if self.found is None:
            return []
        lines = [f"known deviation {line}" for line in deviation_lines(self.found)]
        lines += [f"broken {line}" for line in cause_lines(self.found)]
        lines += [f"memory {line}" for line in memory_lines(self.found)]
        return [*lines, verdict_line(self.found), f"results  {self.folder / RESULTS}"]


def script_name(cell_id: str) -> str:
    """The file name of the script that reproduces a cell's failure."""
    return "repro_" + re.sub(r"[^A-Za-z0-9]+", "_", cell_id.removeprefix("specs/")).strip("_") + ".py"


def spec_entry(file: str, spec: Spec) -> SpecEntry:
    """What the report needs to know of a spec."""
    return SpecEntry(
        file=file,
        operation=spec.operation,
        summary=spec.summary,
        documentation=spec.documentation,
        dtypes=spec.dtypes,
        accuracy=accuracy_text(spec.accuracy),
        claims=tuple(
            ClaimEntry(
                name=claim.name,
                source=claim.source,
                statement=claim.statement,
                verdict=claim.verdict,
                note=claim.note,
                contradicts=claim.contradicts,
            )
            for claim in spec.claims
        ),
    )
