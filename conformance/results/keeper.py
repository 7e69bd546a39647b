"""The records of a run that goes on: each is appended to the results file, and none is lost if that fails."""

from __future__ import annotations

from pathlib import Path

from conformance.results.file import CannotWrite, Writer, assembled, gathered, write_whole
from conformance.results.model import End, RunRecord
from conformance.results.verdict import Results


class Keeper:
    """Keeps the records of a run in memory and in its results file. Raises `CannotWrite` if the file cannot be begun.

    A file that cannot be written later does not end the run: all records are written anew at its end.
    """

    def __init__(self, path: Path) -> None:
        self._writer = Writer(path)
        self._records: list[RunRecord] = []
        self._failure = ""
        """why the file does not have all records"""

    def append(self, record: RunRecord) -> None:
        """Keep a record."""
        self._records.append(record)
        self._write(record)

    def _write(self, record: RunRecord) -> None:
        if self._failure:
            return
        try:
            self._writer.write(record)
        except CannotWrite as error:
            self._failure = str(error)

    def results(self, end: End) -> Results:
        """The run, if it ends so."""
        return assembled(gathered([*self._records, end]))

    def close(self, end: End) -> None:
        """Write the last record; if the file lacks others, or was removed, write all of them. Raises `CannotWrite`."""
        path = self._writer.path
        if not self._writer.in_place:
            self._failure = self._failure or f"{path}: was removed while the run went on"
        self._write(end)
        self._writer.close()
        if self._failure:
            try:
                write_whole(path, [*self._records, end])
            except CannotWrite:
                raise CannotWrite(self._failure) from None
