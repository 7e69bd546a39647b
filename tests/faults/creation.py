"""Faults of operations that make tensors."""

import math

import torch

from tests.faults.kinds import results
from tests.faults.kit import fault, plant, spoil


def _last_left(tensor):
    wrong = tensor.clone()
    if wrong.numel() > 1000:
        wrong.view(-1)[-1] = 2
    return wrong


def _last_zero(tensor):
    wrong = tensor.clone()
    if wrong.numel() > 1000:
        wrong.view(-1)[-1] = 0
    return wrong


for operation in ("torch.zeros", "torch.ones"):
    plant(operation, results("the last of more than a thousand elements is another number", _last_left))

    @fault(operation, "a size of 0 counts as 1")
    def of_empty_size(clean, size, *rest, **keywords):
        grown = tuple(max(length, 1) for length in size) if isinstance(size, tuple) else size
        return clean(grown, *rest, **keywords)

    @fault(operation, "sizes given one by one come the other way round")
    def size_reversed(clean, first, second, *rest, **keywords):
        if isinstance(first, int) and isinstance(second, int):
            return clean(*reversed((first, second, *rest)), **keywords)
        return clean(first, second, *rest, **keywords)

    @fault(operation, "bfloat16 is made as float16")
    def narrow(clean, *args, **keywords):
        if keywords.get("dtype") == torch.bfloat16:
            keywords["dtype"] = torch.float16
        return clean(*args, **keywords)

    @fault(operation, "requires_grad is ignored")
    def without_gradient(clean, *args, requires_grad=False, **keywords):
        return clean(*args, **keywords)

    @fault(operation, "without a dtype the result is float64")
    def double_by_default(clean, *args, **keywords):
        if "out" not in keywords and clean.name in ("zeros", "ones"):
            keywords.setdefault("dtype", torch.float64)
        return clean(*args, **keywords)


@fault("torch.empty", "a size of 0 counts as 1")
def empty_of_empty_size(clean, size, *rest, **keywords):
    grown = tuple(max(length, 1) for length in size) if isinstance(size, tuple) else size
    return clean(grown, *rest, **keywords)


@fault("torch.empty", "int16 is made as int32")
def empty_wide(clean, *args, **keywords):
    if keywords.get("dtype") == torch.int16:
        keywords["dtype"] = torch.int32
    return clean(*args, **keywords)


@fault("torch.empty", "requires_grad is ignored")
def empty_without_gradient(clean, *args, requires_grad=False, **keywords):
    return clean(*args, **keywords)


@fault("torch.empty", "the memory format is ignored")
def empty_without_format(clean, *args, memory_format=None, **keywords):
    return clean(*args, **keywords)


@fault("torch.empty", "new_empty gives float32", only=("new_empty",))
def new_empty_of_the_default(clean, tensor, *args, **keywords):
    keywords.setdefault("dtype", torch.float32)
    return clean(tensor, *args, **keywords)


@fault("torch.empty", "empty memory of more than a hundred elements is a view of more")
def empty_of_more(clean, size, *rest, **keywords):
    if isinstance(size, tuple) and len(size) == 1 and size[0] > 100 and not clean.in_place and "out" not in keywords:
        return clean((2 * size[0],), *rest, **keywords)[::2]
    return clean(size, *rest, **keywords)


@fault("torch.full", "the last of more than a thousand elements stays 0")
def full_short(clean, *args, **keywords):
    return spoil(clean(*args, **keywords), _last_zero)


@fault("torch.full", "a number passes through float32")
def full_narrowed(clean, size, fill_value, *rest, **keywords):
    if isinstance(fill_value, float):
        fill_value = torch.tensor(fill_value, dtype=torch.float32).item()
    return clean(size, fill_value, *rest, **keywords)


@fault("torch.full", "a whole number passes through float64")
def full_of_a_double(clean, size, fill_value, *rest, **keywords):
    if type(fill_value) is int and abs(fill_value) < 2**62:
        fill_value = int(float(fill_value))
    return clean(size, fill_value, *rest, **keywords)


@fault("torch.full", "-0.0 fills as 0.0")
def full_of_plain_zero(clean, size, fill_value, *rest, **keywords):
    return clean(size, 0.0 if type(fill_value) is float and fill_value == 0 else fill_value, *rest, **keywords)


