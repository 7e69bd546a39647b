"""Spec files run as modules, so that the specs of one folder can share what stands in a module beside them."""

from __future__ import annotations

import ast
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.samples.vocabulary import SpecError

_PACKAGE = "conformance_specs"
"""The package that the folder of a spec is while the spec runs: `from ._shared import …` finds its neighbours."""

_FAMILIES = "conformance.spec.families"
"""The package of the families. A module of it may be imported by name, or names out of it."""


def run_file(path: Path) -> ModuleType:
    """The module of a spec file, run anew, and with it what it imports from beside it.

    Raises `SpecError` with one line that says what is wrong and where.
    """
    module_spec = importlib.util.spec_from_file_location(f"{_PACKAGE}.{path.stem}", path)
    if module_spec is None or module_spec.loader is None:
        raise SpecError(f"{path}: is no Python file")
    module = importlib.util.module_from_spec(module_spec)
    with _as_package(path.parent):
        try:
            module_spec.loader.exec_module(module)
        except SpecError as error:
            raise SpecError(f"{_place_of(error, path)}: {error}") from error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a spec that ends the process would choose its exit status
            raise SpecError(f"{_place_of(error, path)}: cannot be read: {type(error).__name__}: {error}") from error
    return module


def shared_files(path: Path) -> list[Path]:
    """The modules beside a spec file that it may share with others: those whose names begin with an underscore."""
    return sorted(path.parent.glob("_*.py"))


def families_of(path: Path) -> list[str]:
    """The names of the families that a spec file, or a module beside it, imports."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):  # whoever runs the file says what is wrong with it
        return []
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
    below = (name.removeprefix(f"{_FAMILIES}.") for name in named if name.startswith(f"{_FAMILIES}."))
    return sorted({name.partition(".")[0] for name in below})


def trouble_of(error: Exception, function: Callable[..., Any]) -> str:
    """What went wrong in a function of a spec, after the name and line of the file where it did."""
    place = place_in_spec(error, function)
    text = str(error) if isinstance(error, SpecError) else f"{type(error).__name__}: {error}"
    return f"{place}: {text}" if place else text


def place_in_spec(error: BaseException, function: Callable[..., Any]) -> str:
    """The name and line of the spec file, or of a module beside it, in which an error arose in a function of a spec:
    the name alone if it arose elsewhere, and nothing if the function is of no file."""
    code = getattr(function, "__code__", None)
    return Path(_place_of(error, Path(code.co_filename))).name if code else ""


def _place_of(error: BaseException, path: Path) -> str:
    """Where in a spec file, or in a module beside it, an error arose: its file and line, or the spec file alone."""
    steps = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        steps.append((error.filename or "", error.lineno))
    folder = path.absolute().parent
    inside = [(Path(file), line) for file, line in steps if Path(file).parent == folder and line]
    return f"{path.with_name(inside[-1][0].name)}:{inside[-1][1]}" if inside else str(path)


@contextmanager
def _as_package(folder: Path) -> Iterator[None]:
    """Inside, the folder is `_PACKAGE`. Nothing of it is kept, so that the next folder is not met with this one's."""
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(folder.absolute())]
    sys.path_importer_cache.pop(str(folder.absolute()), None)  # a file that was written just now may not be listed
    sys.modules[_PACKAGE] = package
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name == _PACKAGE or name.startswith(f"{_PACKAGE}.")]:
            del sys.modules[name]
