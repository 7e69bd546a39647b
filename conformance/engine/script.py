"""A failure written as a script that reproduces it with torch and NumPy alone."""

from __future__ import annotations

import inspect
import textwrap

from conformance.checks import REPRODUCERS, claim_helpers
from conformance.checks.literals import argument_lines
from conformance.checks.plain import reproduce as reproduce_plain
from conformance.execution.execution import Execution
from conformance.execution.global_state import WATCHED
from conformance.execution.promise import Promise
from conformance.numeric.dtypes import DTYPES
from conformance.results.model import Cell, CellResult, Failure, FailureKind
from conformance.samples.serial import from_data
from conformance.spec.contract import Spec
from conformance.spec.devices import imported

_HEAD = '''"""{operation}: the check {check!r} is {verdict} for {subject} on {device}.

{message}
"""

from __future__ import annotations

import base64
import math
import operator
import os
import zlib
from math import inf, nan

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
{imports}
print("torch", torch.__version__)


def array(tensor):
    """A tensor as a NumPy array."""
    return tensor.detach().cpu().numpy()


'''


def script(spec: Spec, cell: CellResult, failure: Failure) -> str:
    """The script that reproduces one of a cell's failures; empty if there is nothing to reproduce."""
    if not cell.verdict.failed or not (failure.call or failure.sample):
        return ""
    text = _head(cell, failure)
    if failure.sample is None or failure.dtype not in DTYPES:
        return text + "".join(f"{line}\n" for line in _default(cell.device)) + _program(failure.call)
    promise = Promise(spec, from_data(failure.sample.data), failure.dtype)
    execution = Execution(promise, "cpu")
    reproduce = _changes if failure.kind is FailureKind.STATE else REPRODUCERS.get(cell.check, reproduce_plain)
    return text + _arguments(execution, cell.device) + reproduce(execution, cell.cell, failure)


def _changes(execution: Execution, cell: Cell, failure: Failure) -> str:
    """The lines that show a part of the global state before and after the call."""
    code = next(watched.code for watched in WATCHED if watched.name == failure.about)
    return f"print('before:', {code})\n{failure.call}\nprint('after:', {code})\n"


def _head(cell: CellResult, failure: Failure) -> str:
    message = failure.message.replace("\\", "\\\\").replace('"""', "'''")
    return _HEAD.format(
        operation=cell.operation,
        check=cell.check,
        verdict=cell.verdict,
        subject=cell.subject,
        device=cell.device,
        message=message,
        imports="".join(f"import {name}\n" for name in imported()),
    )


def _program(check: str) -> str:
    """The code of a claim's check or of a witness, which prints its last expression."""
    lines = [line for line in textwrap.dedent(check).strip().splitlines() if line.strip()] or ["None"]
    body = "\n".join([*lines[:-1], f"print({lines[-1]})"])
    # A future import must come first in a file. The head of the script has it already.
    source = inspect.getsource(claim_helpers).replace("from __future__ import annotations\n", "")
    return f"{source}\n\nglobals().update(helpers(globals()))\ntorch.manual_seed(0)\n{body}\n"


def _default(device: str) -> list[str]:
    return [] if device == "cpu" else [f"torch.set_default_device({device!r})"]


def _arguments(execution: Execution, device: str) -> str:
    lines = [f'device = "{device}"', f"dtype = torch.{execution.dtype}", *_default(device)]
    lines += argument_lines(execution.sample, execution.operands, execution.dtype)
    return "\n".join(lines) + "\n"
