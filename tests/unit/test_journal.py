"""The journal of a child process: a reader never meets half of an entry, however fast the writer, whenever it dies."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from conformance.processes.journal import Journal, Reader, create
from conformance.samples.sample import as_sample, dense

READS = 1_000_000

WRITER = """
import sys
from pathlib import Path
from conformance.processes.journal import Journal
from tests.unit.test_journal import SAMPLES

journal = Journal(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    for cell, sample in enumerate(SAMPLES):
        for _ in range(1000):
            journal.note(cell, sample)
"""

# Of very different lengths, so that half of one is never the whole of another.
SAMPLES = [as_sample({"input": dense((size,)), "parts": tuple(range(size))}) for size in (1, 900, 20, 3000)]


@pytest.fixture
def writer(tmp_path):
    """A process that writes as fast as it can, and a reader of its journal."""
    path = create(tmp_path)
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    reader = Reader(path)
    yield process, reader
    process.kill()
    process.wait()
    process.stdout.close()
    reader.close()


def test_a_million_reads_against_a_writer_never_meet_half_a_counter(writer):
    """A counter that was half written would be seen to run backwards, as its bytes turn over."""
    _, reader = writer
    before, backwards = 0, 0
    for _ in range(READS):
        now = reader.steps
        backwards += now < before
        before = now
    assert backwards == 0 and before > 1000


@pytest.mark.parametrize("attempt", range(10))
def test_a_writer_that_is_killed_at_any_time_leaves_its_last_sample_whole(writer, attempt):
    process, reader = writer
    time.sleep(0.003 * attempt)
    process.kill()
    process.wait()
    last = reader.last()
    assert last.steps == 0 or last.sample == SAMPLES[last.cell]


def test_a_step_without_a_sample_and_one_that_does_not_fit_are_told_by_their_cell(tmp_path):
    path = create(tmp_path)
    journal, reader = Journal(path), Reader(path)
    assert reader.last().steps == 0
    for cell, sample in ((3, SAMPLES[1]), (4, None), (5, as_sample({"parts": tuple(range(100_000))}))):
        journal.note(cell, sample)
        last = reader.last()
        assert (last.cell, last.sample) == (cell, sample if cell == 3 else None)
    assert reader.steps == 3
    journal.close()
    reader.close()


def test_every_journal_is_a_file_of_its_own(tmp_path):
    assert create(tmp_path) != create(tmp_path)
