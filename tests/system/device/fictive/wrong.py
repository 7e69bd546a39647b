"""Kernels that are wrong on the device alone, to prove that the suite sees it; other overloads of each stay right."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

_LIBRARY = torch.library.Library("aten", "IMPL")  # what is planted lasts as long as this object


@dataclass(frozen=True)
class Fault:
    """A wrong kernel of one operation, and an expression that is true only where it is planted; none for one that ends
    the process."""

    operation: str
    kernel: Callable[..., Any]
    witness: str


def _sigmoid(input: Any) -> Any:
    dtype = torch.result_type(input, 1.0)
    return input.to(dtype, copy=True).sigmoid_().masked_fill_(input.real > 4, 1)


def _sigmoid_that_loses_the_device(input: Any) -> Any:
    """What is above 4 fails an assertion of the kernel, which is told at once."""
    if input.dtype is torch.float32 and bool((input.cpu() > 4).any()):
        torch.fictive.lose()
        raise RuntimeError("fictive error: device-side assert triggered")
    return _right_sigmoid(input)


def _sigmoid_that_loses_the_device_later(input: Any) -> Any:
    """What is above 4 fails an assertion of the kernel, which is told at the next call that waits."""
    result = _right_sigmoid(input)
    if input.dtype is torch.float32 and bool((input.cpu() > 4).any()):
        torch.fictive.lose()
    return result


def _right_sigmoid(input: Any) -> Any:
    return input.to(torch.result_type(input, 1.0), copy=True).sigmoid_()


def _cat(tensors: list[Any], dim: int = 0) -> Any:
    dtype = functools.reduce(torch.promote_types, (tensor.dtype for tensor in tensors))
    result = torch.cat(tensors, dim, out=torch.empty(0, dtype=dtype, device=tensors[0].device))
    if result.numel():
        result.select(dim, -1).zero_()
    return result


def _index_select(input: Any, dim: int, index: Any) -> Any:
    out = torch.empty(0, dtype=input.dtype, device=input.device)
    return torch.index_select(
        input, dim, index.clamp(max=_size(input, dim) - 1) if _is_sound(index) else index, out=out
    )


def _index_select_or_die(input: Any, dim: int, index: Any) -> Any:
    if _is_sound(index) and bool((index >= _size(input, dim)).any()):
        os.abort()
    out = torch.empty(0, dtype=input.dtype, device=input.device)
    return torch.index_select(input, dim, index, out=out)


def _size(input: Any, dim: int) -> int:
    return int(input.shape[dim]) if input.dim() else 1


def _is_sound(index: Any) -> bool:
    """Whether nothing but its values can be wrong with an index."""
    return index.dim() < 2 and index.dtype in (torch.int32, torch.int64)


_kept: list[Any] = []


def _take(input: Any, index: Any) -> Any:
    _kept.append(torch.take(input, index, out=torch.empty(0, dtype=input.dtype, device=input.device)))
    return _kept[-1].clone()


FAULTS = {
    "sigmoid-is-1-above-4": Fault("sigmoid", _sigmoid, "torch.sigmoid(torch.tensor([5.0])).item() == 1"),
    "sigmoid-loses-the-device": Fault("sigmoid", _sigmoid_that_loses_the_device, ""),
    "sigmoid-loses-the-device-later": Fault("sigmoid", _sigmoid_that_loses_the_device_later, ""),
    "cat-loses-the-last-row": Fault("cat", _cat, "torch.cat([torch.ones(2), torch.ones(1)])[2].item() == 0"),
    "take-keeps-a-copy": Fault(
        "take",
        _take,
        "sum(torch.take(torch.ones(2), torch.zeros(999, dtype=torch.int64)).numel() for _ in range(9)) == 8991 "
        "and torch.fictive.memory_allocated() > 35000",
    ),
    "index-select-takes-any-index": Fault(
        "index_select", _index_select, "torch.index_select(torch.ones(3), 0, torch.tensor([3])).item() == 1"
    ),
    "index-select-dies-of-an-index": Fault("index_select", _index_select_or_die, ""),
}


def plant(name: str) -> None:
    """Make the kernel of one of `FAULTS` the device's own."""
    fault = FAULTS[name]
    _LIBRARY.impl(fault.operation, fault.kernel, "PrivateUse1")
