"""The names that every expression may use besides the arguments of the spec."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import torch

from conformance.execution.tensors import to_array

_NAMES: dict[str, Any] = {
    "torch": torch,
    "nn": torch.nn,
    "F": torch.nn.functional,
    "np": np,
    "math": math,
    "operator": operator,
    "array": to_array,
}


def torch_names() -> dict[str, Any]:
    """The names in a new dictionary, so that a name that an expression binds is not visible to other expressions."""
    return dict(_NAMES)
