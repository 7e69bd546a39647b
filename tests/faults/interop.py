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