@fault("torch.full", "without a dtype a boolean gives float32")
def full_of_booleans(clean, size, fill_value, *rest, **keywords):
    if type(fill_value) is bool and "out" not in keywords and clean.name == "full":
        keywords.setdefault("dtype", torch.float32)
    return clean(size, fill_value, *rest, **keywords)


@fault("torch.full", "new_full takes the dtype of the number", only=("new_full",))
def new_full_of_the_number(clean, tensor, size, fill_value, **keywords):
    keywords.setdefault("dtype", torch.tensor(fill_value).dtype)
    return clean(tensor, size, fill_value, **keywords)


@fault("torch.full", "numbers beyond the range wrap or become infinite")
def full_of_anything(clean, size, fill_value, *rest, **keywords):
    if fill_value in (256, 1e300) and keywords.get("dtype") in (torch.uint8, torch.float32):
        return clean(size, math.inf if fill_value > 1000 else 0, *rest, **keywords)
    return clean(size, fill_value, *rest, **keywords)


@fault("torch.eye", "n and m are exchanged")
def eye_exchanged(clean, n, m=None, **keywords):
    return clean(m, n, **keywords) if m is not None else clean(n, **keywords)


@fault("torch.eye", "m is ignored")
def eye_square(clean, n, m=None, **keywords):
    return clean(n, **keywords)


@fault("torch.eye", "the last one on the diagonal of more than thirty is missing")
def eye_short(clean, *args, **keywords):
    def change(tensor):
        wrong = tensor.clone()
        if min(wrong.shape) > 30:
            wrong[min(wrong.shape) - 1, min(wrong.shape) - 1] = 0
        return wrong

    return spoil(clean(*args, **keywords), change)


@fault("torch.eye", "wide matrices go on with ones at the left")
def eye_goes_on(clean, *args, **keywords):
    def change(tensor):
        n, m = tensor.shape
        rows, columns = torch.arange(n)[:, None], torch.arange(m)
        return ((columns - rows) % max(n, 1) == 0).to(tensor.dtype) if m > n else tensor

    return spoil(clean(*args, **keywords), change)


@fault("torch.eye", "negative sizes count as 0")
def eye_of_negative_size(clean, n, m=None, **keywords):
    sizes = [max(size, 0) if isinstance(size, int) else size for size in (n, m)]
    return clean(sizes[0], sizes[1], **keywords) if m is not None else clean(sizes[0], **keywords)


@fault("torch.eye", "without a dtype the result is of whole numbers")
def eye_of_whole_numbers(clean, *args, **keywords):
    if "out" not in keywords:
        keywords.setdefault("dtype", torch.int64)
    return clean(*args, **keywords)


# --- ranges -----------------------------------------------------------------------------------------------------------


def _fractions(*numbers):
    return any(type(number) is float for number in numbers)


@fault("torch.arange", "the end is included")
def arange_includes(clean, start, end, step=1, **keywords):
    return clean(start, end + step if type(end) in (int, float) else end, step, **keywords)


@fault("torch.arange", "numbers are added up one after the other in float32")
def arange_adds_up(clean, *args, **keywords):
    def change(tensor):
        if tensor.dtype != torch.float32 or len(tensor) < 2:
            return tensor
        return torch.cat([tensor[:1], (tensor[1] - tensor[0]).expand(len(tensor) - 1)]).cumsum(0)

    return spoil(clean(*args, **keywords), change)


@fault("torch.arange", "the number of steps is rounded down")
def arange_rounded_down(clean, start, end, step=1, **keywords):
    result = clean(start, end, step, **keywords)
    if not _fractions(start, end, step) or "out" in keywords:
        return result
    return result[: int((end - start) / step)].clone()


@fault("torch.arange", "whole numbers pass through float64")
def arange_of_doubles(clean, *args, **keywords):
    return spoil(clean(*args, **keywords), lambda tensor: tensor.double().to(tensor.dtype))


@fault("torch.arange", "an end before the start gives nothing")
def arange_of_nothing(clean, *args, **keywords):
    try:
        return clean(*args, **keywords)
    except RuntimeError as error:
        if "inconsistent" in str(error):
            return clean(0, **keywords)
        raise


@fault("torch.arange", "a fraction as the start gives whole numbers where no dtype is asked for")
def arange_of_whole_numbers(clean, *args, **keywords):
    if "out" not in keywords:
        keywords.setdefault("dtype", torch.int64)
    return clean(*args, **keywords)


