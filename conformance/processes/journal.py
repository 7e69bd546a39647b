"""The journal of a child process, which its parent reads. It counts steps while the child runs. After the child has
died, it holds the last step."""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.samples.serial import from_data, to_data

_WORD = 8
_STEPS, _LAST, _LENGTHS, _SAID, _HEADER = 0, 1, 2, 4, 5
"""The indices of the words: the number of steps, the last step, the lengths of the two slots and of the last words.
Then the slots begin."""

_SLOT = 1 << 17
"""The bytes of a slot, which holds an encoded sample."""

_SPEECH = 1 << 10
"""The bytes of the last words, which come after the slots."""

_START_OF_SPEECH = _HEADER * _WORD + 2 * _SLOT
_SIZE = _START_OF_SPEECH + _SPEECH
_NO_SAMPLE = 2


def create(folder: Path) -> Path:
    """A new, empty journal that no process has mapped yet."""
    handle, name = tempfile.mkstemp(dir=folder, prefix="journal-")
    with os.fdopen(handle, "wb") as file:
        file.write(bytes(_SIZE))  # not a hole: on a full disk the child would be killed when it writes
    return Path(name)


class Journal:
    """The journal for the child, which writes it. `note` is called before each step. It takes a microsecond, and for a
    new sample the time to encode it.

    A word is written by one store of the processor. A sample is written to the slot that is not in use, and afterwards
    the word of the last step names that slot. So the file holds the last step whenever the process dies.
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
        """Note that cell number `cell` will be asked of `sample` next."""
        if sample is not self._sample:
            self._sample, self._slot = sample, self._stored(sample)
        self._steps += 1
        self._words[_LAST] = cell << 2 | self._slot
        self._words[_STEPS] = self._steps

    def _stored(self, sample: Sample | None) -> int:
        """Write a sample to the free slot. Returns the slot, or `_NO_SAMPLE` if there is no sample or it does not
        fit."""
        data = b"" if sample is None else json.dumps(to_data(sample)).encode()
        if not 0 < len(data) <= _SLOT:
            return _NO_SAMPLE
        slot, self._free = self._free, 1 - self._free
        start = _HEADER * _WORD + slot * _SLOT
        self._map[start : start + len(data)] = data
        self._words[_LENGTHS + slot] = len(data)
        return slot

    def say(self, words: str) -> None:
        """Note why this process ends itself."""
        data = words.encode("utf-8", "backslashreplace")[:_SPEECH]
        self._map[_START_OF_SPEECH : _START_OF_SPEECH + len(data)] = data
        self._words[_SAID] = len(data)

    def close(self) -> None:
        self._words.release()
        self._map.close()


@dataclass(frozen=True)
class LastStep:
    """The last step of a process that has died."""

    steps: int
    """the number of steps that it made"""
    cell: int
    """the number of the cell in the request"""
    sample: Sample | None
    """None if there was no sample, or if it did not fit"""
    words: str = ""
    """why the process ended itself; empty if it did not"""

    def of(self, cells: Sequence[Cell]) -> Cell:
        """The cell. A process that has written over its journal may name none: then the first."""
        return cells[self.cell] if self.cell < len(cells) else cells[0]


class Reader:
    """The journal for the parent, which reads it."""

    def __init__(self, path: Path) -> None:
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE, access=mmap.ACCESS_READ)
        self._words = memoryview(self._map).cast("Q")

    @property
    def steps(self) -> int:
        """The number of steps so far. The child may be running."""
        return self._words[_STEPS]

    def last(self) -> LastStep:
        """The last step. The child must have died. It may have written over the journal: then there is no sample."""
        steps, last = self._words[_STEPS], self._words[_LAST]
        return LastStep(steps, last >> 2, self._sample(last & 3) if steps else None, self._last_words())

    def _sample(self, slot: int) -> Sample | None:
        if slot >= _NO_SAMPLE:
            return None
        start = _HEADER * _WORD + slot * _SLOT
        try:
            found = from_data(json.loads(self._map[start : start + self._words[_LENGTHS + slot]]))
        except Exception:  # whatever may come of bytes that are no sample
            return None
        return found if isinstance(found, Sample) else None

    def _last_words(self) -> str:
        end = _START_OF_SPEECH + min(self._words[_SAID], _SPEECH)
        return self._map[_START_OF_SPEECH:end].decode("utf-8", "replace")

    def close(self) -> None:
        self._words.release()
        self._map.close()
