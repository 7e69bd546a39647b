"""What a run leaves: the results file as cells arrive, the HTML report at the end, and the lines of the terminal."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path
from typing import Any

from conformance import results
from conformance.plugin.terminal import deviation_lines
from conformance.report import write_report
from conformance.spec.contract import Spec
from conformance.spec.text import accuracy_text

RESULTS = "results.ndjson"
REPORT = "report.html"
MUTATION = "mutation.json"


class Teller:
    """Appends records to the results file and sums up when the run is over."""

    def __init__(self, folder: Path, environment: dict[str, Any], plan: dict[str, Any], specs: dict[str, Spec]) -> None:
        self.folder = folder
        self.found: results.Results | None = None
        self._started = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("repro_*.py"):
            old.unlink()
        self._writer = results.Writer(folder / RESULTS)
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        self._writer.write({"type": "environment", "schema": results.SCHEMA, **environment, "started": now})
        self._writer.write({"type": "plan", **plan})
        for file, spec in specs.items():
            self._writer.write(spec_record(file, spec))

    def cell(self, record: dict[str, Any]) -> None:
        self._writer.write(record)

    def finish(self, exit_status: int, errors: list[str]) -> None:
        """Close the results file and write the report; `errors` are the files that could not be collected."""
        seconds = round(time.monotonic() - self._started, 1)
        self._writer.write({"type": "end", "exit_status": exit_status, "seconds": seconds, "errors": errors})
        self._writer.close()
        mutation = self.folder.parent / MUTATION
        self.found = results.read(self.folder / RESULTS)
        write_report(self.found, self.folder / REPORT, mutation if mutation.exists() else None)

    def summary(self) -> list[str]:
        """The lines of the terminal: known deviations one by one, the verdict in words, where to read on."""
        if self.found is None:
            return []
        lines = [f"known deviation {line}" for line in deviation_lines(self.found)]
        return [*lines, results.verdict_line(self.found), f"results  {self.folder / RESULTS}"]


def script_name(cell_id: str) -> str:
    """The file name of the script that reproduces a cell's failure."""
    return "repro_" + re.sub(r"[^A-Za-z0-9]+", "_", cell_id.split("specs/")[-1]).strip("_") + ".py"


def spec_record(file: str, spec: Spec) -> dict[str, Any]:
    """What the report needs to know of a spec."""
    return {
        "type": "spec",
        "file": file,
        "operation": spec.operation,
        "summary": spec.summary,
        "documentation": spec.documentation,
        "dtypes": list(spec.dtypes),
        "accuracy": accuracy_text(spec.accuracy),
        "claims": [
            {
                "name": claim.name,
                "source": claim.source,
                "statement": claim.statement,
                "verdict": claim.verdict,
                "note": claim.note,
                "contradicts": claim.contradicts,
            }
            for claim in spec.claims
        ],
    }