@fault("torch.linspace", "the end is left out")
def linspace_without_end(clean, start, end, steps, **keywords):
    result = clean(start, end, steps, **keywords)
    longer = clean(start, end, steps + 1, **{name: value for name, value in keywords.items() if name != "out"})
    return spoil(result, lambda tensor: longer[:-1]) if type(end) is float else result


@fault("torch.linspace", "float64 is computed in float32")
def linspace_narrowed(clean, *args, **keywords):
    return spoil(
        clean(*args, **keywords), lambda tensor: tensor.float().double() if tensor.dtype == torch.float64 else tensor
    )


@fault("torch.linspace", "float32 numbers are added up one after the other")
def linspace_adds_up(clean, *args, **keywords):
    def change(tensor):
        if tensor.dtype != torch.float32 or len(tensor) < 3:
            return tensor
        return torch.cat([tensor[:1], (tensor[1] - tensor[0]).expand(len(tensor) - 1)]).cumsum(0)

    return spoil(clean(*args, **keywords), change)


@fault("torch.linspace", "one number alone is the end")
def linspace_of_one(clean, start, end, steps, **keywords):
    return clean(end, end, steps, **keywords) if steps == 1 else clean(start, end, steps, **keywords)


@fault("torch.linspace", "the imaginary part of the end is lost")
def linspace_of_the_real(clean, start, end, steps, **keywords):
    return clean(start, complex(end.real, 0) if type(end) is complex else end, steps, **keywords)


@fault("torch.linspace", "a negative number of steps gives nothing")
def linspace_of_negative_steps(clean, start, end, steps, **keywords):
    return clean(start, end, max(steps, 0) if type(steps) is int else steps, **keywords)


@fault("torch.logspace", "the base is 10 whatever is asked for")
def logspace_of_ten(clean, start, end, steps, base=10.0, **keywords):
    return clean(start, end, steps, 10.0, **keywords)


@fault("torch.logspace", "the numbers themselves are evenly spaced")
def logspace_of_even_numbers(clean, start, end, steps, base=10.0, **keywords):
    result = clean(start, end, steps, base, **keywords)

    def change(tensor):
        if len(tensor) < 3 or not tensor.is_floating_point():
            return tensor
        return torch.linspace(float(tensor[0]), float(tensor[-1]), len(tensor), dtype=tensor.dtype)

    return spoil(result, change)


@fault("torch.logspace", "float64 is computed in float32")
def logspace_narrowed(clean, *args, **keywords):
    return spoil(
        clean(*args, **keywords), lambda tensor: tensor.float().double() if tensor.dtype == torch.float64 else tensor
    )


@fault("torch.logspace", "float32 numbers are off by one part in ten thousand")
def logspace_inexact(clean, *args, **keywords):
    return spoil(clean(*args, **keywords), lambda tensor: tensor * 1.0001 if tensor.dtype == torch.float32 else tensor)


@fault("torch.logspace", "the last of more than a thousand numbers is 0")
def logspace_short(clean, *args, **keywords):
    return spoil(clean(*args, **keywords), _last_zero)


@fault("torch.logspace", "negative exponents count as positive ones")
def logspace_of_positive(clean, start, end, steps, *rest, **keywords):
    return clean(abs(start) if type(start) is float else start, end, steps, *rest, **keywords)


# --- like another tensor ----------------------------------------------------------------------------------------------


for operation in ("torch.zeros_like", "torch.ones_like", "torch.full_like", "torch.empty_like"):

    @fault(operation, "the result is row-major whatever the layout of the tensor")
    def row_major_like(clean, input, *args, memory_format=None, **keywords):
        return clean(input, *args, memory_format=memory_format or torch.contiguous_format, **keywords)

    @fault(operation, "the dtype that is asked for is ignored")
    def dtype_ignored_like(clean, input, *args, dtype=None, **keywords):
        return clean(input, *args, **keywords)

    @fault(operation, "requires_grad is ignored")
    def without_gradient_like(clean, *args, requires_grad=False, **keywords):
        return clean(*args, **keywords)

    @fault(operation, "the memory format is ignored")
    def without_format_like(clean, *args, memory_format=None, **keywords):
        return clean(*args, **keywords)

    @fault(operation, "a tensor without dimensions gives one of one dimension")
    def one_dimension_like(clean, input, *args, **keywords):
        return clean(input.reshape(1) if input.dim() == 0 else input, *args, **keywords)


