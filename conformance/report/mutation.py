"""Mutation scores: how many deliberately planted faults each spec caught."""

from __future__ import annotations

from pathlib import Path

from conformance.results.codec import DataError, from_plain, read_json
from conformance.results.file import ResultsError
from conformance.results.model import Count, Name, Record

NAME = "mutation.json"
"""The name of a mutation file. It lies beside the folders of runs."""

_PACKAGE = Path(__file__).resolve().parents[1]


class FaultScore(Record, frozen=True, kw_only=True):
    """The score of one spec: the numbers of faults planted and caught, and the names of those that survived."""

    operation: Name
    planted: Count
    caught: Count
    survivors: tuple[str, ...] = ()
    digest: str = ""
    """a digest of the spec and of its faults"""
    caught_by: dict[str, tuple[str, str]] = {}
    """of each fault that was caught the check and the subject of the cell that broke first"""

    @property
    def all_caught(self) -> bool:
        return self.caught >= self.planted


class FaultScores(Record, frozen=True, kw_only=True):
    """The scores of every spec, and the torch on which the faults were planted."""

    torch: str
    engine: str = ""
    """a digest of what judges every spec"""
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


def scores_file(folder: Path) -> Path | None:
    """The mutation file for a run that lies in a folder: that beside the folder, else that of the built-in specs, which
    is in an installed package, or in the checkout."""
    places = (folder.parent / NAME, _PACKAGE / NAME, _PACKAGE.parent / "reports" / NAME)
    return next((place for place in places if place.is_file()), None)


def read_scores(path: Path) -> FaultScores:
    """The scores of a mutation file. Raises `ResultsError`."""
    try:
        scores: FaultScores = from_plain(read_json(path.read_bytes()), FaultScores)
        return scores
    except FileNotFoundError:
        raise ResultsError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from None
    except DataError as error:
        raise ResultsError(f"{path}: is no mutation file: {error}") from None
