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
