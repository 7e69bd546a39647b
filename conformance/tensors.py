"""Samples made into live tensors, and tensors read back as NumPy arrays.

Tensors on the CPU are built on memory that NumPy owns, so what a call did to its inputs is seen without asking torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from conformance.dtypes import DTYPES, Array, partners
from conformance.sample import SUBJECT, Layout, TensorSample
from conformance.values import fill, landmark

# NumPy dtypes that torch.from_numpy takes in every supported torch, by width, for the dtypes that it does not.
_CARRIERS = {"bfloat16": np.int16, "uint16": np.int16, "uint32": np.int32, "uint64": np.int64}


def resolve_dtype(role: str, subject: str) -> str:
    """The dtype that a tensor sample of this role has in a cell of dtype `subject`."""
    if role == SUBJECT:
        return subject
    if role.startswith("partner"):
        choices = partners(subject)
        return choices[int(role[len("partner") :]) % len(choices)]
    return role


@dataclass(frozen=True)
class Operand:
    """One live tensor argument with the memory under it.

    `array` is the promised content, read-only; `pristine` the storage as it was before any call;
    `live` the storage the tensor uses (the same memory on the CPU, a flat tensor elsewhere).
    """

    sample: TensorSample
    dtype: str
    tensor: Any
    array: Array
    pristine: Array
    live: Any

    def storage(self) -> Array:
        """The storage as it is now."""
        return self.live if isinstance(self.live, np.ndarray) else to_array(self.live)

    def untouched(self) -> bool:
        return self.storage().tobytes() == self.pristine.tobytes()

    def overwrite(self, content: Array) -> None:
        """Write the whole storage behind torch's back."""
        if isinstance(self.live, np.ndarray):
            self.live[...] = content
        else:
            self.live.copy_(from_storage(content.copy(), self.dtype))

    def read(self, content: Array) -> Array:
        """What the tensor would hold were `content` its storage."""
        return logical(content, self.sample.shape, self.sample.layout)


def logical(storage: Array, shape: tuple[int, ...], layout: Layout) -> Array:
    """The array that a layout shows of a storage; a lazy layout shows the conjugate or the negative."""
    size = storage.itemsize
    view: Array = np.ndarray(shape, storage.dtype, storage, layout.offset * size, [s * size for s in layout.strides])
    if not layout.lazy:
        return view
    return np.conj(view) if storage.dtype.kind == "c" else np.negative(view)


def is_lazy(layout: Layout, dtype: str) -> bool:
    """Only complex tensors carry a conjugate bit; the negative bit is asked of the standard floats."""
    return layout.lazy and DTYPES[dtype].kind in ("float", "complex")


def make(sample: TensorSample, subject: str, device: str) -> Operand:
    """The live tensor that a sample means in a cell of dtype `subject`."""
    dtype = resolve_dtype(sample.dtype, subject)
    layout = sample.layout
    if layout.lazy and not is_lazy(layout, dtype):
        layout = Layout(layout.kind, layout.strides, layout.offset, layout.storage)
        sample = TensorSample(sample.shape, layout, sample.values, sample.dtype)
    pristine = fill(sample.values, dtype, layout.storage)
    _edit(pristine, sample, layout, dtype)
    live = pristine.copy()
    flat = from_storage(live, dtype)
    if device != "cpu":
        live = flat = flat.to(device)
    tensor = torch.as_strided(flat, sample.shape, layout.strides, layout.offset)
    if layout.lazy:
        tensor = tensor.conj() if DTYPES[dtype].kind == "complex" else torch._neg_view(tensor)
    return Operand(sample, dtype, tensor, logical(pristine, sample.shape, layout), pristine, live)


def _edit(storage: Array, sample: TensorSample, layout: Layout, dtype: str) -> None:
    if not sample.values.edits or sample.numel == 0:
        return
    plain = Layout(layout.kind, layout.strides, layout.offset, layout.storage)
    view = logical(storage, sample.shape, plain)
    for position, name in sample.values.edits:
        if position < 0:
            storage[...] = landmark(dtype, name)
        else:
            view[np.unravel_index(position % sample.numel, sample.shape)] = landmark(dtype, name)


def from_storage(storage: Array, dtype: str) -> Any:
    """A flat tensor over the memory of a NumPy array."""
    carrier = _CARRIERS.get(dtype)
    if carrier is None:
        return torch.from_numpy(storage)
    return torch.from_numpy(storage.view(carrier)).view(getattr(torch, dtype))


def dtype_name(tensor: Any) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def to_array(tensor: Any) -> Array:
    """The content of a tensor, bit for bit; bfloat16 through `ml_dtypes`. CPU tensors share memory where possible."""
    name = dtype_name(tensor)
    tensor = tensor.detach()
    if tensor.device.type != "cpu":
        tensor = tensor.cpu()
    if tensor.is_conj() or tensor.is_neg():
        tensor = tensor.resolve_conj().resolve_neg()
    carrier = _CARRIERS.get(name)
    if carrier is None:
        return np.asarray(tensor.numpy())
    as_integers = tensor.view(getattr(torch, np.dtype(carrier).name)).numpy()
    return np.asarray(as_integers.view(DTYPES[name].numpy))


def layout_of(tensor: Any) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Shape, strides and storage offset."""
    return tuple(tensor.shape), tuple(tensor.stride()), int(tensor.storage_offset())


def storage_address(tensor: Any) -> int:
    return int(tensor.untyped_storage().data_ptr())


def storage_elements(tensor: Any) -> int:
    return int(tensor.untyped_storage().nbytes()) // int(tensor.element_size())
