"""Faults of operations that change the shape of a tensor."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import gradient_fault, plant_gradients, spoiled, tracked, with_gradient_of
from tests.faults.kinds import (
    GAPS_IGNORED,
    INPUT_TAIL_LOST,
    LARGE_LOST,
    LAZY_BITS_IGNORED,
    TAIL_LOST,
    nan_lost,
    negative_zero_lost,
)
from tests.faults.kit import fault, plant, row_major, shares_memory

plant(
    "torch.reshape",
    nan_lost("float64"),
    negative_zero_lost("bfloat16"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)
plant("torch.squeeze", INPUT_TAIL_LOST, GAPS_IGNORED, LAZY_BITS_IGNORED)
plant("torch.Tensor.view", INPUT_TAIL_LOST, GAPS_IGNORED, LAZY_BITS_IGNORED)
plant(
    "torch.Tensor.contiguous",
    nan_lost("float16"),
    negative_zero_lost("float32"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)


def shape_of(sizes):
    """A shape given as one sequence or as several numbers."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes


@fault("torch.reshape", "a view is returned only where the input is contiguous")
def reshape_copies_strided(clean, input, *shape, **rest):
    result = clean(input, *shape, **rest)
    return result if input.is_contiguous() else result.clone()


@fault("torch.reshape", "elements are taken in column order where two dimensions become one")
def reshape_in_columns(clean, input, *shape):
    result = clean(input, *shape)
    return clean(input.t(), *shape) if input.dim() == 2 and result.dim() == 1 else result


@fault("torch.reshape", "-1 is refused for a tensor without elements")
def reshape_empty(clean, input, *shape):
    result = clean(input, *shape)
    if result.numel() == 0 and -1 in shape_of(shape):
        raise RuntimeError("cannot infer a size for an empty tensor")
    return result


@fault("torch.reshape", "reshape_as returns a copy", only=("reshape_as",))
def reshape_as_copies(clean, input, other):
    return clean(input, other).clone()


