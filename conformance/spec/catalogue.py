"""The spec files that are known: the built-in ones and those that a command names. Each has a name in results.

A file is a spec because it was asked for or comes with this package, never because of the folder that it lies in.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.spec import loader
from conformance.spec.claims import claim_files, sections_below
from conformance.spec.contract import Spec
from conformance.spec.modules import families_of, shared_files


def _built_in_folder() -> Path:
    """In an installed package the built-in specs lie inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "specs"
    return installed if installed.is_dir() else package.parent / "specs"


BUILT_IN = _built_in_folder()
"""The folder of the built-in specs."""

DEVIATIONS = BUILT_IN / "deviations.toml"
"""The known deviations that come with the built-in specs."""

CERTIFIED = BUILT_IN / "certified.toml"
"""The versions of torch that the built-in specs are certified for."""

GAPS = BUILT_IN / "gaps.toml"
"""What older versions of torch lack of the built-in specs."""

OPERATIONS = BUILT_IN / "operations.toml"
"""What the documents speak of, and the operations of the built-in specs that ask it."""

FAMILIES = Path(__file__).resolve().parent / "families"
"""The folder of the modules of families, parts of which specs spread."""

DEVICES = BUILT_IN / "devices"
"""A folder for each kind of device: its profile, and its own known deviations."""


def deviation_files() -> list[Path]:
    """The known deviations that come with the built-in specs: of torch, and of each kind of device its own."""
    return [DEVIATIONS, *sorted(DEVICES.glob(f"*/{DEVIATIONS.name}"))]


class UnknownSpec(ValueError):
    """A spec that does not exist; the message is one line that says what to do."""


@dataclass(frozen=True)
class SpecFile:
    """A spec file, or a section of claims, and its `name` in results and ids: that of a built-in one is
    `specs/joining/cat.py` wherever it is installed, that of another its path from the current folder."""

    path: Path
    name: str

    @property
    def built_in(self) -> bool:
        return BUILT_IN in self.path.parents


@dataclass(frozen=True)
class Selection:
    """Spec files, each once, and of some of them the cells that were named: of the others every cell is meant."""

    files: tuple[SpecFile, ...]
    cells: tuple[tuple[str, str], ...] = ()
    """(name of the file, cell): the cell as `values[cpu-float32]`, or `values` for all of that check"""
    whole: bool = True
    """whether nothing but folders was named, or nothing at all"""

    def cells_of(self, file: SpecFile) -> tuple[str, ...]:
        """The cells that were named of a file; none mean all."""
        return tuple(cell for name, cell in self.cells if name == file.name)

    @property
    def by_name(self) -> dict[str, SpecFile]:
        return {file.name: file for file in self.files}


def spec_file(path: Path) -> SpecFile:
    """The spec file at a path."""
    real = path.resolve()
    if BUILT_IN in real.parents:
        return SpecFile(real, f"specs/{real.relative_to(BUILT_IN).as_posix()}")
    whole = os.path.abspath(path)
    try:
        return SpecFile(Path(whole), Path(os.path.relpath(whole)).as_posix())
    except ValueError:  # on Windows there is no path from one drive to another
        return SpecFile(Path(whole), Path(whole).as_posix())


@cache
def built_in_files() -> tuple[SpecFile, ...]:
    """The built-in spec files, in order, and then the sections with claims that no spec has."""
    return _below(BUILT_IN)


def _below(folder: Path) -> tuple[SpecFile, ...]:
    return tuple(spec_file(path) for path in (*loader.spec_files(folder), *sections_below(folder)))


@cache
def load(file: SpecFile) -> Spec:
    """The spec of a file, which a process reads once; raises `SpecError`."""
    return loader.load(file.path)


