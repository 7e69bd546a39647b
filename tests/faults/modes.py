"""Faults that show in one mode alone: plain calls come out right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from conformance.spec import Spec
from tests.faults.kinds import WITH_FLAT_RESULTS, has_any_values
from tests.faults.kit import Body, Clean, Fault, changed, takes_tensors, tensors_in

CHECK = "modes"


def _only(shows: Callable[[torch.Tensor], bool], change: Callable[[torch.Tensor], torch.Tensor]) -> Body:
    """The results are changed where one of the arguments or results shows the mode."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        result = clean(*args, **kwargs)
        if clean.in_place or not any(shows(tensor) for tensor in tensors_in((args, tuple(kwargs.values()), result))):
            return result
        return changed(result, change)

    return body


def _is_meta(tensor: torch.Tensor) -> bool:
    return bool(tensor.is_meta)


def _is_functional(tensor: torch.Tensor) -> bool:
    return bool(torch._is_functional_tensor(tensor))


def _is_batched(tensor: torch.Tensor) -> bool:
    return bool(torch._C._functorch.is_batchedtensor(tensor))


def _one_longer(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.new_empty((*tensor.shape, 1))


def _transposed(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.new_empty(tensor.shape[::-1]).permute(*range(tensor.dim() - 1, -1, -1))


def _zero_where_not(tensor: torch.Tensor) -> torch.Tensor:
    """Wrong everywhere: 0, and 1 in the place of 0."""
    return (tensor == 0).to(tensor.dtype)


def standard(spec: Spec) -> Iterator[Fault]:
    """The faults of modes that every spec with these modes must see."""
    if spec.operation.endswith("_") or not takes_tensors(spec):
        return  # it hands its argument back, whatever the mode; without a tensor nothing shows the mode
    of_values = () if has_any_values(spec) else ("vmap", "functionalize")
    lacking = {lack.mode for lack in spec.unsupported_modes if not lack.when}
    kinds = (
        ("vmap", "under vmap every slice is zeros or, instead of 0, ones", _is_batched, _zero_where_not),
        ("meta", "a meta result has a dimension too many", _is_meta, _one_longer),
        ("meta", "a meta result has its strides the other way round", _is_meta, _transposed),
        ("functionalize", "functionalised results are zeros or, instead of 0, ones", _is_functional, _zero_where_not),
    )
    for mode, title, shows, change in kinds:
        seen = mode in of_values if change is _zero_where_not else mode == "meta"
        seen &= change is not _transposed or spec.operation not in WITH_FLAT_RESULTS
        if mode in spec.modes and mode not in lacking and seen:
            yield Fault(spec.operation, title, _only(shows, change), seen_by=CHECK)
