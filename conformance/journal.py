"""What a child process is doing, kept where its parent can read it after the child has died."""

from __future__ import annotations

import mmap
import pickle
import struct
from pathlib import Path

from conformance.sample import Sample

_HEADER = struct.Struct("<qii")
_SIZE = 1 << 18


class Journal:
    """A small file that holds the number of steps made, the cell under test, and its sample.

    The child calls `note` before each step; a step costs a microsecond, and a new sample its pickling.
    """

    def __init__(self, path: Path) -> None:
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self._steps = 0
        self._sample: Sample | None = None
        self._length = 0

    @staticmethod
    def create(path: Path) -> None:
        path.write_bytes(b"\0" * _SIZE)

    def note(self, cell: int, sample: Sample | None) -> None:
        """Say that cell number `cell` is about to be asked `sample`."""
        if sample is not self._sample:
            data = pickle.dumps(sample)
            self._length = len(data) if len(data) < _SIZE - _HEADER.size else 0
            self._map[_HEADER.size : _HEADER.size + self._length] = data[: self._length]
            self._sample = sample
        self._steps += 1
        _HEADER.pack_into(self._map, 0, self._steps, cell, self._length if sample is not None else 0)

    def close(self) -> None:
        self._map.close()


def read(path: Path) -> tuple[int, int, Sample | None]:
    """The steps made, the cell last noted, and its sample where it had one that fitted."""
    data = path.read_bytes()
    steps, cell, length = _HEADER.unpack_from(data)
    sample = pickle.loads(data[_HEADER.size : _HEADER.size + length]) if length else None
    return steps, cell, sample