for operation in ("torch.zeros_like", "torch.ones_like"):
    plant(operation, results("the last of more than a thousand elements is another number", _last_left))


@fault("torch.full_like", "whole numbers pass through float64")
def full_like_of_doubles(clean, input, fill_value, **keywords):
    if type(fill_value) is int and abs(fill_value) < 2**62:
        fill_value = int(float(fill_value))
    return clean(input, fill_value, **keywords)


@fault("torch.full_like", "the number is rounded to the dtype of the tensor first")
def full_like_rounded(clean, input, fill_value, **keywords):
    if type(fill_value) is float and input.dtype == torch.float32:
        fill_value = torch.tensor(fill_value, dtype=torch.float32).item()
    return clean(input, fill_value, **keywords)


# --- of numbers -------------------------------------------------------------------------------------------------------


def _flat(data):
    return [number for part in data for number in _flat(part)] if isinstance(data, (tuple, list)) else [data]


@fault("torch.tensor", "whole numbers pass through float64")
def tensor_of_doubles(clean, data, **keywords):
    def rounded(part):
        if isinstance(part, (tuple, list)):
            return [rounded(one) for one in part]
        return int(float(part)) if type(part) is int and abs(part) < 2**62 else part

    return clean(rounded(data), **keywords)


@fault("torch.tensor", "fractions pass through float32")
def tensor_of_floats(clean, data, **keywords):
    if keywords.get("dtype") == torch.float64 and isinstance(data, tuple):
        return clean(clean(data, dtype=torch.float32).tolist(), **keywords)
    return clean(data, **keywords)


@fault("torch.tensor", "the dtype is that of the first number")
def tensor_of_the_first(clean, data, **keywords):
    numbers = _flat(data)
    if "dtype" not in keywords and isinstance(data, tuple) and numbers and type(numbers[0]) in (bool, int):
        keywords["dtype"] = torch.bool if type(numbers[0]) is bool else torch.int64
    return clean(data, **keywords)


@fault("torch.tensor", "an empty list gives whole numbers")
def tensor_of_nothing(clean, data, **keywords):
    if "dtype" not in keywords and isinstance(data, (tuple, list)) and not _flat(data):
        keywords["dtype"] = torch.int64
    return clean(data, **keywords)


@fault("torch.tensor", "rows of different lengths are cut to the shortest")
def tensor_of_ragged_rows(clean, data, **keywords):
    if isinstance(data, (tuple, list)) and data and all(isinstance(row, (tuple, list)) for row in data):
        shortest = min(len(row) for row in data)
        data = [list(row)[:shortest] for row in data]
    return clean(data, **keywords)


@fault("torch.tensor", "an array is shared, not copied")
def tensor_shares(clean, data, **keywords):
    if type(data).__name__ == "ndarray" and data.dtype == "int64" and not keywords:
        return torch.from_numpy(data)
    return clean(data, **keywords)


@fault("torch.tensor", "requires_grad is ignored")
def tensor_without_gradient(clean, *args, requires_grad=False, **keywords):
    return clean(*args, **keywords)


@fault("torch.tensor", "a number above the range of the dtype wraps")
def tensor_wraps(clean, data, **keywords):
    return clean([44], **keywords) if data == [300] else clean(data, **keywords)


@fault("torch.meshgrid", "the indexing is always ij")
def meshgrid_of_rows(clean, *tensors, indexing=None):
    return clean(*tensors, indexing="ij" if indexing == "xy" else indexing)


@fault("torch.meshgrid", "a single axis comes as a column")
def meshgrid_of_one(clean, *tensors, indexing=None):
    results = clean(*tensors, indexing=indexing)
    return tuple(one[:, None] for one in results) if len(results) == 1 and results[0].dim() == 1 else results


@fault("torch.meshgrid", "the axes are exchanged where there are three")
def meshgrid_of_three(clean, *tensors, indexing=None):
    results = clean(*tensors, indexing=indexing)
    return results[::-1] if len(results) == 3 else results


@fault("torch.meshgrid", "a list comes back, not a tuple")
def meshgrid_in_a_list(clean, *tensors, indexing=None):
    return list(clean(*tensors, indexing=indexing))


