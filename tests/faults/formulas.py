"""Faults of operations on one tensor: in some dtypes the results are those of another formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tests.faults.kinds import Kind
from tests.faults.kit import Clean, spoil

Formula = Callable[[torch.Tensor], torch.Tensor]

FLOATING = ("float16", "bfloat16", "float32", "float64")
COMPLEX = ("complex64", "complex128")
WHOLE = ("bool", "uint8", "int8", "int16", "int32", "int64")


def of_input(title: str, dtypes: tuple[str, ...], formula: Formula) -> Kind:
    """Inputs of these dtypes have the results of a formula of the input, whatever other arguments there are."""

    def body(clean: Clean, input: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        before = input.detach().clone()
        result = clean(input, *args, **kwargs)
        if str(before.dtype).removeprefix("torch.") not in dtypes:
            return result
        return spoil(result, lambda tensor: formula(before).to(tensor.dtype))

    return title, body


def of_result(title: str, dtypes: tuple[str, ...], formula: Callable[..., torch.Tensor]) -> Kind:
    """Inputs of these dtypes have the results of a formula of the input and the result."""

    def body(clean: Clean, input: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        before = input.detach().clone()
        result = clean(input, *args, **kwargs)
        if str(before.dtype).removeprefix("torch.") not in dtypes:
            return result
        return spoil(result, lambda tensor: formula(before, tensor).to(tensor.dtype))

    return title, body


def after(change: Formula, function: Formula) -> Formula:
    """The function of a changed input."""
    return lambda x: function(change(x))