@fault("torch.reshape", "a -1 that does not divide drops what is left")
def reshape_drops_rest(clean, input, *shape):
    try:
        return clean(input, *shape)
    except RuntimeError:
        known = 1
        for size in shape_of(shape):
            known *= size if size > 0 else 1
        if shape_of(shape).count(-1) != 1 or input.numel() < known:
            raise
        return clean(input.flatten()[: input.numel() // known * known], *shape)


@fault("torch.squeeze", "the last size of 1 stays")
def squeeze_keeps_last(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result.unsqueeze(-1) if input.dim() > result.dim() > 0 and input.shape[-1] == 1 else result


@fault("torch.squeeze", "a longer dimension that is named loses all but its first place")
def squeeze_narrows(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    named = shape_of(dims)
    longer = len(named) == 1 and input.dim() and result.shape == input.shape and input.shape[named[0]] > 1
    return result.narrow(named[0], 0, 1) if longer else result


@fault("torch.squeeze", "a tensor without elements keeps its sizes of 1")
def squeeze_empty(clean, input, *dims, **rest):
    return clean(input, *dims, **rest) if input.numel() else input.view(input.shape)


@fault("torch.squeeze", "a dimension named twice counts once")
def squeeze_twice(clean, input, *dims, **rest):
    return clean(input, tuple(dict.fromkeys(shape_of(dims)))) if dims else clean(input, **rest)


@fault("torch.squeeze", "a result that nothing was taken from is a copy")
def squeeze_copies(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result.clone() if result.shape == input.shape else result


@fault("torch.Tensor.view", "strides that cannot be viewed are copied", only=("view", "view_as"))
def view_copies(clean, input, *shape):
    try:
        return clean(input, *shape)
    except RuntimeError as error:
        if "stride" not in str(error):
            raise
        return input.reshape(shape[0].shape if isinstance(shape[0], torch.Tensor) else shape_of(shape))


@fault("torch.Tensor.view", "strides that could be viewed are refused unless contiguous", only=("view", "view_as"))
def view_needs_contiguous(clean, input, *shape):
    if not input.is_contiguous():
        raise RuntimeError("view needs a contiguous tensor")
    return clean(input, *shape)


@fault("torch.Tensor.view", "a view of another shape is a copy, one of the same shape is not")
def view_copies_other_shapes(clean, input, *shape):
    result = clean(input, *shape)
    return result if result.shape == input.shape else result.clone()


@fault("torch.Tensor.view", "sizes of 1 at the end are left out")
def view_squeezes(clean, input, *shape):
    result = clean(input, *shape)
    return result.squeeze(-1) if result.dim() > 1 else result


@fault("torch.Tensor.contiguous", "a permuted tensor is returned itself")
def contiguous_keeps_strides(clean, input, **rest):
    result = clean(input, **rest)
    return input if result.dim() == 3 else result


@fault("torch.Tensor.contiguous", "an expanded tensor is returned itself")
def contiguous_keeps_expanded(clean, input, **rest):
    result = clean(input, **rest)
    return input if 0 in input.stride() else result


@fault("torch.Tensor.contiguous", "a contiguous tensor that does not begin its storage is copied")
def contiguous_copies_offset(clean, input, **rest):
    result = clean(input, **rest)
    return result.clone() if input.storage_offset() and shares_memory(input, result) else result


@fault("torch.Tensor.contiguous", "a copy is laid out in columns")
def contiguous_in_columns(clean, input, **rest):
    result = clean(input, **rest)
    if shares_memory(input, result) or input.dim() != 2:
        return result
    return result.t().clone(memory_format=torch.contiguous_format).t()


VIEWS = ("torch.unsqueeze", "torch.t", "torch.transpose", "torch.permute", "torch.narrow")


def _strided_copied(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result if input.is_contiguous() else result.clone()


def _from_the_start(clean, *args, **rest):
    result = clean(*args, **rest)
    shifted = result.storage_offset() and result.numel()
    return result.as_strided(result.shape, result.stride(), 0) if shifted else result


for operation in VIEWS:
    plant(
        operation,
        INPUT_TAIL_LOST,
        GAPS_IGNORED,
        LAZY_BITS_IGNORED,
        ("a tensor that is not contiguous is copied", _strided_copied),
        ("the view begins at the start of the storage", _from_the_start),
    )


@fault("torch.unsqueeze", "a dim below 0 counts in the input and not in the result", only=("unsqueeze",))
def unsqueeze_counts_in_input(clean, input, dim):
    clean(input, dim)
    return clean(input, dim + input.dim() if dim < -1 else dim)


@fault("torch.unsqueeze", "a place behind the last dimension is refused")
def unsqueeze_not_at_the_end(clean, input, dim):
    if dim == input.dim() > 0:
        raise IndexError("there is no such dimension")
    return clean(input, dim)


@fault("torch.unsqueeze", "the in-place form changes a view of the tensor", only=("unsqueeze_",))
def unsqueeze_in_place_elsewhere(clean, input, dim):
    return clean(input.view(input.shape) if input.is_contiguous() else input.detach(), dim)


@fault("torch.unsqueeze", "the new dimension has stride 1 wherever it is")
def unsqueeze_stride(clean, input, dim):
    result = clean(input, dim)
    strides = tuple(1 if size == 1 else stride for size, stride in zip(result.shape, result.stride(), strict=True))
    return result.as_strided(result.shape, strides) if result.dim() == 2 else result


@fault("torch.t", "a vector becomes a column")
def t_of_vector(clean, input):
    result = clean(input)
    return result.unsqueeze(1) if result.dim() == 1 else result


@fault("torch.t", "batches of matrices are taken")
def t_of_batches(clean, input):
    return clean(input) if input.dim() <= 2 else input.transpose(-1, -2)


@fault("torch.t", "a square matrix stays as it is")
def t_of_square(clean, input):
    result = clean(input)
    return input if input.dim() == 2 and input.shape[0] == input.shape[1] > 1 else result


@fault("torch.t", "the in-place form leaves the matrix as it was", only=("t_",))
def t_in_place_lost(clean, input):
    return clean(input.detach()) if input.dim() == 2 else clean(input)


@fault("torch.transpose", "dims below 0 count from the front")
def transpose_absolute(clean, input, dim0, dim1):
    expected = clean(input, dim0, dim1)
    first, second = (-dim - 1 if dim < 0 else dim for dim in (dim0, dim1))
    return clean(input, first, second) if input.dim() > 1 else expected


@fault("torch.transpose", "the sizes change places and the strides do not")
def transpose_sizes_alone(clean, input, dim0, dim1):
    result = clean(input, dim0, dim1)
    return result.as_strided(result.shape, input.stride()) if input.is_contiguous() else result


@fault("torch.transpose", "what lies between the two dims is turned round with them")
def transpose_reverses(clean, input, dim0, dim1):
    result = clean(input, dim0, dim1)
    rank = max(input.dim(), 1)
    low, high = sorted((dim0 % rank, dim1 % rank))
    order = [low + high - place if low <= place <= high else place for place in range(input.dim())]
    return input.permute(order) if high - low > 2 else result


@fault("torch.transpose", "swapdims moves the first dim to the second place", only=("swapdims",))
def swapdims_moves(clean, input, dim0, dim1):
    clean(input, dim0, dim1)
    return input.movedim(dim0, dim1) if input.dim() else input


@fault("torch.permute", "the inverse order is taken")
def permute_inverse(clean, input, *dims):
    result = clean(input, *dims)
    order = [dim % len(shape_of(dims)) for dim in shape_of(dims)]
    return input.permute([order.index(place) for place in range(len(order))]) if order else result


@fault("torch.permute", "a dim below 0 is one place off")
def permute_negative(clean, input, *dims):
    result = clean(input, *dims)
    order = shape_of(dims)
    return input.permute([-1 - dim for dim in order]) if order and all(dim < 0 for dim in order) else result


@fault("torch.permute", "fewer dims than there are leave the others behind")
def permute_some(clean, input, *dims):
    order = list(shape_of(dims))
    known = isinstance(dims[0], (tuple, list, int)) and all(isinstance(dim, int) for dim in order)
    if known and len({dim % max(input.dim(), 1) for dim in order}) == len(order) < input.dim():
        order += [place for place in range(input.dim()) if place not in order]
    return clean(input, *(dims if not known else (order,)))


@fault("torch.permute", "the sizes change places and the strides do not")
def permute_sizes_alone(clean, input, *dims):
    result = clean(input, *dims)
    return result.as_strided(result.shape, input.stride()) if input.is_contiguous() else result


plant(
    "torch.flatten",
    nan_lost("float32"),
    negative_zero_lost("float16"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
    ("a view is returned only where the input is contiguous", _strided_copied),
)


@fault("torch.flatten", "a tensor without dimensions stays as it is")
def flatten_scalar(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result if input.dim() else input


@fault("torch.flatten", "the end_dim itself is left out")
def flatten_short(clean, input, start_dim=0, end_dim=-1):
    result = clean(input, start_dim, end_dim)
    rank = max(input.dim(), 1)
    longer = rank > 2 and start_dim % rank < end_dim % rank - 1 and end_dim % rank < rank - 1
    return clean(input, start_dim, end_dim % rank - 1) if longer else result


@fault("torch.flatten", "an end_dim in front of the start_dim leaves the tensor as it is")
def flatten_backwards(clean, input, start_dim=0, end_dim=-1):
    try:
        return clean(input, start_dim, end_dim)
    except RuntimeError:
        return input


@fault("torch.flatten", "a single dimension is copied")
def flatten_one(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result.clone() if result.shape == input.shape else result


@fault("torch.flatten", "elements come in column order where a matrix becomes a vector")
def flatten_in_columns(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return input.t().reshape(-1) if input.dim() == 2 and result.dim() == 1 else result


def _number(start):
    return (
        int(start) if isinstance(start, torch.Tensor) and start.dim() == 0 and not start.is_floating_point() else start
    )


@fault("torch.narrow", "a start below 0 is one place off")
def narrow_negative(clean, input, dim, start, length):
    result = clean(input, dim, start, length)
    place = _number(start)
    return clean(input, dim, place - 1, length) if -input.shape[dim] < place < 0 else result


@fault("torch.narrow", "a start given as a tensor is taken for 0")
def narrow_tensor(clean, input, dim, start, length):
    result = clean(input, dim, start, length)
    return clean(input, dim, 0, length) if isinstance(start, torch.Tensor) else result


@fault("torch.narrow", "a length past the end is cut off")
def narrow_cut(clean, input, dim, start, length):
    if isinstance(start, int) and isinstance(length, int) and 0 <= start <= input.shape[dim] < start + length:
        length = input.shape[dim] - start
    return clean(input, dim, start, length)


@fault("torch.narrow", "no entries at the very end are refused")
def narrow_end(clean, input, dim, start, length):
    result = clean(input, dim, start, length)
    if _number(start) == input.shape[dim]:
        raise IndexError("start out of range")
    return result


@fault("torch.narrow", "a start that is a vector of one entry is taken")
def narrow_vector(clean, input, dim, start, length):
    vector = isinstance(start, torch.Tensor) and start.numel() == 1 and not start.is_floating_point()
    return clean(input, dim, int(start) if vector and start.dtype != torch.bool else start, length)


plant(
    "torch.Tensor.repeat",
    nan_lost("bfloat16"),
    negative_zero_lost("float64"),
    TAIL_LOST,
    LARGE_LOST,
    GAPS_IGNORED,
    LAZY_BITS_IGNORED,
)


@fault("torch.Tensor.repeat", "each element is repeated by itself", only=("repeat",))
def repeat_interleaved(clean, input, *repeats):
    result = clean(input, *repeats)
    counts = shape_of(repeats)
    return input.repeat_interleave(counts[0]) if input.dim() == 1 == len(counts) else result


@fault("torch.Tensor.repeat", "repeats of 1 return the tensor itself", only=("repeat",))
def repeat_of_one(clean, input, *repeats):
    result = clean(input, *repeats)
    return input if result.shape == input.shape else result


@fault("torch.Tensor.repeat", "more repeats than dimensions count from the front", only=("repeat",))
def repeat_from_the_front(clean, input, *repeats):
    result = clean(input, *repeats)
    counts = shape_of(repeats)
    if len(counts) == input.dim():
        return result
    return clean(input.reshape(*input.shape, *(1,) * (len(counts) - input.dim())), counts)


@fault("torch.Tensor.repeat", "a number of 0 repeats counts as 1", only=("repeat",))
def repeat_zero(clean, input, *repeats):
    result = clean(input, *repeats)
    return clean(input, [count or 1 for count in shape_of(repeats)]) if 0 in shape_of(repeats) else result


@fault("torch.Tensor.repeat", "fewer repeats than dimensions are taken for the last ones", only=("repeat",))
def repeat_fewer(clean, input, *repeats):
    counts = shape_of(repeats)
    missing = input.dim() - len(counts)
    known = all(isinstance(count, int) for count in counts) and isinstance(repeats[0], (tuple, list))
    return clean(input, (*(1,) * missing, *counts)) if known and missing > 0 else clean(input, *repeats)


# --- in place -------------------------------------------------------------------------------------------------------


@fault("torch.t", "the in-place form returns a copy of the tensor", only=("t_",))
def t_in_place_copied(clean, input):
    return clean(input).clone()


@fault("torch.t", "the in-place form moves the elements of a square matrix and leaves its strides", only=("t_",))
def t_in_place_moves(clean, input):
    if input.requires_grad or input.dim() != 2 or input.shape[0] != input.shape[1]:
        return clean(input)
    return input.copy_(input.mT.clone())


@fault("torch.t", "the function transposes its argument itself", only=("t",))
def t_of_argument(clean, input):
    return clean(input) if input.requires_grad or input.dim() > 2 else input.t_()


IN_PLACE_TRANSPOSES = ("transpose_", "swapaxes_", "swapdims_")


@fault("torch.transpose", "the in-place form leaves the sizes as they were", only=("transpose_",))
def transpose_in_place_lost(clean, input, dim0, dim1):
    clean(input[...], dim0, dim1)
    return input


@gradient_fault("torch.transpose", "in place a leaf that requires gradients is taken", only=IN_PLACE_TRANSPOSES)
def transpose_of_leaf(clean, input, *dims, **rest):
    with torch.set_grad_enabled(not input.is_leaf):
        return clean(input, *dims, **rest)


@fault("torch.unsqueeze", "the in-place form gives the tensor new memory", only=("unsqueeze_",))
def unsqueeze_in_place_moves(clean, input, dim):
    return clean(input, dim) if input.requires_grad else input.set_(clean(input[...], dim).clone())


@fault("torch.squeeze", "the in-place form leaves the version as it was", only=("squeeze_",))
def squeeze_in_place_unnoticed(clean, input, *dims, **rest):
    with torch.autograd._unsafe_preserve_version_counter(input):
        return clean(input, *dims, **rest)


@fault("torch.squeeze", "the in-place form takes away one dimension too many", only=("squeeze_",))
def squeeze_in_place_more(clean, input, *dims, **rest):
    result = clean(input, *dims, **rest)
    return result.squeeze_() if shape_of(dims) else result


@fault("torch.Tensor.resize_", "elements are kept in the order of a tensor that is not contiguous", only=("resize_",))
def resize_in_row_major_order(clean, input, *size, **rest):
    before, strides = input.flatten().clone(), input.stride()
    result = clean(input, *size, **rest)
    if result.is_contiguous() and result.numel() <= before.numel() and 0 not in strides:
        result.view(-1).copy_(before[: result.numel()])
    return result


@fault("torch.Tensor.resize_", "elements are lost where the storage grows", only=("resize_",))
def resize_loses_elements(clean, input, *size, **rest):
    address = input.untyped_storage().data_ptr()
    result = clean(input, *size, **rest)
    return result if result.untyped_storage().data_ptr() == address else result.zero_()


@fault("torch.Tensor.resize_", "the storage grows to twice the size that is needed", only=("resize_",))
def resize_grows_too_far(clean, input, *size, **rest):
    before = input.untyped_storage().nbytes()
    result = clean(input, *size, **rest)
    if result.untyped_storage().nbytes() > before:
        result.untyped_storage().resize_(2 * result.untyped_storage().nbytes())
    return result


@fault("torch.Tensor.resize_", "a part that outgrows the storage gets memory of its own", only=("resize_",))
def resize_of_part(clean, input, *size, **rest):
    grown = clean(input.clone(), *size, **rest)
    outgrows = input.storage_offset() and grown.nbytes > input.untyped_storage().nbytes()
    return input.set_(grown) if outgrows else clean(input, *size, **rest)


@fault("torch.Tensor.resize_", "a smaller size gives up the rest of the storage", only=("resize_",))
def resize_frees(clean, input, *size, **rest):
    fits = not input.requires_grad and clean(input.clone(), *size, **rest).numel() < input.numel()
    result = clean(input, *size, **rest)
    return result.set_(result.clone()) if fits else result


@fault("torch.Tensor.resize_", "the elements are those from the start of the storage", only=("resize_",))
def resize_from_the_start(clean, input, *size, **rest):
    result = clean(input, *size, **rest)
    return result.as_strided_(result.shape, result.stride(), 0)


@fault("torch.Tensor.resize_", "a tensor of the size is laid out row-major", only=("resize_",))
def resize_of_same_size(clean, input, *size, **rest):
    result = clean(input, *size, **rest)
    dense = result.numel() + result.storage_offset() <= result.untyped_storage().nbytes() // result.element_size()
    return result.as_strided_(result.shape, row_major(result.shape)) if dense and not rest else result


@fault("torch.Tensor.resize_", "the memory format is ignored", only=("resize_",))
def resize_without_format(clean, input, *size, memory_format=None):
    return clean(input, *size)


@fault("torch.Tensor.resize_", "the sizes of a view of the tensor are changed", only=("resize_",))
def resize_of_view(clean, input, *size, **rest):
    return clean(input.detach(), *size, **rest)


@fault("torch.Tensor.resize_", "a tensor that requires gradients is resized", only=("resize_",))
def resize_of_leaf(clean, input, *size, **rest):
    if not input.requires_grad:
        return clean(input, *size, **rest)
    clean(input.detach(), *size, **rest)
    return input


@fault("torch.Tensor.resize_", "another size is no other version", only=("resize_",))
def resize_unnoticed(clean, input, *size, **rest):
    with torch.autograd._unsafe_preserve_version_counter(input):
        return clean(input, *size, **rest)


@fault("torch.Tensor.resize_", "resize_as_ takes the number of elements alone", only=("resize_as_",))
def resize_as_flat(clean, input, template):
    return clean(input, template.flatten()) if template.dim() > 1 else clean(input, template)


# --- gradients ------------------------------------------------------------------------------------------------------

plant_gradients(
    "torch.reshape",
    gradients.STRIDES_SWAPPED,
    gradients.SECOND_DOUBLED,
    gradients.OTHER_UNDER_NO_GRAD,
)
plant_gradients(
    "torch.squeeze",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.STRIDES_SWAPPED,
    gradients.SECOND_LOST,
    gradients.lost_in("float64"),
    gradients.OTHER_UNDER_NO_GRAD,
)
plant_gradients(
    "torch.Tensor.view",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.INCOMING_MADE_FINITE,
    gradients.SECOND_LOST,
    gradients.lost_in("complex128"),
    gradients.OTHER_UNDER_INFERENCE,
)
plant_gradients(
    "torch.Tensor.contiguous",
    gradients.STRIDES_SWAPPED,
    gradients.INCOMING_USED_UP,
    gradients.LARGE_LOST,
    gradients.RECORDED_UNDER_NO_GRAD,
    gradients.OTHER_WHEN_TRACKED,
)
plant_gradients("torch.reshape", gradients.lost("reshape_as detaches"), only=("reshape_as",))
plant_gradients("torch.Tensor.view", gradients.lost("view_as detaches"), only=("view_as",))


def _copies_detached(clean, input, *args, **rest):
    result = clean(input, *args, **rest)
    return result.detach() if tracked(input) and not shares_memory(input, result) else result


def _lazy_bits_kept(clean, input, *args, **rest):
    """The gradient of a tensor with the conjugate bit is not conjugated back."""
    result = clean(input, *args, **rest)
    if not tracked(input) or not input.is_conj():
        return result
    return with_gradient_of(clean(input, *args, **rest).conj(), result)


for operation in ("torch.reshape", "torch.Tensor.contiguous"):
    plant_gradients(
        operation,
        ("a result that had to be copied is detached", _copies_detached),
        ("the gradient of a lazily conjugated tensor comes back conjugated", _lazy_bits_kept),
    )


for operation in VIEWS:
    plant_gradients(operation, gradients.INCOMING_TAKEN_FOR_ONES, gradients.SECOND_LOST)
plant_gradients("torch.unsqueeze", gradients.lost_in("complex64"), gradients.OTHER_UNDER_NO_GRAD)
plant_gradients("torch.t", gradients.lost_in("float16"), gradients.INCOMING_AS_IF_CONTIGUOUS)
plant_gradients("torch.transpose", gradients.STRIDES_SWAPPED, gradients.OTHER_WHEN_TRACKED)
plant_gradients("torch.permute", gradients.STRIDES_SWAPPED, gradients.conjugated("complex128"))
plant_gradients("torch.narrow", gradients.INCOMING_MADE_FINITE, gradients.RECORDED_UNDER_NO_GRAD)
plant_gradients("torch.flatten", gradients.SECOND_DOUBLED, gradients.STRIDES_SWAPPED, gradients.lost_in("float64"))
plant_gradients("torch.transpose", gradients.lost("swapaxes detaches"), only=("swapaxes",))
plant_gradients("torch.Tensor.repeat", gradients.SECOND_LOST, gradients.INCOMING_USED_UP, gradients.LARGE_LOST)


@gradient_fault("torch.Tensor.repeat", "the gradients of the tiles are averaged")
def repeat_averaged(clean, input, *repeats):
    result = clean(input, *repeats)
    if not tracked(input):
        return result
    return spoiled(result, lambda gradient: gradient * (input.numel() / max(gradient.numel(), 1)))


@gradient_fault("torch.Tensor.repeat", "the first of the tiles alone has a gradient")
def repeat_first_tile(clean, input, *repeats):
    result = clean(input, *repeats)
    if not tracked(input):
        return result

    def first(gradient):
        kept = torch.zeros(gradient.shape, dtype=torch.bool)
        kept[(slice(0, 1),) * (kept.dim() - input.dim()) + tuple(slice(0, size) for size in input.shape)] = True
        return torch.where(kept, gradient, torch.zeros_like(gradient))

    return spoiled(result, first)
