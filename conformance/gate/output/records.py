"""A comparison for machines: JSON, one record a line, appended as cells are compared. See docs/gating-an-upgrade.md.

The keys of the file stay the same when fields of the classes are renamed: `_change`, `_judgement` and `_speed` map
them.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from conformance.files.atomic import write_text
from conformance.gate.changes import Change
from conformance.gate.decision import Comparison
from conformance.gate.match import CellMatch
from conformance.gate.times.speed import Judgement, Speed
from conformance.results.model import Environment

SCHEMA = 1


class GateRecords:
    """The file of one comparison. What was written stays there if the gate is killed. What cannot be written does not
    end the gate: it is tried again at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[str] = []
        self._failed = False

    def begin(self, baseline: Environment, candidate: Environment, cells: Iterable[str]) -> None:
        """Start the file with the two environments and the plan. Raises `OSError`."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("wb", buffering=0)
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        sides = {"baseline": to_builtins(baseline), "candidate": to_builtins(candidate)}
        self._append({"type": "gate", "schema": SCHEMA, **sides, "started": now})
        self._append({"type": "plan", "cells": list(cells)})

    def cell(self, name: str, match: CellMatch) -> None:
        """One cell: the numbers of samples that both sides answered, that were equal, that were so but for the bits of
        NaNs, and that show each kind of change."""
        kinds = {kind: len(shown) for kind, shown in match.differing.items()}
        counts = {"asked": match.asked, "equal": match.equal, "nans_differ": match.nans_differ}
        self._append({"type": "cell", "id": name, **counts, "kinds": kinds})

    def change(self, change: Change) -> None:
        """One change, steady or not."""
        self._append({"type": "change", **_change(change)})

    def timed(self, name: str, summary: str) -> None:
        """The judgement of one set of processes on one workload."""
        self._append({"type": "timed", "id": name, "words": summary})

    def end(self, comparison: Comparison) -> None:
        """The speeds, and the decision. Raises `OSError` if the file cannot be written."""
        for speed in comparison.speeds:
            self._append({"type": "speed", **_speed(speed)})
        self._append(
            {
                "type": "end",
                "status": comparison.status,
                "word": comparison.decision,
                "line": comparison.line(),
                "seconds": comparison.seconds,
                "wrong_alike": [one.cell for one in comparison.wrong_alike],
                "terms": list(comparison.terms),
                "gaps": list(comparison.gaps),
                "entries": list(comparison.entries),
            }
        )
        with suppress(OSError):
            self._file.close()
        if self._failed:
            write_text(self._path, "".join(self._lines))

    def _append(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":")) + "\n"
        self._lines.append(line)
        if self._failed:
            return
        try:
            self._failed = self._file.write(line.encode("ascii")) != len(line)
        except OSError:
            self._failed = True


def _change(change: Change) -> dict[str, Any]:
    return {{"time_ratio": "times"}.get(name, name): value for name, value in asdict(change).items()}


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "word": judgement.verdict,
        "ratio": asdict(judgement.ratio),
        "margin": judgement.margin,
        "pairs": judgement.pairs,
        "more": judgement.pairs_needed,
        "control": judgement.control,
    }


def _speed(speed: Speed) -> dict[str, Any]:
    return {
        "word": speed.verdict,
        "words": speed.summary,
        **asdict(speed),
        "first": _judgement(speed.first),
        "fresh": [_judgement(judgement) for judgement in speed.fresh],
    }
