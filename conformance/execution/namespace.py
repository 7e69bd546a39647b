"""The names that every call may use beside the spec's own arguments."""

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
    """The names in a dictionary of the caller's own: what an expression binds in it stays there."""
    return dict(_NAMES)