def select(texts: Sequence[str]) -> Selection:
    """The specs that are named: by an operation (`cat`, `torch.cat`; built-in ones only), a file, a folder, or a cell
    (`specs/joining/cat.py::values[cpu-float32]`). Where there is no such path, a name in results, or `specs/joining`,
    means built-in specs. No texts mean all built-in specs. Raises `UnknownSpec` or `SpecError`."""
    if not texts:
        return Selection(built_in_files())
    found: dict[str, SpecFile] = {}
    cells: list[tuple[str, str]] = []
    entire: set[str] = set()
    whole = True
    for text in texts:
        place, _, cell = text.partition("::")
        files = _named(place)
        if cell and len(files) > 1:
            raise UnknownSpec(f"{text!r} is a cell of {len(files)} specs; name one spec file before '::'")
        whole = whole and not cell and not place.endswith((".py", ".toml")) and not _operation(place)
        for file in files:
            if found.setdefault(file.name, file) != file:
                raise UnknownSpec(
                    f"{file.name} is two files: {found[file.name].path} and {file.path}; name one of them"
                )
            if cell:
                cells.append((file.name, cell))
            else:
                entire.add(file.name)
    return Selection(tuple(found.values()), tuple(one for one in cells if one[0] not in entire), whole)


def _named(text: str) -> tuple[SpecFile, ...]:
    """The spec files that one text names, at least one."""
    files = _operation(text) or _on_disk(Path(text).expanduser()) or _in_results(text)
    if not files:
        raise UnknownSpec(
            f"no spec for {text!r}: name an operation that 'conformance list' lists, a spec file, or a folder of them"
        )
    return files


def _operation(text: str) -> tuple[SpecFile, ...]:
    """The built-in spec of an operation. It is looked for before any path: a folder named like an operation holds code
    that nobody asked to have run."""
    if text.endswith(".py") or not all(part.isidentifier() for part in text.split(".")):
        return ()
    last = text.rpartition(".")[2]
    return tuple(file for file in built_in_files() if _mentions(file.path, last) and text in _names_of(file))


def _mentions(path: Path, name: str) -> bool:
    """Whether a name is that of a spec file or stands somewhere in it, as that of its operation does. To load all
    built-in specs takes longer than to start."""
    return name == path.stem or re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")) is not None


def _names_of(file: SpecFile) -> tuple[str, str, str]:
    """The names by which a spec may be named."""
    operation = load(file).operation
    return operation, operation.rpartition(".")[2], file.path.stem


def _on_disk(path: Path) -> tuple[SpecFile, ...]:
    if path.is_dir():
        files = _below(path)
        if not files:
            raise UnknownSpec(f"no spec files in {path}: Python files whose name does not begin with '_'")
        return files
    if not path.is_file():
        return ()
    if not loader.may_be_spec(path) and path.suffix != ".toml":
        raise UnknownSpec(f"{path} is not a spec file: that is Python, and its name does not begin with '_'")
    return (spec_file(path),)


def _in_results(text: str) -> tuple[SpecFile, ...]:
    name = text.rstrip("/")
    return tuple(file for file in built_in_files() if file.name == name or file.name.startswith(f"{name}/"))


def digest(files: Iterable[SpecFile], deviations: Iterable[Path] = ()) -> str:
    """A digest of spec files, of what they share with others or take from families, of their claims and of the known
    deviations: equal digests promise the same."""
    total = hashlib.sha256()
    asked = list(files)
    shared = {path for file in asked for path in (*shared_files(file.path), *claim_files(file.path))}
    every = {*asked, *map(spec_file, (DEVIATIONS, GAPS, *sorted(DEVICES.glob("*/*.toml")), *deviations, *shared))}
    every |= {_family(name) for name in _families_behind([*(file.path for file in asked), *shared])}
    for file in sorted(every, key=_parts):
        total.update(file.path.name.encode() + (file.path.read_bytes() if file.path.exists() else b""))
    return total.hexdigest()[:16]


def _families_behind(paths: list[Path]) -> set[str]:
    """The names of the families that files import, and of those that these import."""
    found: set[str] = set()
    while paths:
        new = set(families_of(paths.pop())) - found
        found |= new
        paths += [FAMILIES / f"{name}.py" for name in new]
    return found


def _family(name: str) -> SpecFile:
    """The module of a family, which has one name wherever it is installed."""
    return SpecFile(FAMILIES / f"{name}.py", f"conformance/spec/families/{name}.py")


def _parts(file: SpecFile) -> list[str]:
    return file.name.split("/")
