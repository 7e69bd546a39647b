"""A comparison for machines: JSON, one record a line, appended as cells are compared. See docs/gating-an-upgrade.md."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from conformance.gate.changes import Change
from conformance.gate.decision import Comparison
from conformance.results.model import Environment

SCHEMA = 1


class Records:
    """The file of one comparison; what was written stays if the gate is killed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, baseline: Environment, candidate: Environment, cells: Iterable[str]) -> None:
        """Start the file with the two environments and the plan."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8", newline="\n")
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        sides = {"baseline": to_builtins(baseline), "candidate": to_builtins(candidate)}
        self._append({"type": "gate", "schema": SCHEMA, **sides, "started": now})
        self._append({"type": "plan", "cells": list(cells)})

    def cell(self, name: str, asked: int, equal: int, kinds: Mapping[str, int]) -> None:
        """One cell: how many samples both sides answered, how many alike, and how many show each kind of change."""
        self._append({"type": "cell", "id": name, "asked": asked, "equal": equal, "kinds": dict(kinds)})

    def change(self, change: Change) -> None:
        """One change, steady or not."""
        self._append({"type": "change", **asdict(change)})

    def timed(self, name: str, words: str) -> None:
        """What one set of processes says of one workload."""
        self._append({"type": "timed", "id": name, "words": words})

    def end(self, comparison: Comparison) -> None:
        """The speeds, and the decision."""
        for speed in comparison.speeds:
            self._append({"type": "speed", "word": speed.word, "words": speed.words, **asdict(speed)})
        said = {name: list(getattr(comparison, name)) for name in ("wrong_alike", "terms", "gaps", "entries")}
        self._append(
            {
                "type": "end",
                "status": comparison.status,
                "word": comparison.word,
                "line": comparison.line(),
                "seconds": comparison.seconds,
                **said,
            }
        )
        self._file.close()

    def _append(self, record: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(record, separators=(",", ":")) + "\n")
        self._file.flush()
