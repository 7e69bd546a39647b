"""The known deviations of a run: the built-in ones, and those of the files that the user names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.engine.deviations import Deviation, DeviationError, load, validate
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue
from conformance.spec.catalogue import SpecFile
from conformance.spec.contract import Spec
from conformance.spec.gaps import EVERY


@dataclass(frozen=True)
class KnownDeviations:
    """The known deviations of a run, by origin."""

    built_in: tuple[Deviation, ...] = ()
    """the entries of the built-in file: they concern built-in specs, or all specs if they name every operation"""
    given: tuple[Deviation, ...] = ()
    """the entries of the user's files: they concern every spec of their operation"""

    def of(self, file: SpecFile, spec: Spec) -> tuple[Deviation, ...]:
        """The deviations that concern a spec. Their predicate must be one that the spec has."""
        built_in = [entry for entry in self.built_in if file.built_in or entry.operation == EVERY]
        return tuple(
            entry
            for entry in (*built_in, *self.given)
            if entry.operation in (EVERY, spec.operation)
            and (not entry.predicate or spec.predicate(entry.predicate) is not None)
        )


def known_deviations(given: Sequence[Path], files: Iterable[SpecFile] = (), complete: bool = True) -> KnownDeviations:
    """The built-in deviations and those of the files `given`, for a run of the spec `files`.

    If the files are not `complete`, given entries may concern other specs. Built-in entries of specs that are not in
    the run are not validated, unless files are given. Raises `DeviationError`.
    """
    found = KnownDeviations(
        tuple(entry for path in catalogue.deviation_files() for entry in load(path)),
        tuple(entry for path in given for entry in _given(path)),
    )
    names = [entry.id for entry in (*found.built_in, *found.given)]
    for entry in found.given:
        if names.count(entry.id) > 1:
            raise DeviationError(f"deviation {entry.id!r} is there twice, in given files or built in; rename one")
    every = catalogue.built_in_files()
    try:
        specs = {file: catalogue.load(file) for file in (*files, *(every if given else ()))}
    except SpecError:
        return found  # the collection of specs reports one that cannot be read
    built_in = [spec for file, spec in specs.items() if file.built_in]
    validate(found.built_in, built_in, complete=specs.keys() >= set(every))
    validate(found.given, list(specs.values()), complete)
    return found


def _given(path: Path) -> tuple[Deviation, ...]:
    if not path.is_file():
        raise DeviationError(f"{path}: there is no such file of known deviations")
    return load(path)
