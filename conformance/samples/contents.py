"""What a tensor sample holds in a dtype, as NumPy arrays. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from conformance.numeric.dtypes import DTYPES, Array, partners, real_of
from conformance.samples.sample import Argument, Layout, TensorSample, tensors_in
from conformance.samples.values import distinct, fill, landmark
from conformance.samples.vocabulary import CELL_DTYPE, DtypeRole, Partner


def resolve_dtype(role: DtypeRole, subject: str) -> str:
    """The dtype that a tensor sample with the dtype role `role` has in a cell of dtype `subject`."""
    if isinstance(role, Partner):
        others = partners(subject, role.kinds)
        return others[role.place % len(others)] if others else subject
    return subject if role == CELL_DTYPE else role


def logical(storage: Array, shape: tuple[int, ...], layout: Layout) -> Array:
    """The view of a storage that a layout describes. A lazy layout gives the conjugate or the negative."""
    size = storage.itemsize
    offset = 0 if 0 in shape else layout.offset * size  # an empty view may begin past the end of the storage
    view: Array = np.ndarray(shape, storage.dtype, storage, offset, [s * size for s in layout.strides])
    if not layout.lazy:
        return view
    return np.conj(view) if storage.dtype.kind == "c" else np.negative(view)


def is_lazy(layout: Layout, dtype: str) -> bool:
    """Whether a tensor in this layout and dtype has its conjugate or negative bit set. Only complex tensors have a
    conjugate bit; the negative bit is tried on the standard floating dtypes."""
    return layout.lazy and DTYPES[dtype].kind in ("float", "complex")


def in_dtype(sample: TensorSample, dtype: str) -> TensorSample:
    """The sample in a dtype. The layout is not lazy there if the dtype has neither bit."""
    if not sample.layout.lazy or is_lazy(sample.layout, dtype):
        return sample
    return replace(sample, layout=replace(sample.layout, lazy=False))


def storage_of(sample: TensorSample, dtype: str) -> Array:
    """A new storage that holds the sample's values and edits."""
    storage = fill(sample.values, dtype, sample.layout.storage)
    if sample.values.kind == "distinct" and sample.numel:
        logical(storage, sample.shape, sample.layout)[...] = distinct(sample.values, dtype, sample.shape)
    if sample.values.edits and sample.numel:
        view = logical(storage, sample.shape, replace(sample.layout, lazy=False))
        for position, name in sample.values.edits:
            if position < 0:
                storage[...] = landmark(dtype, name)
            else:
                view[np.unravel_index(position % sample.numel, sample.shape)] = landmark(dtype, name)
    return storage


@dataclass(frozen=True)
class Content:
    """One tensor argument in a dtype."""

    sample: TensorSample
    dtype: str
    pristine: Array
    """the storage; nobody may write to it"""

    @cached_property
    def array(self) -> Array:
        """The elements of the tensor."""
        return logical(self.pristine, self.sample.shape, self.sample.layout)

    @property
    def flushed(self) -> Content:
        """The same with zeros in place of subnormal numbers; itself if there are none."""
        if not self.inexact:
            return self
        part = DTYPES[real_of(self.dtype)]
        parts = self.pristine.view(part.numpy).copy()
        subnormal = (parts != 0) & (np.abs(parts) < np.float64(2.0) ** part.lowest_exponent)
        if not subnormal.any():
            return self
        parts[subnormal] *= 0  # the sign stays
        return replace(self, pristine=parts.view(self.pristine.dtype))

    @cached_property
    def pristine_bytes(self) -> bytes:
        return self.pristine.tobytes()

    @property
    def promotes(self) -> bool:
        return self.sample.promotes

    @property
    def inexact(self) -> bool:
        """Whether it holds floating or complex numbers, so that a gradient can go to it."""
        return DTYPES[self.dtype].inexact


def content_of(sample: TensorSample, subject: str) -> Content:
    """The content of a tensor sample in a cell of dtype `subject`."""
    dtype = resolve_dtype(sample.dtype, subject)
    sample = in_dtype(sample, dtype)
    return Content(sample, dtype, storage_of(sample, dtype))


def mixes_real_and_complex(subject: str, tensors: tuple[TensorSample, ...]) -> bool:
    """Whether floating tensors stand beside complex ones in a cell of dtype `subject`."""
    kinds = {DTYPES[resolve_dtype(tensor.dtype, subject)].kind for tensor in tensors}
    return {"float", "complex"} <= kinds


def holds_a_negated_view(subject: str, **arguments: Argument) -> bool:
    """Whether one of a sample's real tensors has its negative bit set."""
    tensors = tensors_in(tuple(arguments.values()))
    dtypes = (resolve_dtype(tensor.dtype, subject) for tensor in tensors)
    return any(
        is_lazy(tensor.layout, dtype) and DTYPES[dtype].kind == "float" for tensor, dtype in zip(tensors, dtypes)
    )


@lru_cache(maxsize=64)
def contents(sample: TensorSample, subject: str) -> Array:
    """The elements of a tensor in a cell of dtype `subject`, read-only. For predicates and bounds that depend on
    values."""
    array = content_of(sample, subject).array
    array.setflags(write=False)
    return array


def holds_booleans_of_other_bytes(subject: str, **arguments: Argument) -> bool:
    """Whether one of a sample's booleans is a byte that is neither 0 nor 1."""
    tensors = tensors_in(tuple(arguments.values()))
    booleans = (contents(tensor, subject) for tensor in tensors if resolve_dtype(tensor.dtype, subject) == "bool")
    return any(bool((array.view(np.uint8) > 1).any()) for array in booleans)
