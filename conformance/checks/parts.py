"""Parts of a check: forms, refusals, laws. One that fails as a known deviation says does not end the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from conformance.execution.broken import Broken
from conformance.execution.device_memory import is_out_of_memory
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.execution import Execution


@contextmanager
def part_of_check(execution: Execution, evidence: EvidenceBuilder) -> Iterator[None]:
    """Raise what the part raises, unless a known deviation explains it."""
    try:
        yield
    except Broken as broken:
        if is_out_of_memory(broken) or not execution.is_known(broken):
            raise
        evidence.aside(execution.sample)
