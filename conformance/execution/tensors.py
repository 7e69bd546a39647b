"""Live tensors made from samples, and tensors read as NumPy arrays.

NumPy owns the memory of CPU tensors, so that a changed argument is seen without asking torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from conformance.numeric.accuracy import compare_exact
from conformance.numeric.dtypes import DTYPES, Array
from conformance.samples.contents import Content
from conformance.samples.sample import TensorSample

# torch.from_numpy does not take these dtypes in every supported torch. Their bits travel as these NumPy dtypes.
_CARRIERS = {"bfloat16": np.int16, "uint16": np.int16, "uint32": np.int32, "uint64": np.int64}


@dataclass(frozen=True)
class Operand:
    """One live tensor argument."""

    content: Content
    """what the tensor was made with"""
    tensor: Any
    live: Any
    """the storage of the tensor: a NumPy array on the CPU, a flat tensor elsewhere"""

    @property
    def sample(self) -> TensorSample:
        return self.content.sample

    @property
    def dtype(self) -> str:
        return self.content.dtype

    @property
    def array(self) -> Array:
        return self.content.array

    @property
    def pristine(self) -> Array:
        return self.content.pristine

    @property
    def promotes(self) -> bool:
        return self.content.promotes

    @property
    def inexact(self) -> bool:
        return self.content.inexact

    def storage(self) -> Array:
        """The storage in its present state."""
        if isinstance(self.live, np.ndarray):
            return self.live
        if self.dtype == "bool":  # byte for byte: any but 0 is true
            return np.asarray(self.live.view(torch.uint8).numpy(force=True).view(np.bool_))
        return to_array(self.live)

    @property
    def is_untouched(self) -> bool:
        """Whether the storage still holds what it was made with. A device may keep other bytes of booleans and NaNs."""
        storage = self.storage()
        if storage.tobytes() == self.content.pristine_bytes:
            return True
        return storage is not self.live and compare_exact(storage, self.content.pristine) is None

    def lies_as_made(self, has_strides: bool) -> bool:
        """Whether the tensor still has the sizes that it was made with, and its strides where the device has any."""
        shape, strides, offset = layout_of(self.tensor)
        made = self.sample
        return shape == made.shape and (not has_strides or (strides, offset) == (made.strides, made.offset))

    def restore(self, has_strides: bool) -> None:
        """Give the tensor the sizes and the strides that it was made with, and the storage its content, if a call
        changed them."""
        made = self.sample
        if not self.lies_as_made(has_strides):
            self.tensor.as_strided_(made.shape, made.strides, made.offset)
        if not self.is_untouched:
            self.overwrite(self.pristine)

    def overwrite(self, content: Array) -> None:
        """Write the whole storage without torch's knowledge."""
        if isinstance(self.live, np.ndarray):
            self.live[...] = content
        else:
            self.live.copy_(_moved(from_storage(content.copy(), self.dtype), self.live.device))


def make(content: Content, device: str) -> Operand:
    """A live tensor in new memory."""
    live = content.pristine.copy()
    flat = from_storage(live, content.dtype)
    if device != "cpu":
        live = flat = _moved(flat, device)
    return Operand(content, laid_out(flat, content.sample, content.dtype), live)


def _moved(flat: Any, device: Any) -> Any:
    """A flat tensor on another device. Booleans are moved byte by byte."""
    if flat.dtype is not torch.bool:
        return flat.to(device)
    return flat.view(torch.uint8).to(device).view(torch.bool)


def laid_out(flat: Any, sample: TensorSample, dtype: str) -> Any:
    """The view of a flat tensor that has the layout of a sample."""
    layout = sample.layout
    tensor = torch.as_strided(flat, sample.shape, layout.strides, layout.offset)
    if not layout.lazy:
        return tensor
    return tensor.conj() if DTYPES[dtype].kind == "complex" else torch._neg_view(tensor)


def from_storage(storage: Array, dtype: str) -> Any:
    """A flat tensor that shares the memory of a NumPy array."""
    carrier = _CARRIERS.get(dtype)
    if carrier is None:
        return torch.from_numpy(storage)
    return torch.from_numpy(storage.view(carrier)).view(getattr(torch, dtype))


def dtype_name(tensor: Any) -> str:
    return _name_of(tensor.dtype)


@cache
def _name_of(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def to_array(tensor: Any) -> Array:
    """A tensor as a NumPy array, bit for bit. It shares the memory of a CPU tensor where possible."""
    name = dtype_name(tensor)
    if tensor.is_sparse:
        tensor = tensor.detach().to_dense()
    carrier = _CARRIERS.get(name)
    if carrier is None:
        return np.asarray(tensor.numpy(force=True))
    if tensor.is_neg():
        tensor = tensor.detach().resolve_neg()  # a view as integers is not possible with the negative bit set
    as_integers = tensor.detach().view(getattr(torch, np.dtype(carrier).name)).numpy(force=True)
    return np.asarray(as_integers.view(DTYPES[name].numpy))


def layout_of(tensor: Any) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """The shape, the strides and the storage offset of a tensor."""
    return tuple(tensor.shape), tuple(tensor.stride()), int(tensor.storage_offset())


def storage_address(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


def new_storages(tensors: Iterable[Any], operands: Iterable[Operand]) -> list[int]:
    """The size in bytes of each storage that holds one of the tensors and none of the operands."""
    given = {storage_address(operand.tensor) for operand in operands}
    sizes = {storage_address(tensor): int(tensor.untyped_storage().nbytes()) for tensor in tensors}
    return [size for address, size in sizes.items() if address not in given]


def storage_elements(tensor: Any) -> int:
    return int(tensor.untyped_storage().nbytes()) // int(tensor.element_size())
