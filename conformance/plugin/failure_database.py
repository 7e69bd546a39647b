"""Failing samples of earlier runs, kept in Hypothesis's example database and asked again before anything is drawn."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hypothesis.database import ExampleDatabase

from conformance.results.codec import read_json
from conformance.results.model import CellResult, Verdict
from conformance.samples.sample import Sample
from conformance.samples.serial import from_data


class FailureDatabase:
    """The samples that broke a cell, by the cell's key; keeps nothing where there is no database.

    A key must change with the spec: a sample drawn by another text of it may be no valid call any more.
    """

    def __init__(self, database: ExampleDatabase | None) -> None:
        self._database = database

    def samples(self, keys: Iterable[str]) -> tuple[Any, ...]:
        """What broke any of the cells as data, each sample once. What is no sample is passed over: others may write to
        the database."""
        if self._database is None:
            return ()
        kept = {data for key in keys for data in self._database.fetch(key.encode())}
        return tuple(sample for data in sorted(kept) if (sample := _sample(data)) is not None)

    def update(self, key: str, result: CellResult) -> None:
        """Keep the sample that broke a cell, and forget those that did so before. One that was not run says nothing."""
        if self._database is None or result.verdict is Verdict.NOT_RUN:
            return
        sample = result.failure.sample if result.failure and result.verdict.failed else None
        now = {json.dumps(sample.data).encode()} if sample else set()
        before = set(self._database.fetch(key.encode()))
        for data in before - now:
            self._database.delete(key.encode(), data)
        for data in now - before:
            self._database.save(key.encode(), data)


def _sample(kept: bytes) -> Any:
    """A kept sample as data; None if it is none."""
    try:
        data = read_json(kept)
        return data if isinstance(from_data(data), Sample) else None
    except (ValueError, TypeError, LookupError):
        return None
