"""What any and all have in common: elements that count as true or false."""

from conformance.spec import BOOL, WIDE_UNSIGNED, Form, Output, Refusal, converted_to, dense
from conformance.spec.families.reduction import (
    drawn_dims,
    refusals_over_dims,
)


def arguments(draw):
    """An empty tuple of dims reduces nothing."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "dim": drawn_dims(draw, shape), "keepdim": draw.boolean()}


def truth_over(choose, input, dim, keepdim):
    """np.any or np.all over some dimensions; NaN is true, and -0.0 is false. uint8 gives uint8."""
    axes = dim if input.ndim or dim is None else ()
    truth = choose(input != 0, axes, keepdims=keepdim)
    return truth.astype("uint8" if input.dtype == "uint8" else "bool")


def truth_dtype(subject, input, dim, keepdim):
    return "uint8" if subject == "uint8" else "bool"


TRUTH = (Output(dtype=truth_dtype),)


def is_byte(dtype, input, dim, keepdim):
    """Elements are uint8, and so is the result."""
    return dtype == "uint8"


def is_no_byte(dtype, input, dim, keepdim):
    """Elements may become 0 when they are converted to uint8."""
    return dtype not in ("bool", "uint8")


def reduces_nothing(dtype, input, dim, keepdim):
    """An empty tuple of dims names no dimension."""
    return dim == ()


def scratch(dtype, input, dim, keepdim):
    """Several dimensions may be reduced one by one, and a large tensor in parts."""
    return None if isinstance(dim, tuple) or input.numel >= 32768 else ()


def has_elements(dtype, input, dim, keepdim):
    """There is an element to read."""
    return input.numel > 0


def forms_of_truth(name):
    """Calls of torch.`name` over all dimensions, one, or some."""
    return (
        Form(f"torch.{name}(input, dim, keepdim)"),
        Form(f"torch.{name}(input=input, dim=dim, keepdim=keepdim)"),
        Form(f"torch.{name}(input, axis=dim, keepdims=keepdim)", when="dim is not None"),
        Form(f"torch.{name}(input, dim)", when="not keepdim"),
        Form(f"torch.{name}(input)", when="dim is None and not keepdim"),
        Form(f"input.{name}(dim, keepdim)"),
        Form(f"input.{name}(dim=dim)", when="not keepdim"),
        Form(f"input.{name}()", when="dim is None and not keepdim"),
        Form(f"torch.{name}(input, dim, keepdim, out=out)", out_dtype=converted_to((*BOOL, "uint8"))),
        Form(
            f"torch.{name}(input, out=out)",
            when="dim is None and not keepdim",
            out_dtype=converted_to((*BOOL, "uint8")),
        ),
    )


def refusals_of_truth(name):
    """The misuses that torch.`name` refuses."""
    return (
        *refusals_over_dims(name, "out.bool()"),
        Refusal("a call without a tensor", f"torch.{name}()", TypeError),
        Refusal("an argument dtype", f"torch.{name}(input, dtype=torch.bool)", TypeError),
    )


NARROW = f"dtype not in {WIDE_UNSIGNED}"


def workload(size):
    return {"input": dense((size // 64, 64), "few"), "dim": 1, "keepdim": False}


def row_workload(size):
    return {"input": dense((1, size), "few"), "dim": 1, "keepdim": False}
