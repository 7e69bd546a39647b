"""Mutation scores: how many of the wrong implementations planted on purpose each spec caught."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from conformance.results.file import ResultsError, one_line

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["torch", "specs"],
    "properties": {
        "torch": {"type": "string"},
        "specs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["operation", "planted", "caught"],
                "properties": {
                    "operation": {"type": "string", "minLength": 1},
                    "planted": {"type": "integer", "minimum": 0},
                    "caught": {"type": "integer", "minimum": 0},
                    "survivors": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


@dataclass(frozen=True)
class FaultScore:
    """How one spec did: faults planted, faults caught, and the names of those that survived."""

    operation: str
    planted: int
    caught: int
    survivors: tuple[str, ...] = ()

    @property
    def all_caught(self) -> bool:
        return self.caught >= self.planted


@dataclass(frozen=True)
class FaultScores:
    """The scores of every spec, and the torch on which the faults were planted."""

    torch: str
    specs: tuple[FaultScore, ...]

    @property
    def planted(self) -> int:
        return sum(score.planted for score in self.specs)

    @property
    def caught(self) -> int:
        return sum(score.caught for score in self.specs)

    @property
    def by_operation(self) -> dict[str, FaultScore]:
        return {score.operation: score for score in self.specs}


def read_scores(path: Path) -> FaultScores:
    """The scores of a mutation file; raises `ResultsError`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(data, _SCHEMA)
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from None
    except jsonschema.ValidationError as error:
        raise ResultsError(f"{path}: is no mutation file: {one_line(error.message)}") from None
    except ValueError:
        raise ResultsError(f"{path}: is no mutation file: it is not JSON") from None
    return FaultScores(
        data["torch"],
        tuple(
            FaultScore(entry["operation"], entry["planted"], entry["caught"], tuple(entry.get("survivors", ())))
            for entry in data["specs"]
        ),
    )
