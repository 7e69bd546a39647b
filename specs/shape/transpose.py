"""torch.transpose: a view with two dimensions swapped."""

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, dense, views

from ._order import array_in_order, view_in_order


def arguments(draw: Draw):
    """Each dim counts from either end, and both may name one dimension."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "dim0": draw.dim(len(shape)), "dim1": draw.dim(len(shape))}


def swapped(rank, dim0, dim1):
    """The dimensions in order, two of them in each other's place."""
    order = list(range(rank))
    if rank:
        order[dim0 % rank], order[dim1 % rank] = dim1 % rank, dim0 % rank
    return tuple(order)


def oracle(input, dim0, dim1):
    return array_in_order(input, swapped(input.ndim, dim0, dim1))


def geometry(input, dim0, dim1):
    return view_in_order(input, swapped(input.rank, dim0, dim1))


def workload(size):
    return {"input": dense((size // 64, 8, 8)), "dim0": 0, "dim1": -1}


LAST_TWO = "input.rank >= 2 and {dim0 % input.rank, dim1 % input.rank} == {input.rank - 1, input.rank - 2}"

spec = Spec(
    operation="torch.transpose",
    summary="A view in which dim0 and dim1 have changed places; without dimensions the tensor as it is.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.transpose.html",
    arguments=arguments,
    forms=(
        Form("torch.transpose(input, dim0, dim1)"),
        Form("torch.transpose(input=input, dim0=dim0, dim1=dim1)"),
        Form("input.transpose(dim0, dim1)"),
        Form("input.transpose(dim0=dim0, dim1=dim1)"),
        Form("torch.swapaxes(input, dim0, dim1)"),
        Form("torch.swapaxes(input=input, axis0=dim0, axis1=dim1)"),
        Form("torch.swapdims(input, dim0, dim1)"),
        Form("torch.swapdims(input=input, dim0=dim0, dim1=dim1)"),
        Form("input.swapaxes(dim0, dim1)"),
        Form("input.swapaxes(axis0=dim0, axis1=dim1)"),
        Form("input.swapdims(dim0, dim1)"),
        Form("input.swapdims(dim0=dim0, dim1=dim1)"),
        Form("input.mT", when=LAST_TWO),
        Form("input.T", when=LAST_TWO + " and input.rank == 2"),
        Form("input.transpose_(dim0, dim1)", writes="input"),
        Form("input.swapaxes_(dim0, dim1)", writes="input"),
        Form("input.swapdims_(dim0=dim0, dim1=dim1)", writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("a first dim past the last dimension", "torch.transpose(input, max(input.dim(), 1), dim1)", IndexError),
        Refusal(
            "a second dim past the last dimension", "torch.transpose(input, dim0, max(input.dim(), 1))", IndexError
        ),
        Refusal(
            "a first dim before the first dimension", "torch.transpose(input, -max(input.dim(), 1) - 1, 0)", IndexError
        ),
        Refusal(
            "a second dim before the first dimension", "torch.transpose(input, 0, -max(input.dim(), 1) - 1)", IndexError
        ),
        Refusal(
            "a dim past the last dimension, by swapaxes", "torch.swapaxes(input, 0, max(input.dim(), 1))", IndexError
        ),
        Refusal("a dim past the last dimension, by the method", "input.transpose(max(input.dim(), 1), 0)", IndexError),
        Refusal("a dim past the last dimension, in place", "input.transpose_(0, max(input.dim(), 1))", IndexError),
        Refusal("a call with one dim", "torch.transpose(input, 0)", TypeError),
        Refusal("a tuple of dims", "torch.transpose(input, (dim0, dim1))", TypeError),
        Refusal("a dim that is no whole number", "torch.transpose(input, 0.0, 0)", TypeError),
        Refusal("booleans as dims", "torch.transpose(input, True, False)", TypeError),
        Refusal("None as a dim", "torch.transpose(input, 0, None)", TypeError),
        Refusal("a list in place of the tensor", "torch.transpose([[1]], 0, 1)", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "transposing twice restores the tensor",
            "torch.transpose(torch.transpose(input, dim0, dim1), dim0, dim1)",
            "input",
        ),
        Law(
            "the order of the two dims does not matter",
            "torch.transpose(input, dim1, dim0)",
            "torch.transpose(input, dim0, dim1)",
        ),
        Law("a dim swapped with itself leaves the tensor as it is", "torch.transpose(input, dim0, dim0)", "input"),
        Law(
            "the two strides change places",
            "torch.transpose(input, dim0, dim1).stride(dim0)",
            "input.stride(dim1)",
            when="input.rank > 0",
        ),
        Law(
            "the view begins at the input's address",
            "torch.transpose(input, dim0, dim1).data_ptr()",
            "input.data_ptr()",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
