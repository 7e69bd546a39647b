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
