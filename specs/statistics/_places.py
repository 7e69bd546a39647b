"""What argmax and argmin have in common: the positions of extremes."""

from conformance.spec import ITS_OWN, Form, Law, Refusal
from conformance.spec.families.reduction import (
    refusals_over_one_dim,
)

from ._extremes import along_one_dim, first_place


def along_one_dim_or_all(draw):
    """As `along_one_dim`. dim None means the tensor as one row."""
    drawn = along_one_dim(draw)
    whole = draw.choice((False, False, True)) and drawn["input"].numel > 0
    return {**drawn, "dim": None if whole else drawn["dim"]}


def first_place_in_all(choose, array, dim, keepdim):
    """As `first_place`, with None for the tensor as one row."""
    if dim is None:
        place = first_place(choose, array.reshape(-1), 0, False)
        return place.reshape((1,) * array.ndim) if keepdim else place
    return first_place(choose, array, dim, keepdim)


def forms_of_place(name):
    """Calls of torch.`name`, which gives positions."""
    return (
        Form(f"torch.{name}(input, dim, keepdim)"),
        Form(f"torch.{name}(input=input, dim=dim, keepdim=keepdim)"),
        Form(f"torch.{name}(input, axis=dim, keepdims=keepdim)"),
        Form(f"torch.{name}(input, dim)", when="not keepdim"),
        Form(f"torch.{name}(input)", when="dim is None and not keepdim"),
        Form(f"input.{name}(dim, keepdim)"),
        Form(f"input.{name}(dim=dim)", when="not keepdim"),
        Form(f"input.{name}()", when="dim is None and not keepdim"),
        Form(f"torch.{name}(input, dim, keepdim, out=out)", out_dtype=ITS_OWN),
    )


def refusals_of_place(name):
    """Misuses of `forms_of_place`."""
    return (
        *refusals_over_one_dim(name),
        Refusal("a tuple of dims", f"torch.{name}(input, (0,))", TypeError),
        Refusal("a tensor of no elements", f"torch.{name}(torch.ones(0, 3, dtype=dtype))", IndexError),
        Refusal("slices of no elements", f"torch.{name}(torch.ones(0, 3, dtype=dtype), 0)", IndexError),
        Refusal("a boolean tensor", f"torch.{name}(torch.ones(3, dtype=torch.bool))", RuntimeError),
        Refusal("a tensor of complex numbers", f"torch.{name}(torch.ones(3, dtype=torch.complex64))", RuntimeError),
        Refusal("an out that is not int64", f"torch.{name}(torch.ones(3, dtype=dtype), out=out.int())", RuntimeError),
    )


def laws_of_place(name):
    """Laws of positions in a flattened tensor and among ties."""
    return (
        Law(
            "the position in a flattened tensor is that in the tensor",
            f"torch.{name}(input.flatten(), 0)",
            f"torch.{name}(input)",
            when="dim is None",
        ),
        Law(
            "elements of equal size are named first",
            f"torch.{name}(torch.ones(5, 40, dtype=dtype), 1)",
            "torch.zeros(5, dtype=torch.int64)",
        ),
    )


def keeps_dims_of_a_row(dtype, input, dim, keepdim):
    """The whole tensor is looked through, and its dimensions are kept."""
    return dim is None and keepdim


def scratch_of_place(dtype, input, dim, keepdim):
    """A tensor that is no row in memory is made one."""
    return () if dim is not None or input.layout.kind == "contiguous" else None
