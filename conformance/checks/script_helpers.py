"""The functions that scripts use to judge. A script contains the text of those that it needs, so each of them may use
torch, NumPy, the standard library and the others here, and nothing else."""

from __future__ import annotations

import cmath
import math
import sys
from typing import Any

import numpy as np
import torch


def expect(what: str, got: Any, promised: Any) -> None:
    """Exit with 1 unless something is as promised."""
    if repr(got) != repr(promised):
        print(f"BROKEN: {what}: got {got!r}, promised {promised!r}")
        sys.exit(1)


def compare(what: str, got: Any, promised: Any, dtype: Any = None, ulps: Any = None) -> None:
    """Exit with 1 unless all numbers are those promised, bit for bit, or within so many ULP. Any NaN equals any other.
    Nothing is promised of a number that stands as None."""
    numbers, wanted = flat(got), flat(promised)
    allowed = flat(ulps) if isinstance(ulps, list) else [ulps] * len(wanted)
    wrong = []
    for place, (one, other, most) in enumerate(zip(numbers, wanted, allowed)):
        apart = ulps_apart(one, other, dtype)
        if other is not None and not same(one, other) and (most is None or not apart <= most):
            size = f"{apart:.4g} ULP apart, {most or 0:.4g} allowed"
            wrong.append(f"{what}, number {place}: got {hexed(one)}, promised {hexed(other)}, {size}")
    if wrong or len(numbers) != len(wanted):
        print(*wrong[:10], sep="\n")
        print(f"BROKEN: {what}: {len(wrong)} of {len(numbers)} numbers are wrong, {len(wanted)} promised")
        sys.exit(1)


def same(one: Any, other: Any) -> bool:
    """Whether two numbers are the same: -0.0 is not 0.0, and NaN is NaN."""
    return bool(one == other) if isinstance(one, int) or isinstance(other, int) else repr(one) == repr(other)


def flat(numbers: Any) -> list[Any]:
    """The numbers of nested lists in a row."""
    return [one for part in numbers for one in flat(part)] if isinstance(numbers, (list, tuple)) else [numbers]


def ulps_apart(got: Any, promised: Any, dtype: Any) -> float:
    """How far two numbers are apart, in spacings of the dtype at the promised one; infinite where that says nothing."""
    if dtype is None or not isinstance(promised, (int, float, complex)):
        return math.inf
    if isinstance(promised, complex) and not cmath.isfinite(promised):
        return math.inf if cmath.isfinite(got) else 0.0
    if not (cmath.isfinite(got) and cmath.isfinite(promised)):
        return math.inf
    limits = torch.finfo(dtype)
    spacing = limits.eps * 2.0 ** (math.frexp(max(abs(promised), limits.tiny))[1] - 1)
    return float(abs(got - promised) / spacing)


def hexed(number: Any) -> str:
    """A number as text that shows all its bits."""
    if isinstance(number, complex):
        return f"complex({hexed(number.real)}, {hexed(number.imag)})"
    return f"{number.hex()} ({number!r})" if isinstance(number, float) and math.isfinite(number) else repr(number)


def as_lists(value: Any) -> Any:
    """A tensor or an array as nested lists, and so those of a list or tuple."""
    if isinstance(value, (list, tuple)):
        return [as_lists(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value


def each_dtype(value: Any) -> list[str]:
    """The dtype of a tensor or an array, and so those of a list or tuple."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    return [str(getattr(part, "dtype", type(part))).removeprefix("torch.") for part in parts]


def each_shape(value: Any) -> list[tuple[int, ...]]:
    """The shape of a tensor or an array, and so those of a list or tuple."""
    return [tuple(getattr(part, "shape", ())) for part in (value if isinstance(value, (list, tuple)) else [value])]


def array(tensor: Any) -> Any:
    """A tensor as a NumPy array."""
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    return tensor.float().numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()


def memory_of(*tensors: Any) -> list[list[int]]:
    """How each tensor lies, and then the bytes of its whole storage, with what lies between its elements."""
    return [[*lies(tensor), *tensor.untyped_storage().cpu().tolist()] for tensor in tensors]


def lies(tensor: Any) -> tuple[int, ...]:
    """The sizes, the strides and the offset of a tensor."""
    return (*tensor.shape, *tensor.stride(), tensor.storage_offset())


def elements_in_storage(tensor: Any) -> int:
    """The number of elements for which the storage of a tensor has room."""
    return int(tensor.untyped_storage().nbytes()) // int(tensor.element_size())


def storages(*tensors: Any) -> list[int]:
    """The address of the storage of each tensor that has elements."""
    return [tensor.untyped_storage().data_ptr() for tensor in tensors if tensor.numel()]


def new_storages(tensors: Any, given: Any) -> list[int]:
    """The bytes of each storage that holds one of the tensors and none of those given."""
    known = storages(*given)
    sizes = {one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in tensors}
    return [size for address, size in sizes.items() if address not in known and size]


def strides(tensor: Any) -> tuple[int, ...]:
    """The strides of the dimensions that have more than one entry."""
    return tuple(step for step, size in zip(tensor.stride(), tensor.shape) if size > 1)


def is_dense(tensor: Any) -> bool:
    """Whether the elements fill their memory without a gap, in any order of dimensions."""
    filled = 1
    for step, size in sorted((step, size) for step, size in zip(tensor.stride(), tensor.shape) if size > 1):
        if step != filled:
            return False
        filled *= size
    return True


def inner(ones: Any, others: Any) -> list[float]:
    """The terms of the real inner product of two lists of tensors."""
    pairs = zip(flat(as_lists(list(ones))), flat(as_lists(list(others))))
    return [(complex(one).conjugate() * other).real for one, other in pairs]


def compare_products(forward: list[float], reverse: list[float], ulps: float) -> None:
    """Exit with 1 unless the terms of <v, J u> add up to one number, in forward mode and in reverse."""
    one, other = math.fsum(forward), math.fsum(reverse)
    size = math.fsum(map(abs, [*forward, *reverse]))
    most = (max(len(forward), len(reverse)) + ulps) * 2.0**-53 * size
    print(f"<v, J u> is {hexed(one)} forward and {hexed(other)} in reverse, at most {most:.3g} apart")
    expect("both are one number", abs(one - other) <= most, True)


def compare_second_derivatives(got: Any, promised: Any, leaves: Any) -> None:
    """Exit with 1 unless two ways to take second derivatives give the same, but for a small share of the largest."""
    for ones, others, leaf in zip(got, promised, leaves):
        one, other = (flat(as_lists(torch.zeros_like(leaf) if part is None else part)) for part in (ones, others))
        most = 2.0**-30 * max([1.0, *map(abs, one), *map(abs, other)])
        print(f"second derivatives are {one} and {other}, at most {most:.3g} apart")
        expect("both are the same", all(abs(a - b) <= most for a, b in zip(one, other)), True)


def distance(numbers: Any) -> float:
    """How far numbers between 0 and 1 are from a uniform distribution: the largest difference of the shares."""
    steps = np.arange(numbers.size + 1) / numbers.size
    ordered = np.sort(np.where(np.isnan(numbers), -1.0, numbers))
    return float(max(np.max(steps[1:] - ordered), np.max(ordered - steps[:-1])))
