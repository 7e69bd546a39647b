"""torch.norm: the length of a tensor, or of its slices, in the sense of a vector norm of order p."""

import numpy as np

from conformance.spec import (
    AT_MOST,
    COMPLEXES,
    FLOATS,
    WITHIN,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Output,
    Refusal,
    Spec,
    accumulator_ulp,
    category,
    contents,
    dense,
    real_of,
    ulps,
    wide,
)
from conformance.spec.families.dimension import dims_of_another_type, dims_out_of_range, dims_out_of_range_with_out
from conformance.spec.families.reduction import every_place_counts

INFINITY = float("inf")


def arguments(draw: Draw):
    shape = draw.shape()
    dim = draw.choice(("all", "one", "some"))
    dim = {"all": None, "one": draw.dim(len(shape)), "some": draw.dims(len(shape))}[dim]
    p = draw.choice(("fro", 2, 1, 3, 0, INFINITY, -INFINITY, 0.5, 2.5, -1, -2))
    if p == "fro" and isinstance(dim, tuple) and len(dim) > 2:
        p = 2  # the Frobenius norm is one of matrices
    if _slice_size(shape, dim) == 0 and p != "fro" and (p < 0 or p == INFINITY):
        p = 0.5  # nothing has no smallest and no largest element
    return {"input": draw.tensor(shape), "p": p, "dim": dim, "keepdim": draw.boolean()}


def _axes(rank, dim):
    """The reduced dimensions; none given means all."""
    if rank == 0 or dim is None or dim == ():
        return tuple(range(rank))
    return dim if isinstance(dim, tuple) else (dim,)


def _slice_size(shape, dim):
    """How many elements each norm is taken of."""
    return int(np.prod([shape[axis] for axis in _axes(len(shape), dim)], initial=1))


def oracle(input, p, dim, keepdim):
    """The sum of |x| ** p to the power of 1 / p, and what that tends to for orders of 0 and infinity."""
    size, axes = np.abs(input), _axes(input.ndim, dim)
    if p == 0:
        return np.sum(size != 0, axes, dtype=size.dtype, keepdims=keepdim)
    if p in (INFINITY, -INFINITY):
        choose = np.max if p > 0 else np.min
        return choose(size, axes, keepdims=keepdim)
    p = 2 if p == "fro" else p
    return np.sum(size**p, axes, keepdims=keepdim) ** (size.dtype.type(1) / p)


def real_dtype(subject, input, p, dim, keepdim):
    """Norms are real."""
    return real_of(subject)


def bound(dtype, input, p, dim, keepdim):
    """Units in float32 for halves, which are rounded once at the end, and in the dtype itself for all others.

    The absolute value of a complex number costs 2, each power 3, the sum one for each addition; the root divides them
    all by p and adds 2. Where 1 / p is no binary fraction its rounding counts with the logarithm.
    """
    p = 2 if p == "fro" else abs(p)
    units = 2
    if p not in (0, INFINITY):
        logarithm = 0 if p in (0.5, 1, 2) else (710 if dtype == "float64" else 89)
        units += (_slice_size(input.shape, dim) + 3 + logarithm) / p + 2
    return 0.5 + units * accumulator_ulp(dtype) if dtype.endswith("16") else units


def of_both_sides(dtype, input, p, dim, keepdim):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input, p, dim, keepdim)


def of_both_in_float64(dtype, input, p, dim, keepdim):
    return 2 * bound("float64", input, p, dim, keepdim)


def is_of_infinite_order(dtype, input, p, dim, keepdim):
    return p in (INFINITY, -INFINITY)


def is_the_1_norm(dtype, input, p, dim, keepdim):
    return p == 1


def leaves_the_range_midway(dtype, input, p, dim, keepdim):
    """A sum of powers overflows, or loses terms that count to underflow, where the norm need not do either."""
    p = 2 if p == "fro" else p
    count, axes = _slice_size(input.shape, dim), _axes(input.rank, dim)
    if p in (0, 1, INFINITY, -INFINITY) or (count < 2 and input.rank > 0):
        return False  # a slice of one element is its absolute value
    limits = np.finfo(np.float64 if dtype in ("float64", "complex128") else np.float32)
    array = contents(input, dtype)
    with np.errstate(all="ignore"):
        size = np.abs(wide(array))
        sums = np.sum(size ** np.longdouble(p), axes)
        settled = np.any(np.isnan(size) | (size == (INFINITY if p > 0 else 0)), axes)
        counts = np.any((size > 0) & (size < INFINITY), axes)
        overflows = sums > 0.99 * np.longdouble(limits.max)
        underflows = sums < count * (np.longdouble(limits.tiny) / limits.eps)
    return bool(np.any(~settled & counts & (overflows | underflows)))


