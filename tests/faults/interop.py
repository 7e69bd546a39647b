"""Faults of operations that take tensors to other dtypes, to NumPy and to Python."""

import torch

from tests.faults.kit import fault, shares_memory


def _is_new(result, input):
    return isinstance(result, torch.Tensor) and isinstance(input, torch.Tensor) and not shares_memory(result, input)


for operation in ("torch.Tensor.to", "torch.Tensor.type", "torch.as_tensor"):

    @fault(operation, "the tensor comes back as a copy though nothing changes")
    def copied(clean, input, *args, **keywords):
        result = clean(input, *args, **keywords)
        return result.clone() if result is input else result

    @fault(operation, "float64 becomes a half by way of bfloat16")
    def by_way_of_bfloat16(clean, input, *args, **keywords):
        result = clean(input, *args, **keywords)
        if isinstance(input, torch.Tensor) and input.dtype == torch.float64 and result.dtype == torch.float16:
            return clean(input.bfloat16(), *args, **keywords)
        return result

    @fault(operation, "fractions are rounded to the nearest whole number")
    def rounded(clean, input, *args, **keywords):
        result = clean(input, *args, **keywords)
        fraction = isinstance(input, torch.Tensor) and input.is_floating_point()
        whole = not result.is_floating_point() and not result.is_complex() and result.dtype != torch.bool
        return clean(input.round(), *args, **keywords) if fraction and whole else result

    @fault(operation, "only 1 becomes True")
    def only_one_is_true(clean, input, *args, **keywords):
        result = clean(input, *args, **keywords)
        if result.dtype == torch.bool and isinstance(input, torch.Tensor) and input.dtype != torch.bool:
            return clean(input == 1, *args, **keywords)
        return result

    @fault(operation, "a converted tensor is row-major")
    def row_major(clean, input, *args, **keywords):
        result = clean(input, *args, **keywords)
        return result.contiguous() if _is_new(result, input) else result

    @fault(operation, "int64 becomes a whole number of fewer bits by saturation")
    def saturated(clean, input, *args, **keywords):
        result = clean(input, *args, **keywords)
        if isinstance(input, torch.Tensor) and input.dtype == torch.int64 and result.dtype == torch.int16:
            return clean(input.clamp(-(2**15), 2**15 - 1), *args, **keywords)
        return result


@fault("torch.Tensor.to", "copy=True is ignored")
def to_without_copy(clean, *args, copy=False, **keywords):
    return clean(*args, **keywords)


@fault("torch.as_tensor", "an array is copied")
def as_tensor_copies(clean, data, *args, **keywords):
    result = clean(data, *args, **keywords)
    return result.clone() if type(data).__name__ == "ndarray" else result


@fault("torch.as_tensor", "an array with negative strides is copied")
def as_tensor_turns_around(clean, data, *args, **keywords):
    if type(data).__name__ == "ndarray" and any(stride < 0 for stride in data.strides):
        data = data.copy()
    return clean(data, *args, **keywords)


@fault("torch.Tensor.type", "the method half gives bfloat16", only=("half",))
def half_is_bfloat16(clean, *args, **keywords):
    return clean(*args, **keywords).bfloat16()


@fault("torch.Tensor.type", "type_as gives the other tensor's shape too", only=("type_as",))
def type_as_of_the_shape(clean, input, other):
    return clean(input, other).reshape(-1) if other.dim() < 2 else clean(input, other)


# --- NumPy ------------------------------------------------------------------------------------------------------------


@fault("torch.from_numpy", "the array is copied")
def from_numpy_copies(clean, array):
    return clean(array).clone()


@fault("torch.from_numpy", "an array turned around is copied")
def from_numpy_turned(clean, array):
    return clean(array.copy() if any(stride < 0 for stride in getattr(array, "strides", ())) else array)


@fault("torch.from_numpy", "the strides of an array are taken for row-major")
def from_numpy_in_order(clean, array):
    result = clean(array)
    dense = result.is_contiguous() or 0 in result.stride()
    return result if dense else result.as_strided(result.shape, torch.empty(result.shape).stride())


@fault("torch.from_numpy", "an array in the other byte order is taken as it is")
def from_numpy_swapped(clean, array):
    if getattr(getattr(array, "dtype", None), "byteorder", "=") == ">":
        array = array.view(array.dtype.newbyteorder())
    return clean(array)