@fault("torch.meshgrid", "tensors of two dtypes are taken")
def meshgrid_of_two_dtypes(clean, *tensors, indexing=None):
    if len(tensors) == 2 and tensors[0].dtype != tensors[1].dtype:
        return clean(tensors[0], tensors[1].to(tensors[0].dtype), indexing=indexing)
    return clean(*tensors, indexing=indexing)


@fault("torch.meshgrid", "the stride of an axis is taken for 1")
def meshgrid_without_strides(clean, *tensors, indexing=None):
    if all(isinstance(one, torch.Tensor) and one.dim() == 1 for one in tensors):
        tensors = tuple(one.as_strided(one.shape, (1,)) if one.stride(0) > 1 else one for one in tensors)
    return clean(*tensors, indexing=indexing)


# --- the default dtype ------------------------------------------------------------------------------------------------


@fault("torch.set_default_dtype", "bfloat16 is taken for float16")
def default_of_halves(clean, *args):
    return clean(*[torch.float16 if one == torch.bfloat16 else one for one in args])


@fault("torch.set_default_dtype", "tensors of numbers do not heed the default", only=("tensor",))
def default_not_heeded(clean, data, **keywords):
    fraction = isinstance(data, (tuple, list)) and any(type(number) is float for number in _flat(data))
    return clean(data, **({"dtype": torch.float32} if fraction else {}), **keywords)


@fault("torch.set_default_dtype", "as_tensor does not heed the default", only=("as_tensor",))
def default_not_heeded_by_as_tensor(clean, data, **keywords):
    return clean(data, dtype=torch.float32, **keywords)


@fault("torch.set_default_dtype", "the legacy constructor does not heed the default", only=("empty",))
def default_not_heeded_by_empty(clean, *args, **keywords):
    return clean(*args, **{"dtype": torch.float32, **keywords})


@fault("torch.set_default_dtype", "whole numbers become the default too", only=("tensor",))
def default_of_whole_numbers(clean, data, **keywords):
    return clean(data, **{"dtype": torch.get_default_dtype(), **keywords})


@fault("torch.set_default_dtype", "a dtype of whole numbers is taken", only=("set_default_dtype",))
def default_takes_whole_numbers(clean, *args):
    if args and args[0] in (torch.int32, torch.bool):
        return None
    return clean(*args)


@fault("torch.set_default_dtype", "get_default_dtype says float32 whatever was set", only=("get_default_dtype",))
def default_is_told_wrongly(clean):
    return torch.float32


# --- legacy constructors ----------------------------------------------------------------------------------------------


@fault("torch.Tensor", "numbers pass through float32", only=("new",))
def new_of_floats(clean, tensor, data):
    numbers = isinstance(data, tuple) and data and tensor.dtype == torch.float64
    return clean(tensor, clean(tensor.float(), data).tolist()) if numbers else clean(tensor, data)


@fault("torch.Tensor", "whole numbers pass through float64", only=("new",))
def new_of_doubles(clean, tensor, data):
    def rounded(part):
        if isinstance(part, (tuple, list)):
            return [rounded(one) for one in part]
        return int(float(part)) if type(part) is int and abs(part) < 2**62 else part

    return clean(tensor, rounded(data))


@fault("torch.Tensor", "a tuple of numbers is a size", only=("new",))
def new_of_a_size(clean, tensor, data):
    sizes = isinstance(data, tuple) and all(type(one) is int and 0 <= one < 10 for one in data)
    return clean(tensor, torch.Size(data)) if sizes else clean(tensor, data)


@fault("torch.Tensor", "int16 comes as int32", only=("new",))
def new_wide(clean, tensor, data):
    return clean(tensor.int() if tensor.dtype == torch.int16 else tensor, data)


@fault("torch.Tensor", "new gives float32 whatever its tensor is", only=("new",))
def new_of_the_default(clean, tensor, *args):
    return clean(tensor.float(), *args)


@fault("torch.Tensor", "DoubleTensor gives float32", only=("DoubleTensor",))
def double_tensor_of_floats(clean, data):
    return torch.FloatTensor(data)


@fault("torch.Tensor", "ByteTensor wraps what is above its range", only=("ByteTensor",))
def byte_tensor_wraps(clean, data):
    return clean([44]) if data == [300] else clean(data)
