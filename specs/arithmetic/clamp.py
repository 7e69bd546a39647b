"""torch.clamp: each element brought between two bounds, which are numbers or tensors."""

import numpy as np

from conformance.spec import (
    FLOATS,
    INTEGERS,
    PRESERVED,
    REAL_KINDS,
    Cost,
    Draw,
    Form,
    Gradient,
    Law,
    Open,
    Output,
    Refusal,
    Spec,
    TensorSample,
    category,
    contents,
    dense,
)
from conformance.spec.families import binary

NUMBERS = (None, 0, 1, -2, 3, 100, 0.0, 0.5, -0.5, 1.3, -1e-3, float("inf"), float("-inf"), float("nan"))
TENSORS = "hasattr(min, 'rank') or hasattr(max, 'rank')"
ONLY_MIN, ONLY_MAX = "max is None", "min is None"


def arguments(draw: Draw):
    """Two numbers, two tensors, or one of them; at least one bound is given."""
    if draw.boolean():
        bounds = [draw.choice(NUMBERS), draw.choice(NUMBERS)]
        draw.require(bounds != [None, None])
        return {"input": draw.tensor(draw.shape()), "min": bounds[0], "max": bounds[1]}
    shapes = draw.mutually_broadcastable_shapes(3)
    kept = draw.choice(("both", "min", "max"))
    dtypes = draw.promotable_dtypes(REAL_KINDS)
    first = draw.mixed_dtype_tensor if dtypes[0] != dtypes[1] else draw.tensor
    low, high = (first(shape, dtype=dtypes[1]) for shape in shapes[1:])
    return {
        "input": first(shapes[0], dtype=dtypes[0]),
        "min": None if kept == "max" else low,
        "max": None if kept == "min" else high,
    }


def common(promoted, input, min, max):
    """Numbers promote too: a fraction turns integers into float32."""
    fraction = any(isinstance(bound, float) for bound in (min, max))
    return "float32" if fraction and category(promoted) < 2 else promoted


def takes(dtype, input, min, max):
    """Two booleans have no order here, and a number must be one of the dtype."""
    arrays = [_values(dtype, one) for one in (input, min, max) if one is not None]
    if all(array.dtype == np.bool_ for array in arrays):
        return False
    return dtype != "uint8" or not any(isinstance(bound, int) and bound < 0 for bound in (min, max))


def _values(dtype, argument):
    return contents(argument, dtype) if isinstance(argument, TensorSample) else np.asarray(argument)


def oracle(input, min, max):
    """The larger of an element and min, and the smaller of that and max; NaN goes through, from a bound too.

    Which of two zeros is the larger is not promised.
    """
    result = input if min is None else np.where(_outside(min, input, np.less), min, input)
    result = result if max is None else np.where(_outside(max, result, np.greater), max, result)
    return Open(result, zeros=True)


def _outside(bound, array, beyond):
    """Where the bound takes the place of an element."""
    return beyond(array, bound) | ((np.asarray(bound) != bound) & (array == array))


def gradient(incoming, results, input, min, max):
    """An element within the bounds, or on one, passes it on; else the bound that it took does."""
    low, high = (-np.inf if min is None else min), (np.inf if max is None else max)
    crossed = np.asarray(low > high)
    terms = {"input": np.where((input >= low) & (input <= high) & ~crossed, incoming[0], 0)}
    if _is_tensor(min):
        terms["min"] = np.where((input < min) & ~crossed, incoming[0], 0)
    if _is_tensor(max):
        terms["max"] = np.where((input > max) | crossed, incoming[0], 0)
    return terms


def _is_tensor(bound):
    """A tensor without dimensions may come as a NumPy scalar."""
    return isinstance(bound, (np.ndarray, np.generic))


def bounds_meet(dtype, input, min, max):
    """Two bounds are equal somewhere."""
    if min is None or max is None:
        return False
    return bool(np.any(_values(dtype, min).astype(np.float64) == _values(dtype, max).astype(np.float64)))