@fault("torch.from_numpy", "a read-only array is taken without a warning")
def from_numpy_without_warning(clean, array):
    if getattr(array, "flags", None) is not None and not array.flags.writeable:
        array = array.copy()
    return clean(array)


@fault("torch.from_numpy", "lists are taken", only=("from_numpy",))
def from_numpy_of_lists(clean, array):
    return torch.tensor(array) if isinstance(array, list) else clean(array)


@fault("torch.Tensor.numpy", "a copy comes back", only=("numpy",))
def numpy_copies(clean, tensor, *, force=False):
    return clean(tensor, force=force).copy(order="K")


@fault("torch.Tensor.numpy", "force=True copies what needs no copy", only=("numpy",))
def numpy_copies_when_forced(clean, tensor, *, force=False):
    result = clean(tensor, force=force)
    return result.copy(order="K") if force else result


@fault("torch.Tensor.numpy", "a tensor that requires gradients is taken", only=("numpy",))
def numpy_of_gradients(clean, tensor, *, force=False):
    return clean(tensor.detach(), force=force)


@fault("torch.Tensor.numpy", "int16 comes as int32", only=("numpy",))
def numpy_wide(clean, tensor, *, force=False):
    result = clean(tensor, force=force)
    return result.astype("int32") if tensor.dtype == torch.int16 else result


@fault("torch.Tensor.numpy", "__array__ copies", only=("__array__",))
def array_copies(clean, tensor, *args, **keywords):
    return clean(tensor, *args, **keywords).copy(order="K")


@fault("torch.Tensor.numpy", "the negative bit is forgotten where force is given", only=("numpy",))
def numpy_forgets_the_negative_bit(clean, tensor, *, force=False):
    return clean(torch._neg_view(tensor) if force and tensor.is_neg() else tensor, force=force)


# --- numbers of Python --------------------------------------------------------------------------------------------


def _numbers(value, change):
    return [_numbers(one, change) for one in value] if isinstance(value, list) else change(value)


def _as_float(value):
    return float(value) if type(value) is int else value


def _without_sign_of_zero(value):
    return 0.0 if type(value) is float and value == 0 else value


def _through_double(value):
    return int(float(value)) if type(value) is int else value


def _through_whole_number(value):
    return int(value) if type(value) is bool else value


for operation, names in (("torch.Tensor.item", ("item",)), ("torch.Tensor.tolist", ("tolist",))):
    for title, change in (
        ("whole numbers come as fractions", _as_float),
        ("-0.0 comes as 0.0", _without_sign_of_zero),
        ("whole numbers pass through float64", _through_double),
        ("booleans come as whole numbers", _through_whole_number),
    ):

        @fault(operation, title, only=names)
        def told_wrongly(clean, tensor, change=change):
            return _numbers(clean(tensor), change)


@fault("torch.Tensor.item", "the first of several elements comes back", only=("item",))
def item_of_several(clean, tensor):
    return clean(tensor.reshape(-1)[:1]) if tensor.numel() > 1 else clean(tensor)


@fault("torch.Tensor.item", "no element is 0", only=("item",))
def item_of_nothing(clean, tensor):
    return 0 if tensor.numel() == 0 else clean(tensor)


@fault("torch.Tensor.item", "an imaginary part of -0.0 loses its sign", only=("item",))
def item_of_imaginary_zero(clean, tensor):
    value = clean(tensor)
    return complex(value.real, value.imag + 0.0) if type(value) is complex else value


@fault("torch.Tensor.tolist", "a tensor without dimensions gives a list", only=("tolist",))
def tolist_of_a_number(clean, tensor):
    return [clean(tensor)] if tensor.dim() == 0 else clean(tensor)


@fault("torch.Tensor.tolist", "rows come as tuples", only=("tolist",))
def tolist_in_tuples(clean, tensor):
    result = clean(tensor)
    return [tuple(row) for row in result] if tensor.dim() == 2 else result


@fault("torch.Tensor.tolist", "the strides are taken for row-major", only=("tolist",))
def tolist_in_order(clean, tensor):
    if tensor.is_contiguous() or 0 in tensor.stride() or tensor.is_conj() or tensor.is_neg():
        return clean(tensor)
    return clean(tensor.as_strided(tensor.shape, torch.empty(tensor.shape).stride()))
