"""Spec files read from disk and checked, so that a wrong one is told in one line and not by a traceback."""

from __future__ import annotations

import hashlib
from pathlib import Path

from conformance.samples.vocabulary import SpecError
from conformance.spec.contract import Spec
from conformance.spec.documents import with_documents_named
from conformance.spec.modules import run_file, shared_files
from conformance.spec.validation import problems

DEVIATIONS = "deviations.toml"


def load(path: Path) -> Spec:
    """The spec of one file; raises `SpecError` with one line that says what is wrong and where."""
    spec = getattr(run_file(path), "spec", None)
    if not isinstance(spec, Spec):
        raise SpecError(f"{path}: assigns no Spec to the name 'spec'")
    try:
        for problem in problems(spec):
            raise SpecError(problem)
        return with_documents_named(spec, path)
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None


def is_spec_file(path: Path) -> bool:
    """Whether a file is a spec: Python under a folder named specs, its name not starting with an underscore."""
    return path.suffix == ".py" and "specs" in path.parts[:-1] and not path.name.startswith(("_", "conftest"))


def is_cell(nodeid: str) -> bool:
    """Whether an item's id is a cell's."""
    return is_spec_file(Path(nodeid.split("::")[0]))


def spec_files(folder: Path) -> list[Path]:
    """The spec files below a folder, in order."""
    return sorted(path for path in folder.rglob("*.py") if is_spec_file(path))


def deviations_file(spec_file: Path) -> Path:
    """The deviations that go with a spec: deviations.toml in the folder named specs that holds it."""
    root = next(parent for parent in spec_file.parents if parent.name == "specs")
    return root / DEVIATIONS


def digest(files: list[Path]) -> str:
    """A digest of the spec files, of what they share, and of their deviations: equal digests promise the same."""
    total = hashlib.sha256()
    shared = {path for file in files for path in shared_files(file)}
    for path in sorted({*files, *shared, *(deviations_file(file) for file in files)}):
        total.update(path.name.encode() + (path.read_bytes() if path.exists() else b""))
    return total.hexdigest()[:16]
