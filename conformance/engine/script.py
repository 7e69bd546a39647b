"""A failure written as a script that reproduces it with torch and NumPy alone.

The script makes the call on the smallest sample and holds it to what was promised. It exits with 1 where the promise is
broken, with 0 where it is kept, and with 125 where it cannot be asked, as `git bisect run` wants it.
"""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from types import ModuleType

from conformance.checks import REPRODUCERS, claim_helpers, script_helpers
from conformance.checks.plain import call_held, program_held
from conformance.checks.sources import Outside, text_of
from conformance.checks.steps import Lines, arguments, assigned, further_calls, held, indented, quoted
from conformance.execution.execution import Execution
from conformance.execution.global_state import WATCHED
from conformance.execution.promise import Promise
from conformance.numeric.dtypes import DTYPES, WIDE_UNSIGNED
from conformance.results.model import CellResult, Failure, FailureKind
from conformance.samples.serial import from_data
from conformance.spec.cells import is_compiled
from conformance.spec.contract import Spec
from conformance.spec.devices import imported

TRIES = 300
"""How often all is done where a failure did not show again."""

TRIES_COMPILED = 3
"""The same where the call is compiled, which takes seconds."""

_TEMPLATE = '''"""{title}

{message}

The exit status is 1 if the promise is broken, 0 if it is kept, and 125 if it cannot be asked here.
"""

{imports}


def main():
{body}


{helpers}{run}
print("The promise is kept.")
'''

_IMPORTS = {
    "F": "import torch.nn.functional as F",
    "FakeTensorMode": "from torch._subclasses.fake_tensor import FakeTensorMode",
    "forward_ad": "from torch.autograd import forward_ad",
    "nn": "import torch.nn as nn",
    "np": "import numpy as np",
    "partial": "from functools import partial",
}
"""How to import the names that a script may use and that are no modules of that name."""

_MODULES = (
    *("base64", "cmath", "faulthandler", "gc", "math", "operator", "os", "random", "sys", "threading", "torch"),
    *("warnings", "zlib"),
)

_IN_GLOBALS = ("raises", "allocated", "survives")
"""What evaluates text, in the global names of the script."""


_NOT_JUDGED = ('print("The check itself could not be made: nothing more is judged.")', "sys.exit(125)")


def script(spec: Spec, cell: CellResult, failure: Failure) -> str:
    """The script that reproduces one of a cell's failures; empty if there is nothing to reproduce."""
    if not cell.verdict.failed or not (failure.call or failure.sample):
        return ""
    return _composed(cell, failure, _body(spec, cell, failure))


def _body(spec: Spec, cell: CellResult, failure: Failure) -> Lines:
    if failure.sample is None or failure.dtype not in DTYPES:
        return program_held(failure)
    execution = Execution(Promise(spec, from_data(failure.sample.data), failure.dtype), "cpu")
    if failure.kind is FailureKind.CHECK_FAILED:
        return [*call_held(execution, cell.cell, failure), *_NOT_JUDGED]
    if failure.kind is FailureKind.STATE:
        return _state_held(execution, cell.check, failure)
    reproduce = REPRODUCERS.get(cell.check, call_held)
    return reproduce(execution, cell.cell, failure)


def _state_held(execution: Execution, check: str, failure: Failure) -> Lines:
    """The steps that hold a part of the global state to what it was before the call."""
    code = next(watched.code for watched in WATCHED if watched.name == failure.about)
    calls = [assigned(call) for call in (failure.call, *further_calls(execution, check))]
    made = [line for call in calls for line in call]
    before = [*arguments(execution), f"state_before = repr({code})", *made]
    return [*before, *held(failure.about, f"repr({code})", "state_before")]


# --- the text -----------------------------------------------------------------------------------------------------


def _composed(cell: CellResult, failure: Failure, steps: Lines) -> str:
    names = _names("\n".join(steps))
    body = [line for line in steps if not isinstance(line, Outside)]
    outside = "\n".join(line for line in steps if isinstance(line, Outside))
    given = {"dtype": f"dtype = torch.{failure.dtype}", "device": f"device = {quoted(cell.device)}"}
    body = [line for name, line in given.items() if name in names] + body
    if names & {*_IN_GLOBALS}:
        body = [f"global {', '.join(sorted(_bound(body)))}"] * bool(_bound(body)) + body
    helpers = [*([f"{outside.strip()}\n"] if outside else []), *_helpers(names)]
    run = _run(cell, failure, bool(names & {*_IN_GLOBALS}))
    return _TEMPLATE.format(
        title=f"{cell.operation}: the check {cell.check!r} is {cell.verdict} for {cell.subject} on {cell.device}.",
        message=failure.message.replace("\\", "\\\\").replace('"""', "'''"),
        imports=_imports("\n".join([*body, *helpers, run])),
        body=re.sub(r"\n{3,}", "\n\n", "\n".join(indented(body))),
        helpers="".join(f"{text}\n\n" for text in helpers),
        run=run,
    )


def _run(cell: CellResult, failure: Failure, in_globals: bool) -> str:
    """The lines that run the script."""
    lines = ['print("torch", torch.__version__)']
    needed = [f"import {name}" for name in imported()]
    if cell.device != "cpu":
        needed += [f"torch.set_default_device({cell.device!r})", "torch.zeros(1)"]
    if failure.dtype in WIDE_UNSIGNED:
        needed += [f"torch.zeros(1, dtype=torch.{failure.dtype})"]
    if needed:
        cannot = ["except Exception as error:", '    print("It cannot be asked here:", error)', "    sys.exit(125)"]
        lines += ["try:", *indented(needed), *cannot]
    if in_globals:
        lines.append("globals().update(helpers(globals()))")
    tries = TRIES_COMPILED if is_compiled(cell.cell) else TRIES
    again = [f"for _ in range({tries}):  # it does not show in every call", "    main()"]
    return "\n".join([*lines, *(["main()"] if failure.repeats else again)])


def _imports(text: str) -> str:
    names = _names(text)
    lines = [f"import {name}" for name in _MODULES if name in names or name in ("sys", "torch")]
    lines += [line for name, line in _IMPORTS.items() if name in names]
    others = sorted((line for line in lines if _is_of_others(line)), key=_import_order)
    own = sorted((line for line in lines if not _is_of_others(line)), key=_import_order)
    return "\n".join([*own, "", *others])


def _is_of_others(line: str) -> bool:
    return "torch" in line or "numpy" in line


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


@cache
def _names(text: str) -> frozenset[str]:
    """The names that code uses."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _bound(body: Lines) -> set[str]:
    """The names that code gives a value to."""
    nodes = list(ast.walk(ast.parse("\n".join(body))))
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    found |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return found | {
        (alias.asname or alias.name).partition(".")[0]
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }


def _helpers(names: frozenset[str]) -> Lines:
    """The text of the functions that are needed for names, in the order in which they stand in their modules."""
    known = {name: text for module in (script_helpers, claim_helpers) for name, text in _functions(module)}
    needed = {"helpers"} if names & {*_IN_GLOBALS} else set()
    found, new = set[str](), {*(names & known.keys()), *needed}
    while new:
        found |= new
        new = {name for one in new for name in _names(known[one]) & known.keys()} - found
    return [text for name, text in known.items() if name in found]


@cache
def _functions(module: ModuleType) -> tuple[tuple[str, str], ...]:
    """The functions of a module and their text."""
    functions = [one for one in vars(module).values() if inspect.isfunction(one) and one.__module__ == module.__name__]
    return tuple((one.__name__, text_of(one)) for one in functions)