def meets_a_bound(dtype, input, min, max):
    """An element is as large as a bound, or is NaN."""
    array = contents(input, dtype).astype(np.float64)
    bounds = [_values(dtype, bound).astype(np.float64) for bound in (min, max) if bound is not None]
    return bool(np.isnan(array).any() or any(np.any(array == bound) for bound in bounds))


def is_summed_without_some_terms(dtype, got, promised, input, min, max):
    """The gradient of a bound that is broadcast: a sum, of which any term may be missing."""
    bounds = [bound for bound in (min, max) if isinstance(bound, TensorSample)]
    whole = np.broadcast_shapes(input.shape, *(bound.shape for bound in bounds))
    return np.full(got.shape, any(bound.numel < np.prod(whole) for bound in bounds))


def bounds_are_tensors(dtype, input, min, max):
    """A bound is a tensor."""
    return any(isinstance(bound, TensorSample) for bound in (min, max))


def number_of_another_dtype(dtype, input, min, max):
    """A tensor without dimensions beside one of another dtype."""
    tensors = [one for one in (input, min, max) if isinstance(one, TensorSample)]
    return len({tensor.dtype for tensor in tensors}) > 1 and any(tensor.rank == 0 for tensor in tensors)


def a_bound_widens_the_result(dtype, input, min, max):
    """The input and one of two tensors as bounds have together fewer elements than the result."""
    if not all(isinstance(bound, TensorSample) for bound in (min, max)):
        return False
    whole = np.broadcast_shapes(input.shape, min.shape, max.shape)
    return any(np.broadcast_shapes(input.shape, bound.shape) != whole for bound in (min, max))


def exactly(dtype, input, min, max):
    """What is passed on is not rounded. Nothing is promised beside a bound that is NaN."""
    bounds = (contents(bound, dtype) for bound in (min, max) if isinstance(bound, TensorSample))
    return np.inf if any(bool(np.any(bound != bound)) for bound in bounds) else 0.0


