"""Functions of a spec as text that stands by itself, with all that they use."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from conformance.checks.literals import Code, numbers_literal, written
from conformance.numeric.dtypes import DTYPES


class Outside(str):
    """A line of a script that stands outside of its function `main`."""


def definitions(*functions: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """The lines that define functions and what they use, and the expressions that give them. Raises `TypeError` if they
    use what has no text."""
    found: dict[str, str] = {}
    expressions = [_expression(function, found) for function in functions]
    return [Outside(line) for text in found.values() for line in ["", "", *text.splitlines()]], expressions


def _expression(value: Any, found: dict[str, str]) -> str:
    """A value as an expression. The functions that it needs are added to those that were `found`, by name."""
    if isinstance(value, FunctionType):
        if value.__name__ not in found:
            for name, used in _used_by(value):
                _define(name, used, found)
            found[value.__name__] = text_of(value)
        return value.__name__
    if isinstance(value, ModuleType):
        return {"numpy": "np"}.get(value.__name__, value.__name__)
    if isinstance(value, np.ufunc):
        return f"np.{value.__name__}"
    if isinstance(value, (np.ndarray, np.generic)):
        return _array(np.asarray(value))
    if isinstance(value, dict):
        return repr({key: Code(_expression(part, found)) for key, part in value.items()})
    if value is None or isinstance(value, (bool, int, float, complex, str, tuple)):
        return written(value)
    raise TypeError(f"{value!r} cannot be written in a script")


def text_of(function: Callable[..., Any]) -> str:
    """The text of a function without annotations, which only lengthen a script."""
    text = textwrap.dedent(inspect.getsource(function))
    lines = text.splitlines()
    for line, end, start in sorted(_annotations(ast.parse(text)), reverse=True):
        after = lines[line - 1][end:]
        default = re.sub(r"^ = ", "=", after) if start else after
        lines[line - 1] = lines[line - 1][: start or lines[line - 1].index(" ->")] + default
    return "\n".join(lines) + "\n"


def _annotations(tree: ast.AST) -> Iterator[tuple[int, int, int]]:
    """The line of each annotation, and where it ends and begins. That of a result begins at an arrow: 0 stands for
    it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None and node.annotation.end_col_offset:
            yield node.lineno, node.annotation.end_col_offset, node.col_offset + len(node.arg)
        if isinstance(node, ast.FunctionDef) and node.returns is not None and node.returns.end_col_offset:
            yield node.returns.lineno, node.returns.end_col_offset, 0


def _define(name: str, value: Any, found: dict[str, str]) -> None:
    expression = _expression(value, found)
    if expression != name and name not in found:
        found[name] = f"{name} = {expression}"


def _array(values: Any) -> str:
    dtype = "float32" if values.dtype == DTYPES["bfloat16"].numpy else values.dtype.name
    if values.size == 0:
        return f"np.empty({values.shape}, {values.dtype.name!r})"
    return f"np.array({numbers_literal(values)}, np.{'bool_' if dtype == 'bool' else dtype})"


def _used_by(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The names from outside that a function uses, and their values."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        yield name, cell.cell_contents
    for name in dict.fromkeys(_names_in(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _names_in(code: CodeType) -> Iterator[str]:
    """The names that are looked up by code and by that of the functions inside it."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names_in(part)
