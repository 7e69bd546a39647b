"""The results of shards put together: they must be of one run, and add up to its plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance import results
from conformance.results.comparability import differing

Records = dict[str, list[dict[str, Any]]]


class CannotMerge(Exception):
    """Shards that are not of one run; the message is one line."""


def merge(paths: Sequence[Path], output: Path) -> results.Results:
    """Write the results of all shards as one run to `output`, and read it. What no shard answered is "not run" there.

    A cell that two shards answered with different bits is told among the errors of the end record. Raises `CannotMerge`
    or `ResultsError`.
    """
    if output.resolve() in {path.resolve() for path in paths}:
        raise CannotMerge(f"{output} is one of the shards; write the whole to another file")
    shards = [results.read_records(path) for path in paths]
    first = shards[0][0]
    for path, (records, _) in zip(paths, shards):
        _must_belong(path, records, paths[0], first)
    beside = output.with_name(f".{output.name}.part")
    with results.Writer(beside) as writer:
        for record in _merged(paths, shards):
            writer.write(record)
    beside.replace(output)
    return results.read(output)


def _must_belong(path: Path, records: Records, other: Path, first: Records) -> None:
    if not records["plan"] or "shard" not in records["plan"][0]:
        raise CannotMerge(f"{path} is no shard: make it with 'pytest --shard N/OF'")
    terms = differing(first["environment"][0], records["environment"][0])
    torches = [found["environment"][0]["torch"] for found in (first, records)]
    terms = (f"torch: {' and '.join(torches)}", *terms) if torches[0] != torches[1] else terms
    if terms:
        raise CannotMerge(f"{other} and {path} are not of one run: {'; '.join(terms)}")
    if first["plan"][0]["shard"]["plan"] != records["plan"][0]["shard"]["plan"]:
        raise CannotMerge(f"{other} and {path} are not of one run: their plans differ")


def _merged(paths: Sequence[Path], shards: list[tuple[Records, bool]]) -> list[dict[str, Any]]:
    every = [records for records, _ in shards]
    plan = every[0]["plan"][0]
    cells = [record for records in every for record in records["cell"]]
    specs = {record["file"]: record for records in every for record in records["spec"]}
    whole = {
        "type": "plan",
        "cells": plan["shard"]["plan"],
        "deselected": max(records["plan"][0].get("deselected", 0) for records in every),
    }
    return [every[0]["environment"][0], whole, *specs.values(), *cells, _end(paths, every, cells)]


def _end(paths: Sequence[Path], every: list[Records], cells: list[dict[str, Any]]) -> dict[str, Any]:
    ends = [records["end"][0] for records in every if records["end"]]
    errors = [error for end in ends for error in end["errors"]]
    errors += [f"{path} did not end" for path, records in zip(paths, every) if not records["end"]]
    errors += [f"{name} came twice, with different bits" for name in _unlike(cells)]
    return {
        "type": "end",
        "exit_status": max((end["exit_status"] for end in ends), default=0),
        "seconds": round(sum(end["seconds"] for end in ends), 1),
        "errors": errors,
    }


def _unlike(cells: list[dict[str, Any]]) -> list[str]:
    """The ids of cells that came more than once and not with the same verdict and fingerprint."""
    told: dict[str, set[tuple[str, str]]] = {}
    for cell in cells:
        bits = cell.get("evidence", {}).get("fingerprint", "")
        told.setdefault(cell["id"], set()).add((cell["verdict"], bits))
    return [name for name, said in told.items() if len(said) > 1]
