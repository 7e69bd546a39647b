"""What is wrong on the device alone, to prove that the suite sees it, and says what it should. A kernel that is planted
leaves the other overloads of its operation right.

That a device was lost is known to later processes by the file that `MARK` names.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import torch

MARK = "TEST_DEVICE_MARK"
"""The environment variable that names the file which says that a device was lost already."""

LOST_AFTER = "TEST_DEVICE_LOST_AFTER"
"""The environment variable that says after how many allocations it is lost."""

_LIBRARY = torch.library.Library("aten", "IMPL")  # what is planted lasts as long as this object


@dataclass(frozen=True)
class Fault:
    """Wrong kernels of operations, or a device that is wrong as a whole, and an expression that is true only where that
    is planted; none for one that ends the process, or that leaves others nothing to work with."""

    kernels: dict[str, Callable[..., Any]] = field(default_factory=dict)
    witness: str = ""
    device: Callable[[], None] | None = None


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


def _sigmoid_that_asks_in_vain(input: Any) -> Any:
    """A size that is wrong by far, as where a difference of sizes is taken for an unsigned number."""
    if input.dtype is torch.float32:
        raise torch.OutOfMemoryError("fictive out of memory. Tried to allocate 17179869184.00 GiB.")
    return _right_sigmoid(input)


_full: list[bool] = []


def _sigmoid_that_lacks_memory_once(input: Any) -> Any:
    """Another process has the memory, and gives it back."""
    if not _full:
        _full.append(True)
        raise RuntimeError("fictive error: out of memory")
    return _right_sigmoid(input)


def _sigmoid_that_finds_the_device_full(input: Any, in_words: bool = False) -> Any:
    """From the first call in float32 on others have all the memory, and keep it."""
    if input.dtype is torch.float32:
        torch.fictive.limit(0, in_words)
    return _right_sigmoid(input)


def _right_sigmoid(input: Any) -> Any:
    return input.to(torch.result_type(input, 1.0), copy=True).sigmoid_()


def _cat(tensors: list[Any], dim: int = 0) -> Any:
    dtype = functools.reduce(torch.promote_types, (tensor.dtype for tensor in tensors))
    result = torch.cat(tensors, dim, out=torch.empty(0, dtype=dtype, device=tensors[0].device))
    if result.numel():
        result.select(dim, -1).zero_()
    return result


def _cat_that_loses_the_device_for_good(tensors: list[Any], dim: int = 0) -> Any:
    """No process that starts later finds a device that works."""
    Path(os.environ[MARK]).touch()
    torch.fictive.lose()
    torch.fictive.synchronize()


def _cat_on_the_first_device(tensors: list[Any], dim: int = 0) -> Any:
    """As where a kernel takes the current device for that of its arguments."""
    return torch.cat([tensor.cpu() for tensor in tensors], dim).to("fictive:0")


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


def _index_select_that_loses_the_device(input: Any, dim: int, index: Any) -> Any:
    """An index out of range fails an assertion of the kernel, which is told at once."""
    _index_select_that_loses_the_device_later(input, dim, index)
    torch.fictive.synchronize()
    return torch.index_select(input, dim, index, out=torch.empty(0, dtype=input.dtype, device=input.device))


def _index_select_that_loses_the_device_later(input: Any, dim: int, index: Any) -> Any:
    """An index out of range fails an assertion of the kernel, which is told at the next call that waits."""
    sound = index
    if _is_sound(index):
        sound = index.clamp(min=0, max=_size(input, dim) - 1)
    out = torch.empty(0, dtype=input.dtype, device=input.device)
    out = torch.index_select(input, dim, sound, out=out)
    if not torch.equal(sound.cpu(), index.cpu()):
        torch.fictive.lose()
    return out


def _size(input: Any, dim: int) -> int:
    return int(input.shape[dim]) if input.dim() else 1


def _is_sound(index: Any) -> bool:
    """Whether nothing but its values can be wrong with an index."""
    return index.dim() < 2 and index.dtype in (torch.int32, torch.int64)


_kept: list[Any] = []


def _take(input: Any, index: Any) -> Any:
    _kept.append(torch.take(input, index, out=torch.empty(0, dtype=input.dtype, device=input.device)))
    return _kept[-1].clone()


# --- sums in no fixed order, as of atomic additions ---


_random = Random()


def _shuffled(count: int, always: bool) -> Any:
    """The numbers up to `count`, in another order at each call unless torch is asked for one that is fixed."""
    order = list(range(count))
    if always or not torch.are_deterministic_algorithms_enabled():
        _random.shuffle(order)
    return torch.tensor(order, dtype=torch.int64, device="cpu")


def _index_add(always: bool, self: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Any:
    index, source = index.cpu(), source.cpu()
    if index.dim() and source.dim():
        order = _shuffled(index.numel(), always)
        index, source = index[order], source.index_select(dim, order)
    return self.copy_(self.cpu().index_add_(dim, index, source, alpha=alpha))


def _scatter_add(always: bool, self: Any, dim: int, index: Any, src: Any) -> Any:
    index, src = index.cpu(), src.cpu()
    if index.dim() and src.dim():
        order = _shuffled(index.shape[dim], always)
        index, src = index.index_select(dim, order), src.index_select(dim, order)
    return self.copy_(self.cpu().scatter_add_(dim, index, src))


def _put(always: bool, self: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    index, source = index.cpu().reshape(-1), source.cpu().reshape(-1)
    if accumulate:
        order = _shuffled(index.numel(), always)
        index, source = index[order], source[order]
    return self.copy_(self.cpu().put_(index, source, accumulate))


def _in_any_order(always: bool) -> dict[str, Callable[..., Any]]:
    """The operations by which gradients of index_select, gather and take are added up."""
    kernels: dict[str, Callable[..., Any]] = {"index_add_": _index_add, "scatter_add_": _scatter_add, "put_": _put}
    return {name: functools.partial(kernel, always) for name, kernel in kernels.items()}


# --- a device that is wrong as a whole ---


def _lose_once() -> None:
    if _is_first():
        torch.fictive.lose_after(int(os.environ[LOST_AFTER]))


def _lose_if_marked() -> None:
    if Path(os.environ[MARK]).exists():
        torch.fictive.lose()


def _is_first() -> bool:
    """Whether no process was here before."""
    try:
        Path(os.environ[MARK]).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _shrink() -> None:
    torch.fictive.limit(1 << 14, False)


FAULTS = {
    "sigmoid-is-1-above-4": Fault({"sigmoid": _sigmoid}, "torch.sigmoid(torch.tensor([5.0])).item() == 1"),
    "sigmoid-loses-the-device": Fault({"sigmoid": _sigmoid_that_loses_the_device}),
    "sigmoid-loses-the-device-later": Fault({"sigmoid": _sigmoid_that_loses_the_device_later}),
    "sigmoid-asks-for-memory-in-vain": Fault({"sigmoid": _sigmoid_that_asks_in_vain}),
    "sigmoid-lacks-memory-once": Fault({"sigmoid": _sigmoid_that_lacks_memory_once}),
    "sigmoid-finds-the-device-full": Fault({"sigmoid": _sigmoid_that_finds_the_device_full}),
    "sigmoid-finds-the-device-full-in-other-words": Fault(
        {"sigmoid": functools.partial(_sigmoid_that_finds_the_device_full, in_words=True)}
    ),
    "cat-loses-the-last-row": Fault({"cat": _cat}, "torch.cat([torch.ones(2), torch.ones(1)])[2].item() == 0"),
    "cat-goes-to-the-first-device": Fault({"cat": _cat_on_the_first_device}),
    "take-keeps-a-copy": Fault(
        {"take": _take},
        "sum(torch.take(torch.ones(2), torch.zeros(999, dtype=torch.int64)).numel() for _ in range(9)) == 8991 "
        "and torch.fictive.memory_allocated() > 35000",
    ),
    "index-select-takes-any-index": Fault(
        {"index_select": _index_select}, "torch.index_select(torch.ones(3), 0, torch.tensor([3])).item() == 1"
    ),
    "index-select-dies-of-an-index": Fault({"index_select": _index_select_or_die}),
    "index-select-loses-the-device": Fault({"index_select": _index_select_that_loses_the_device}),
    "index-select-loses-the-device-later": Fault({"index_select": _index_select_that_loses_the_device_later}),
    "sums-in-any-order": Fault(
        _in_any_order(always=False),
        "len({torch.zeros(1).index_add_(0, torch.zeros(9, dtype=torch.int64), torch.tensor([1e8, 1, -1e8] * 3)).item()"
        " for _ in range(50)}) > 1",
    ),
    "sums-always-in-any-order": Fault(_in_any_order(always=True)),
    "device-is-lost-once": Fault(device=_lose_once),
    "cat-loses-the-device-for-good": Fault({"cat": _cat_that_loses_the_device_for_good}, device=_lose_if_marked),
    "device-is-small": Fault(device=_shrink),
    "device-has-no-float64": Fault(device=lambda: torch.fictive.forget_float64()),
}


def plant(name: str) -> None:
    """Give the device one of `FAULTS`."""
    fault = FAULTS[name]
    for operation, kernel in fault.kernels.items():
        _LIBRARY.impl(operation, kernel, "PrivateUse1")
    if fault.device is not None:
        fault.device()
