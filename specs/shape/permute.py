"""torch.permute: a view with the dimensions in another order."""

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, dense, views

from ._order import array_in_order, view_in_order


def arguments(draw: Draw):
    """Each of the dims counts from either end."""
    shape = draw.shape()
    return {"input": draw.tensor(shape), "dims": any_order(draw, len(shape))}


def any_order(draw: Draw, rank: int) -> tuple[int, ...]:
    """All dimensions, one drawn after the other; some are counted from the end."""
    left, order = list(range(rank)), []
    while left:
        order.append(left.pop(draw.integer(0, len(left) - 1)))
    negative = draw.integer(0, 2**rank - 1) if draw.boolean() else 0
    return tuple(place - rank if negative >> place & 1 else place for place in order)


def from_the_front(dims):
    """The dims with those below 0 counted from the front."""
    return tuple(dim % len(dims) for dim in dims)


def oracle(input, dims):
    return array_in_order(input, from_the_front(dims))


def geometry(input, dims):
    return view_in_order(input, from_the_front(dims))


def workload(size):
    return {"input": dense((size // 64, 8, 8)), "dims": (2, 0, 1)}


spec = Spec(
    operation="torch.permute",
    summary="A view whose dimension i is the dimension dims[i] of the input; each must be named once.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.permute.html",
    arguments=arguments,
    forms=(
        Form("torch.permute(input, dims)"),
        Form("torch.permute(input=input, dims=dims)"),
        Form("torch.permute(input, list(dims))"),
        Form("input.permute(dims)"),
        Form("input.permute(*dims)", when="len(dims) > 0"),
        Form("input.permute(dims=dims)"),
        Form("input.permute(list(dims))"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("fewer dims than the input has", "torch.permute(input, dims[1:])", RuntimeError, when="input.rank > 0"),
        Refusal("more dims than the input has", "torch.permute(input, (*dims, 0))", RuntimeError),
        Refusal("no dims at all", "torch.permute(input, ())", RuntimeError, when="input.rank > 0"),
        Refusal(
            "a dim named twice",
            "torch.permute(input, (dims[0], dims[0], *dims[2:]))",
            RuntimeError,
            when="input.rank > 1",
        ),
        Refusal("a dim named from either end", "torch.zeros(2, 3, dtype=dtype).permute(1, -1)", RuntimeError),
        Refusal(
            "a dim past the last dimension",
            "torch.permute(input, (*dims[1:], input.dim()))",
            IndexError,
            when="input.rank > 0",
        ),
        Refusal(
            "a dim before the first dimension",
            "torch.permute(input, (*dims[1:], -input.dim() - 1))",
            IndexError,
            when="input.rank > 0",
        ),
        Refusal(
            "a dim past the last dimension, by the method",
            "input.permute(*dims[:-1], input.dim())",
            IndexError,
            when="input.rank > 0",
        ),
        Refusal("a number in place of the dims", "torch.permute(input, 0)", TypeError),
        Refusal(
            "dims that are no whole numbers", "torch.permute(input, tuple(float(dim) for dim in (*dims, 0)))", TypeError
        ),
        Refusal("dims that are booleans", "torch.zeros(2, 3, dtype=dtype).permute(True, False)", TypeError),
        Refusal("a call without dims", "torch.permute(input)", TypeError),
        Refusal("a list in place of the tensor", "torch.permute([[1]], (0, 1))", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "the inverse order restores the tensor",
            "torch.permute(torch.permute(input, dims), np.argsort([dim % len(dims) for dim in dims]).tolist())",
            "input",
            when="input.rank > 0",
        ),
        Law("the dims in order leave the tensor as it is", "torch.permute(input, tuple(range(input.dim())))", "input"),
        Law(
            "each size comes from the dimension that is named",
            "[*torch.permute(input, dims).shape]",
            "[input.shape[dim] for dim in dims]",
        ),
        Law(
            "each stride comes from the dimension that is named",
            "[*torch.permute(input, dims).stride()]",
            "[input.stride(dim) for dim in dims]",
        ),
        Law("the view begins at the input's address", "torch.permute(input, dims).data_ptr()", "input.data_ptr()"),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
