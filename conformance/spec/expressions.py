"""The Python expressions in which specs write calls: compiled once, looked up in torch at every call."""

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
def compiled(expression: str) -> CodeType:
    """The code of one expression; raises `SyntaxError`."""
    return compile(expression.strip(), f"<{expression.strip()[:60]}>", "eval")


@cache
def compiled_program(program: str) -> tuple[CodeType, CodeType]:
    """The code of a program's statements and of the expression that ends it; raises `SyntaxError`."""
    tree = ast.parse(textwrap.dedent(program).strip())
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise SyntaxError("does not end in an expression")
    last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    return compile(tree, "<statements>", "exec"), compile(last, "<expression>", "eval")


def evaluate(expression: str, names: dict[str, Any]) -> Any:
    """The value of an expression; `names` must hold `torch_names` already."""
    return eval(compiled(expression), names)


def holds(condition: str, names: Mapping[str, Any]) -> bool:
    """Whether a `when` condition holds for a sample's arguments; an empty one always does."""
    return not condition or bool(eval(compiled(condition), {**_CONDITION_NAMES, **names}))


def run_program(program: str, names: dict[str, Any]) -> Any:
    """Run statements in `names` and return the value of the expression that ends them."""
    statements, expression = compiled_program(program)
    exec(statements, names)
    return eval(expression, names)


def as_function(
    expression: str, parameters: tuple[str, ...], names: dict[str, Any], file: str = "<call>"
) -> Callable[..., Any]:
    """A function of its own that returns the expression, for those who read code: torch.compile cannot see into `eval`.

    The other `names` of the expression are its globals. `file` is the name of the file that the code seems to be in.
    """
    scope = dict(names)
    exec(compile(f"def call({', '.join(parameters)}):\n    return {expression.strip()}", file, "exec"), scope)
    function: Callable[..., Any] = scope["call"]
    return function


def names_in(expression: str) -> set[str]:
    """The free names of an expression: what it needs from outside."""
    tree = ast.parse(expression.strip(), mode="eval")
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return {name.id for name in names} - bound
