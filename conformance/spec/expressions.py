"""The Python in which specs write calls and conditions: compiled once, looked up in torch at every call.

A call is an expression, or a program: statements, and then one expression, whose value it has.
"""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

_CONDITION_NAMES: dict[str, Any] = {"math": math, "np": np}


@cache
def compiled(call: str) -> tuple[CodeType | None, CodeType]:
    """The code of a call: of its statements, None if it has none, and of its expression. Raises `SyntaxError`."""
    tree, where = _parsed(call), f"<{call.strip()[:60]}>"
    last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    return compile(tree, where, "exec") if tree.body else None, compile(last, where, "eval")


def _parsed(call: str) -> ast.Module:
    tree = ast.parse(textwrap.dedent(call).strip())
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise SyntaxError("does not end in an expression")
    return tree


def evaluate(call: str, names: dict[str, Any]) -> Any:
    """The value of a call; `names` must hold `torch_names` already. What the call binds is added to them."""
    statements, expression = compiled(call)
    if statements is not None:
        exec(statements, names)
    return eval(expression, names)


@cache
def _condition(text: str) -> CodeType:
    return compile(text.strip(), f"<{text.strip()[:60]}>", "eval")


def holds(condition: str, names: Mapping[str, Any]) -> bool:
    """Whether a `when` condition, an expression, holds for a sample's arguments; an empty one always does."""
    return not condition or bool(eval(_condition(condition), {**_CONDITION_NAMES, **names}))


def split(call: str) -> tuple[str, str]:
    """The text of a call: its statements, a line each and empty if it has none, and its expression."""
    text = textwrap.dedent(call).strip()
    last = _parsed(call).body[-1]
    lines = text.splitlines()
    statements = "\n".join([*lines[: last.lineno - 1], lines[last.lineno - 1].encode()[: last.col_offset].decode()])
    return statements.rstrip("; \n"), ast.get_source_segment(text, last) or ""


def around(call: str, before: str, after: str) -> str:
    """The call that makes an expression of another one's, with text before and after it."""
    statements, expression = split(call)
    return "\n".join(filter(None, (statements, f"{before}{expression}{after}")))


def as_function(
    call: str, parameters: tuple[str, ...], names: dict[str, Any], file: str = "<call>"
) -> Callable[..., Any]:
    """A function of its own that returns what a call does, for those who read code: torch.compile cannot see into
    `eval`.

    The other `names` of the call are its globals. `file` is the name of the file that the code seems to be in.
    """
    scope = dict(names)
    exec(compile(function_text("call", call, ", ".join(parameters)), file, "exec"), scope)
    function: Callable[..., Any] = scope["call"]
    return function


def function_text(name: str, call: str, parameters: str, made: tuple[str, ...] = ()) -> str:
    """The definition of a function that returns what a call does. `made` are statements before it."""
    statements, expression = split(call)
    lines = [*made, *statements.splitlines(), f"return {expression}"]
    return f"def {name}({parameters}):\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


@cache
def names_in(call: str) -> frozenset[str]:
    """The free names of a call: what it needs from outside."""
    nodes = list(ast.walk(_parsed(call)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {(node.asname or node.name).partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
    bound |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return frozenset({name.id for name in names} - bound)
