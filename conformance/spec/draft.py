"""The first draft of a spec, as text, from what was found of an operation. Needs no torch."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.numeric.dtypes import ALL, BOOL, COMPLEXES, FLOATS, INTEGERS, WIDE_UNSIGNED
from conformance.results.model import Record

_GROUPS = {"BOOL": BOOL, "INTEGERS": INTEGERS, "WIDE_UNSIGNED": WIDE_UNSIGNED, "FLOATS": FLOATS, "COMPLEXES": COMPLEXES}


class FoundForm(Record, frozen=True, kw_only=True):
    """A call that works, and the argument that it writes to, if it does."""

    call: str
    writes: str = ""


class FoundRefusal(Record, frozen=True, kw_only=True):
    """A misuse, and the name of the class that it raises."""

    title: str
    call: str
    raises: str


class FoundOperation(Record, frozen=True, kw_only=True):
    """What a few calls show of an operation; or a `problem`, in one line."""

    operation: str
    problem: str = ""
    tensors: tuple[str, ...] = ()
    """the names of its tensor arguments"""
    dtypes: tuple[str, ...] = ()
    """the dtypes that it takes"""
    output: str = ""
    """the dtype of its result, as `Output` has it in a spec file"""
    elementwise: bool = False
    """whether the result has the shape of the arguments, broadcast"""
    forms: tuple[FoundForm, ...] = ()
    refusals: tuple[FoundRefusal, ...] = ()
    numpy: str = ""
    """the function of NumPy of that name; empty if there is none"""
    worst_ulp: float = 0.0
    """the largest error that was seen of floating results, in ULP, if NumPy knows better"""


def draft(found: FoundOperation) -> str:
    """The text of a spec file that can be run."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    name = found.operation.rpartition(".")[2]
    text = environment.get_template("draft.j2").render(found=found, name=name, dtypes=_dtypes_text(found.dtypes))
    return text.replace("__IMPORTS__", _imports(text))


def _dtypes_text(dtypes: tuple[str, ...]) -> str:
    """Dtypes as the sum of groups; those that make up no group stand by name."""
    groups = [name for name, group in _GROUPS.items() if set(group) <= set(dtypes)]
    covered = {dtype for name in groups for dtype in _GROUPS[name]}
    rest = tuple(dtype for dtype in ALL if dtype in dtypes and dtype not in covered)
    return " + ".join([*groups, *([repr(rest)] if rest else [])]) or "()"


_IMPORTABLE = (*_GROUPS, "Cost", "Draw", "Form", "Output", "PRESERVED", "PROMOTED", "PROMOTED_FLOAT", "ROUNDED")


def _imports(text: str) -> str:
    words = {*text.replace("(", " ").replace(",", " ").replace("=", " ").replace(")", " ").replace(":", " ").split()}
    return ", ".join(sorted({*(word for word in (*_IMPORTABLE, "Refusal", "dense", "ulps") if word in words), "Spec"}))