def workload(size):
    return {"input": dense((size // 64, 64)), "min": -0.5, "max": 0.5}


spec = Spec(
    operation="torch.clamp",
    summary="min(max(input, min), max); the bounds are numbers, or tensors that broadcast and promote; NaN stays NaN.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.clamp.html",
    arguments=arguments,
    forms=(
        Form("torch.clamp(input, min, max)"),
        Form("torch.clamp(input, min=min, max=max)"),
        Form("torch.clamp(input, min)", when=ONLY_MIN),
        Form("torch.clamp(input, max=max)", when=ONLY_MAX),
        Form("torch.clamp(input=input, max=max, min=min)"),
        Form("torch.clip(input, min, max)"),
        Form("torch.clip(input, min=min, max=max)"),
        Form("torch.clamp_min(input, min)", when=ONLY_MIN),
        Form("torch.clamp_max(input, max)", when=ONLY_MAX),
        Form("input.clamp(min, max)"),
        Form("input.clamp(max=max, min=min)"),
        Form("input.clip(min, max)"),
        Form("input.clamp_min(min)", when=ONLY_MIN),
        Form("input.clamp_max(max)", when=ONLY_MAX),
        Form("input.clamp_(min, max)", writes="input"),
        Form("input.clamp_(max=max, min=min)", writes="input"),
        Form("input.clip_(min, max)", writes="input"),
        Form("torch.clamp_(input, min, max)", writes="input"),
        Form("torch.clip_(input, min, max)", writes="input"),
        Form("input.clamp_min_(min)", when=ONLY_MIN, writes="input"),
        Form("input.clamp_max_(max)", when=ONLY_MAX, writes="input"),
        Form("torch.clamp(input, min, max, out=input)", writes="input"),
        Form("torch.clamp(input, min, max, out=out)"),
        Form("torch.clip(input, min, max, out=out)"),
        Form("torch.clamp_min(input, min, out=out)", when=ONLY_MIN),
        Form("torch.clamp_max(input, max, out=out)", when=ONLY_MAX),
    ),
    dtypes=INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output(dtype=common),),
    common_dtype=common,
    memory=PRESERVED,
    pointwise=True,
    refusals=(
        Refusal("a call without bounds", "torch.clamp(input)", RuntimeError),
        Refusal("two bounds that are None", "torch.clamp(input, None, None)", RuntimeError),
        Refusal("a number and a tensor as bounds", "torch.clamp(input, 0, torch.ones(2))", TypeError),
        Refusal("a string as a bound", "torch.clamp(input, 'min')", TypeError),
        Refusal("a number in place of the tensor", "torch.clamp(1.0, 0)", TypeError),
        Refusal("a third bound", "torch.clamp(input, 0, 1, 2)", TypeError),
        Refusal("a string as out", "torch.clamp(input, 0, 1, out='out')", TypeError),
        Refusal(
            "a fraction as bound of integers in place", "torch.ones(2, dtype=torch.int32).clamp_(0.5)", RuntimeError
        ),
        Refusal(
            "a tensor of floats as bound of integers in place",
            "torch.ones(2, dtype=torch.int32).clamp_(torch.ones(2))",
            RuntimeError,
        ),
        Refusal(
            "an in-place call on a tensor that would have to grow",
            "torch.ones(1, dtype=dtype).clamp_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a bound whose shape does not broadcast",
            "torch.clamp(torch.ones(3, dtype=dtype), torch.ones(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("an in-place call on an expanded tensor", "out[:1].expand(3).clamp_(0)", RuntimeError),
        Refusal("an out that overlaps an operand in part", "torch.clamp(out[:-1], 0, 1, out=out[1:])", RuntimeError),
        Refusal(
            "a number too large for the dtype", "torch.clamp(torch.ones(2, dtype=torch.int8), 0, 300)", RuntimeError
        ),
        Refusal("complex numbers", "torch.clamp(torch.ones(2, dtype=torch.complex64), 0, 1)", RuntimeError),
        Refusal("a complex number as bound", "torch.clamp(torch.ones(2), 1j)", RuntimeError),
    ),
    gradient=Gradient(terms=gradient, bound=exactly, source="the bounds and the input are passed on as they are"),
    laws=(
        Law(
            "clamping twice changes nothing",
            "torch.clamp(torch.clamp(input, min, max), min, max) + 0",
            "torch.clamp(input, min, max) + 0",
        ),
        Law(
            "two bounds are first the lower and then the upper one",
            "torch.clamp_max(torch.clamp_min(input, min), max) + 0",
            "torch.clamp(input, min, max) + 0",
            when="min is not None and max is not None",
        ),
        Law(
            "a lower bound above the upper one gives the upper one",
            "torch.clamp(torch.tensor([1.0, 5.0, 9.0]), 7, 3).tolist()",
            "[3.0] * 3",
        ),
        Law(
            "a tensor as bound is what maximum takes",
            "torch.maximum(input, min) + 0",
            "torch.clamp(input, min) + 0",
            when="hasattr(min, 'rank') and max is None",
        ),
        Law(
            "a fraction as bound turns integers into float32",
            "torch.clamp(torch.tensor([1, 5]), 1.5).dtype",
            "torch.float32",
        ),
        Law(
            "a whole number outside the range of bytes is a bound as it is",
            "torch.clamp(torch.tensor([1, 200], dtype=torch.uint8), -1).tolist()",
            "[1, 200]",
            when="dtype == 'uint8'",
        ),
    ),
    takes=takes,
    predicates=(
        binary.is_traced_by_its_out,
        bounds_meet,
        meets_a_bound,
        bounds_are_tensors,
        number_of_another_dtype,
        a_bound_widens_the_result,
    ),
    explanations=(is_summed_without_some_terms,),
    cost=Cost(workload=workload, reference="elementwise"),
)
