"""What a child process is doing, kept where its parent can read it: how far it is at any time, and after it has died
what it was asked."""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from conformance.samples.sample import Sample
from conformance.samples.serial import from_data, to_data

_WORD = 8
_STEPS, _LAST, _LENGTHS, _HEADER = 0, 1, 2, 4
"""Words: the number of steps, the last step, the lengths of the two slots; then the slots begin."""

_SLOT = 1 << 17
"""Bytes of a sample that fits."""

_SIZE = _HEADER * _WORD + 2 * _SLOT
_NO_SAMPLE = 2


def create(folder: Path) -> Path:
    """A new, empty journal: no living process has it mapped."""
    handle, name = tempfile.mkstemp(dir=folder, prefix="journal-")
    with os.fdopen(handle, "wb") as file:
        file.truncate(_SIZE)
    return Path(name)


class Journal:
    """The writer's side. `note` is called before each step; it costs a microsecond, and a new sample its encoding.

    A word is written by one store of the processor. A sample is written to the slot that is not in use, and only then
    does the word of the last step name that slot: whenever the process dies, the file says what it was asked.
    """

    def __init__(self, path: Path) -> None:
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self._words = memoryview(self._map).cast("Q")
        self._steps = 0
        self._sample: Sample | None = None
        self._slot = _NO_SAMPLE
        self._free = 0

    def note(self, cell: int, sample: Sample | None) -> None:
        """Say that cell number `cell` is about to be asked `sample`."""
        if sample is not self._sample:
            self._sample, self._slot = sample, self._stored(sample)
        self._steps += 1
        self._words[_LAST] = cell << 2 | self._slot
        self._words[_STEPS] = self._steps

    def _stored(self, sample: Sample | None) -> int:
        """The slot to which a sample is written, or that there is none, or none that fits."""
        data = b"" if sample is None else json.dumps(to_data(sample)).encode()
        if not 0 < len(data) <= _SLOT:
            return _NO_SAMPLE
        slot, self._free = self._free, 1 - self._free
        start = _HEADER * _WORD + slot * _SLOT
        self._map[start : start + len(data)] = data
        self._words[_LENGTHS + slot] = len(data)
        return slot

    def close(self) -> None:
        self._words.release()
        self._map.close()


@dataclass(frozen=True)
class LastStep:
    """The last step of a process that has died: how many it made, the number of the cell, and its sample where it had
    one that fitted."""

    steps: int
    cell: int
    sample: Sample | None


class Reader:
    """The reader's side."""

    def __init__(self, path: Path) -> None:
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE, access=mmap.ACCESS_READ)
        self._words = memoryview(self._map).cast("Q")

    @property
    def steps(self) -> int:
        """The steps made so far; the writer may be at work."""
        return self._words[_STEPS]

    def last(self) -> LastStep:
        """What was noted last; only once the writer has died."""
        steps, last = self._words[_STEPS], self._words[_LAST]
        slot = last & 3
        if not steps or slot == _NO_SAMPLE:
            return LastStep(steps, last >> 2, None)
        start = _HEADER * _WORD + slot * _SLOT
        data = self._map[start : start + self._words[_LENGTHS + slot]]
        return LastStep(steps, last >> 2, from_data(json.loads(data)))

    def close(self) -> None:
        self._words.release()
        self._map.close()
