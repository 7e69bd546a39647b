"""Reference calls: plain calls of torch that do the kind of work of a workload, by which its time is judged.

None of them is an operation that has a spec, so that what is slow in an operation is not slow in its reference. They
write to memory that they have, since where new memory lies can make a large result five times as slow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from conformance.spec.contract import Reference

Call = Callable[[], Any]

ROW = 64
"""The length of the rows of a reference's matrices, as of most workloads."""


@dataclass(frozen=True)
class Work:
    """How much a workload does: the elements of its largest argument, and the bytes of its arguments and results."""

    elements: int
    bytes: int
    device: str


def reference_call(name: Reference, work: Work) -> Call:
    """The call of a reference that does as much as a workload."""
    return _CALLS[name](work)


def _copy(work: Work) -> Call:
    """A copy that reads one half of the bytes and writes the other."""
    source = _floats(max(work.bytes // 8, 1), work.device)
    return partial(torch.Tensor.copy_, torch.empty_like(source), source)


def _view(work: Work) -> Call:
    """A view of one row."""
    return partial(torch.select, _matrix(work), 0, 0)


def _elementwise(work: Work) -> Call:
    """The product of two elements each, added to a third."""
    matrix = _matrix(work)
    return partial(torch.addcmul, matrix, matrix.flip(0), matrix, out=torch.empty_like(matrix))


def _exponential(work: Work) -> Call:
    """The exponential of each element, less 1. `exp` itself may be the work of another library than torch."""
    matrix = _matrix(work)
    return partial(torch.expm1, matrix, out=torch.empty_like(matrix))


def _reduction(work: Work) -> Call:
    """The sum of what is a number in each row."""
    return partial(torch.nansum, _matrix(work), 1)


def _sort(work: Work) -> Call:
    """The order of each row."""
    return partial(torch.argsort, _matrix(work), 1)


def _matmul(work: Work) -> Call:
    """Each row times a square matrix, added to the row."""
    matrix = _matrix(work)[None]
    return partial(torch.baddbmm, matrix, matrix, _floats(ROW * ROW, work.device).view(1, ROW, ROW))


def _backward(work: Work) -> Call:
    """The gradient of a formula of each element."""
    leaf = _matrix(work).requires_grad_()
    result = torch.exp(leaf)
    return partial(torch.autograd.grad, [result], [leaf], [torch.ones_like(result)], retain_graph=True)


def _floats(count: int, device: str) -> torch.Tensor:
    """Numbers in no order, and the same in each process."""
    return torch.rand(count, generator=torch.Generator().manual_seed(0)).to(device)


def _matrix(work: Work) -> torch.Tensor:
    return _floats(max(work.elements // ROW, 1) * ROW, work.device).view(-1, ROW)


_CALLS: dict[Reference, Callable[[Work], Call]] = {
    "copy": _copy,
    "view": _view,
    "elementwise": _elementwise,
    "exponential": _exponential,
    "reduction": _reduction,
    "sort": _sort,
    "matmul": _matmul,
    "backward": _backward,
}
