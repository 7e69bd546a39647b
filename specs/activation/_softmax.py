"""What softmax and its logarithm have in common."""

import numpy as np

from conformance.spec import CELL_DTYPE, REAL_KINDS, Draw, Form, Refusal, dense
from conformance.spec.families.dimension import dims_of_another_type, dims_out_of_range, dims_out_of_range_with_out


def arguments(draw: Draw):
    """The input now and then has any other real dtype, from which it takes on that of the cell."""
    shape, dim = draw.shape_and_dim()
    kept = draw.partner(REAL_KINDS) if draw.choice((False, False, True)) else CELL_DTYPE
    return {"input": draw.tensor(shape, dtype=kept), "dim": dim}


def spread(array, dim, limit):
    """The largest distance below the maximum of a slice that is at most `limit`."""
    if array.ndim == 0 or array.size == 0:
        return 0
    finite = array.astype(np.float64)
    with np.errstate(all="ignore"):
        below = np.max(finite, axis=dim, keepdims=True) - finite
    return float(np.max(below, initial=0, where=below <= limit))


def scratch(dtype, input, dim):
    """Nothing is promised of what is converted or copied first."""
    return () if input.dtype == CELL_DTYPE and input.layout.kind == "contiguous" else None


def workload(size):
    return {"input": dense((size // 64, 64)), "dim": 1}


def row_workload(size):
    return {"input": dense((1, size)), "dim": 1}


FLOATING = "input.dtype == 'subject'"
"""The input has the dtype of the cell, so that none need be named."""

IMPLIED = "dim % max(input.rank, 1) == (0 if input.rank in (0, 1, 3) else 1)"
"""The dim is that which is taken where none is named."""


def forms_of(name, module):
    """Calls of the functions called `name`, and of torch.nn's `module`."""
    return (
        Form(f"F.{name}(input, dim, dtype=dtype)"),
        Form(f"F.{name}(input=input, dim=dim, dtype=dtype)"),
        Form(f"F.{name}(input, dim)", when=FLOATING),
        Form(f"F.{name}(input)", when=f"{FLOATING} and {IMPLIED}"),
        Form(f"torch.{name}(input, dim, dtype)"),
        Form(f"torch.{name}(input, dim)", when=FLOATING),
        Form(f"torch.special.{name}(input, dim, dtype=dtype)"),
        Form(f"torch.special.{name}(input, dim)", when=FLOATING),
        Form(f"input.{name}(dim, dtype)"),
        Form(f"input.{name}(dim=dim)", when=FLOATING),
        Form(f"nn.{module}(dim)(input)", when=FLOATING),
        Form(f"torch.{name}(input, dim, dtype, out=out)"),
        Form(f"torch.{name}(input, dim, out=out)", when=FLOATING),
    )


def refusals_of(name):
    """Misuses of the functions called `name`."""
    return (
        *dims_out_of_range(f"F.{name}(input, {{dim}}, dtype=dtype)"),
        *dims_out_of_range_with_out(f"torch.{name}(input, {{dim}}, out=out)", FLOATING),
        *dims_of_another_type(f"torch.{name}(input, {{dim}})"),
        Refusal("a tuple of dims", f"torch.{name}(input, (0,))", TypeError),
        Refusal(f"torch.{name} without a dim", f"torch.{name}(input)", TypeError),
        Refusal("a list in place of the tensor", f"torch.{name}([1.0], 0)", TypeError),
        Refusal(
            "whole numbers without a floating dtype", f"F.{name}(torch.ones(3, dtype=torch.int64), 0)", RuntimeError
        ),
        Refusal(
            "an integer dtype for the result",
            f"F.{name}(input, dim, dtype=torch.int64)",
            RuntimeError,
            when="input.numel > 0 and input.rank > 0",
        ),
        Refusal("a tensor of complex numbers", f"F.{name}(torch.ones(3, dtype=torch.complex64), 0)", RuntimeError),
        Refusal("a dtype given as a string", f"F.{name}(input, dim, dtype='float32')", (TypeError, RuntimeError)),
        Refusal("an out whose dtype is not the result's", f"torch.{name}(out, 0, out=out.long())", RuntimeError),
    )