def sums_as_numbers_of_the_dtype(dtype, got, promised, input, p, dim, keepdim):
    """What comes of a sum of powers that overflows, or of which each power is off by a few of the smallest numbers."""
    p = np.longdouble(2 if p == "fro" else p)
    limits = np.finfo(np.float64 if dtype in ("float64", "complex128") else np.float32)
    smallest = limits.smallest_subnormal * np.longdouble(4 * _slice_size(input.shape, dim))
    summed, exact = got.astype(np.longdouble) ** p, np.asarray(promised, np.longdouble) ** p
    overflowed = np.isinf(summed) & (exact > 0.99 * np.longdouble(limits.max))
    return overflowed | (np.abs(summed - exact) <= smallest + 1e-5 * exact)


def is_lost_or_of_its_size(dtype, got, promised, input, p, dim, keepdim):
    """0, not finite, or an error of at most sixteen times the gradient."""
    value, exact = got.astype(np.clongdouble), np.asarray(promised, np.clongdouble)
    return (value == 0) | ~np.isfinite(value) | (np.abs(value - exact) <= 16 * np.abs(exact))


def gradient_leaves_the_range_midway(dtype, input, p, dim, keepdim):
    """An absolute value, the norm, or one of the powers that its gradient is made of, is no normal number, or none
    once a small incoming gradient is multiplied by it."""
    p = 2 if p == "fro" else p
    if p == 0 or input.numel == 0:
        return False
    array = contents(input, dtype)
    with np.errstate(all="ignore"):
        size = np.abs(wide(array))
        norm = oracle(size, p, dim, True)
        powers = [size] if category(dtype) == 3 else []
        if p not in (1, INFINITY, -INFINITY):
            powers += [norm, norm ** (p - 1), norm ** (1 - p)] + ([] if p == 2 else [size ** (p - 1), size ** (p - 2)])
    numbers = np.concatenate([[1], *(power[(power != 0) & np.isfinite(power)].ravel() for power in powers)])
    tiny, largest = {"float16": (2.0**-14, 65504), "float64": (2.0**-1022, 1.79e308)}.get(
        real_of(dtype), (2.0**-126, 3.38e38)
    )
    tiny *= {"float16": 2.0**10, "float64": 2.0**52}.get(real_of(dtype), 2.0**23)  # for an incoming gradient below 1
    return leaves_the_range_midway(dtype, input, p, dim, keepdim) or bool(
        np.any((numbers < tiny) | (numbers > largest))
    )


def is_empty_and_dim_negative(dtype, input, p, dim, keepdim):
    """Norms that have no value for nothing, along a dimension counted from the end of a tensor without elements."""
    dims = dim if isinstance(dim, tuple) else (dim,)
    return input.numel == 0 and p not in ("fro", None) and (p < 0 or p == INFINITY) and any(d and d < 0 for d in dims)


PLAIN = "p != 'fro'"
SQUARE = "p in ('fro', 2)"
MATRIX = f"{SQUARE} and isinstance(dim, tuple) and len(dim) == 2"
REAL = "'float' in dtype"
COMPLEX = "'complex' in dtype"


def gradient(incoming, results, input, p, dim, keepdim):
    """sgn(x) (|x| / norm) ** (p - 1). At 0 it is 0 where the norm is finite; ties for an infinite norm share evenly."""
    axes = _axes(input.ndim, dim)
    g = incoming[0] if keepdim else np.expand_dims(incoming[0], tuple(axis % input.ndim for axis in axes))
    size, norm = np.abs(input), oracle(input, p, dim, True)
    sign = input / np.where(size == 0, 1, size) if np.iscomplexobj(input) else np.sign(input)
    p = 2 if p == "fro" else p
    if p == 0:
        return {"input": np.zeros_like(input)}
    if p in (INFINITY, -INFINITY):
        ties = (size == norm) | (np.isnan(size) & np.isnan(norm))
        return {"input": sign * g * (ties / np.sum(ties, axes, keepdims=True))}
    settled = (norm == 0) | ((size == 0) & (p < 1) & np.isfinite(norm))
    share = np.where(settled, 0, size ** (p - 1) * norm ** (1 - p))
    return {"input": sign * g * share}


def gradient_bound(dtype, input, p, dim, keepdim):
    """The norm's error and the powers' count |p - 1| times; a sign, a root and three products round besides.

    Nothing is promised of a slice with a NaN in it, nor where rounding decides which elements have the extreme.
    """
    p = 2 if p == "fro" else p
    power = 0 if p in (0, INFINITY, -INFINITY) else abs(p - 1)
    units = 8 + (power + 1) * (bound(dtype, input, p, dim, keepdim) + 3)
    array, axes = contents(input, dtype), _axes(input.rank, dim)
    unsaid = np.any(np.isnan(array), axes, keepdims=True)
    if p in (INFINITY, -INFINITY) and np.iscomplexobj(array) and array.size:
        unsaid = unsaid | _rounding_decides(array, p, axes)
    return np.where(np.broadcast_to(unsaid, array.shape), np.inf, units)


def _rounding_decides(array, p, axes):
    """Whether complex numbers with other parts are so close to the extreme that rounding decides which of them tie."""
    with np.errstate(all="ignore"):
        size, norm = np.abs(array), oracle(array, p, axes, True)
        close = np.abs(size - norm) <= 8 * np.finfo(size.dtype).eps * norm
    return _differ(np.abs(array.real), close, axes) | _differ(np.abs(array.imag), close, axes)


def _differ(numbers, chosen, axes):
    """Whether the chosen numbers are not all one."""
    most = np.max(np.where(chosen, numbers, -INFINITY), axes, keepdims=True)
    return most > np.min(np.where(chosen, numbers, INFINITY), axes, keepdims=True)


def scratch(dtype, input, p, dim, keepdim):
    """Counting what is not 0 takes more."""
    return None if p == 0 else ()


def row_workload(size):
    return {"input": dense((1, size)), "p": 2.0, "dim": (1,), "keepdim": False}


def workload(size):
    return {"input": dense((size // 64, 64)), "p": 2.0, "dim": (1,), "keepdim": False}


spec = Spec(
    operation="torch.norm",
    summary="The vector norm of order p (2 or 'fro' by default) over all dimensions, or those that dim names.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.norm.html",
    arguments=arguments,
    forms=(
        Form("torch.norm(input, p, dim, keepdim)"),
        Form("torch.norm(input=input, p=p, dim=dim, keepdim=keepdim)"),
        Form("torch.norm(input, p, dim, keepdim, dtype=dtype)"),
        Form("torch.norm(input, p)", when="dim is None and not keepdim"),
        Form("torch.norm(input)", when=f"{SQUARE} and dim is None and not keepdim"),
        Form("torch.norm(input, dim=dim)", when="p == 'fro' and not keepdim"),
        Form("input.norm(p, dim, keepdim)"),
        Form("input.norm(p, dim=dim)", when="not keepdim"),
        Form("input.norm(p)", when="dim is None and not keepdim"),
        Form("input.norm()", when=f"{SQUARE} and dim is None and not keepdim"),
        Form("torch.linalg.vector_norm(input, p, dim, keepdim)", when=PLAIN),
        Form("torch.linalg.vector_norm(input, ord=p, dim=dim, keepdim=keepdim, dtype=dtype)", when=PLAIN),
        Form("torch.linalg.vector_norm(input, dim=dim, keepdim=keepdim)", when=SQUARE),
        Form("torch.linalg.norm(input, p, dim, keepdim)", when=f"{PLAIN} and isinstance(dim, int)"),
        Form("torch.linalg.norm(input)", when=f"{SQUARE} and dim is None and not keepdim"),
        Form("torch.linalg.norm(input, 'fro', dim, keepdim)", when=MATRIX),
        Form("torch.linalg.matrix_norm(input, 'fro', dim, keepdim)", when=MATRIX),
        Form("torch.norm(input, p, dim, keepdim, out=out)"),
        Form("torch.linalg.vector_norm(input, p, dim, keepdim, out=out)", when=PLAIN),
    ),
    dtypes=FLOATS + COMPLEXES,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 3.1 and 27.8"),
    outputs=(Output(dtype=real_dtype),),
    refusals=(
        *dims_out_of_range("torch.norm(input, 2, {dim})"),
        Refusal(
            "a tuple with a dim past the last dimension", "torch.norm(input, 2, (0, max(input.dim(), 1)))", IndexError
        ),
        Refusal("a dim named twice", "torch.norm(input, 2, (0, 0))", RuntimeError),
        Refusal(
            "a dim named from either end",
            "torch.norm(input, 2, (0, -input.dim()))",
            RuntimeError,
            when="input.rank > 0",
        ),
        *dims_of_another_type("torch.norm(input, 2, {dim})"),
        Refusal("a number as keepdim", "torch.norm(input, 2, 0, 2)", TypeError),
        Refusal(
            "a negative order for slices without elements",
            "torch.norm(torch.ones(4, 0, dtype=dtype), -1, -1)",
            RuntimeError,
        ),
        Refusal(
            "the order infinity for a tensor without elements",
            "torch.norm(torch.ones(4, 0, dtype=dtype), math.inf)",
            RuntimeError,
        ),
        Refusal("an unknown name as the order", "torch.norm(input, 'one')", RuntimeError),
        Refusal("a complex number as the order", "torch.norm(input, 1j)", (RuntimeError, TypeError)),
        Refusal("a list as the order", "torch.norm(input, [2])", TypeError),
        Refusal(
            "Frobenius norms of three dims",
            "torch.norm(torch.ones(2, 2, 2, dtype=dtype), 'fro', (0, 1, 2))",
            RuntimeError,
        ),
        Refusal("nuclear norms of one dim", "torch.norm(torch.ones(2, 2, dtype=dtype), 'nuc', 0)", RuntimeError),
        Refusal("a tensor of whole numbers", "torch.norm(torch.ones(3, dtype=torch.int64))", RuntimeError),
        Refusal("a boolean tensor", "torch.norm(torch.ones(3, dtype=torch.bool))", RuntimeError),
        Refusal("an integer dtype for the norm", "torch.norm(input, dtype=torch.int64)", RuntimeError),
        Refusal(
            "a dtype that is narrower than the input's",
            "torch.norm(input.double(), dtype=torch.float32)",
            RuntimeError,
            when=REAL,
        ),
        Refusal(
            "a real dtype for complex numbers", "torch.norm(input, dtype=torch.float64)", RuntimeError, when=COMPLEX
        ),
        Refusal("a list in place of the tensor", "torch.linalg.vector_norm([1.0, 2.0])", TypeError),
        Refusal(
            "a boolean out for a norm", "torch.norm(torch.ones(3, 3, dtype=dtype), 2, 0, out=out.bool())", RuntimeError
        ),
        Refusal(
            "a complex out for a norm, which is real",
            "torch.norm(torch.ones(3, 3, dtype=dtype), 2, 0, out=out)",
            RuntimeError,
            when=COMPLEX,
        ),
        *dims_out_of_range_with_out("torch.norm(input, 2, {dim}, out=out)"),
    ),
    gradient=Gradient(terms=gradient, bound=gradient_bound, source="as the norm itself"),
    laws=(
        *every_place_counts(
            "round(abs(torch.norm(row).item()))",
            "round(abs(torch.norm(row, 1).item()))",
            "round(abs(torch.norm(row[:, None], dim=0).item()))",
        ),
        Law(
            "the sign of the elements does not matter",
            "torch.norm(-input, p, dim, keepdim)",
            "torch.norm(input, p, dim, keepdim)",
            WITHIN,
            bound=of_both_sides,
        ),
        Law(
            "the input takes on a wider dtype before the computation",
            "torch.norm(input, p, dim, keepdim, dtype=torch.promote_types(dtype, torch.float64))",
            "torch.norm(input.to(torch.promote_types(dtype, torch.float64)), p, dim, keepdim)",
            WITHIN,
            bound=of_both_in_float64,
        ),
        Law(
            "the norm is not below the largest absolute value",
            "torch.norm(input, math.inf, dim, keepdim)",
            "torch.norm(input, p, dim, keepdim)",
            AT_MOST,
            when="(p == 'fro' or p > 0) and input.numel > 0",
            bound=of_both_sides,
        ),
        Law(
            "the norm of order infinity is the largest absolute value",
            "torch.norm(input, math.inf, dim, keepdim)",
            "torch.amax(input.abs(), () if dim is None else dim, keepdim)",
            when=f"{REAL} and input.numel > 0",
        ),
        Law(
            "the shape does not matter without a dim",
            "torch.norm(input, p)",
            "torch.norm(input.flatten(), p, 0)",
            WITHIN,
            when="dim is None",
            bound=of_both_sides,
        ),
        Law(
            "keepdim keeps the dimensions at size 1",
            "torch.norm(input, p, dim, True)",
            "torch.norm(input, p, dim).unsqueeze(dim)",
            when="isinstance(dim, int) and input.rank > 0",
        ),
    ),
    explanations=(sums_as_numbers_of_the_dtype, is_lost_or_of_its_size),
    predicates=(
        leaves_the_range_midway,
        gradient_leaves_the_range_midway,
        is_empty_and_dim_negative,
        is_the_1_norm,
        is_of_infinite_order,
    ),
    cost=Cost(
        scratch=scratch,
        dtypes=FLOATS,
        workload=workload,
        row_workload=row_workload,
        reference="reduction",
    ),
)
