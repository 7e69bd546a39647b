"""torch.t: a matrix with its two dimensions swapped; fewer dimensions stay as they are."""

from conformance.spec import ALL, DATA_MOVEMENT, Cost, Draw, Form, Law, Refusal, Spec, dense, views

from ._order import array_in_order, view_in_order


def arguments(draw: Draw):
    return {"input": draw.tensor(draw.shape(max_rank=2))}


def backwards(rank):
    """The dimensions from the last to the first."""
    return tuple(reversed(range(rank)))


def oracle(input):
    return array_in_order(input, backwards(input.ndim))


def geometry(input):
    return view_in_order(input, backwards(input.rank))


def workload(size):
    return {"input": dense((size // 64, 64))}


MATRIX = "input.rank == 2"

spec = Spec(
    operation="torch.t",
    summary="A view of a matrix with rows for columns; a vector and a tensor without dimensions as they are.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.t.html",
    arguments=arguments,
    forms=(
        Form("torch.t(input)"),
        Form("torch.t(input=input)"),
        Form("input.t()"),
        Form("input.T", when=MATRIX),
        Form("input.mT", when=MATRIX),
        Form("input.t_()", writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal("a tensor of three dimensions", "torch.t(input.reshape(1, 1, -1))", RuntimeError),
        Refusal("a tensor of three dimensions, by the method", "input.reshape(1, 1, -1).t()", RuntimeError),
        Refusal("a tensor of four dimensions", "torch.t(torch.zeros(2, 3, 2, 2, dtype=dtype))", RuntimeError),
        Refusal("a tensor of three dimensions, in place", "torch.zeros(2, 3, 2, dtype=dtype).t_()", RuntimeError),
        Refusal("mT of a vector", "input.reshape(-1).mT", RuntimeError),
        Refusal("a dim beside the tensor", "torch.t(input, 0)", TypeError),
        Refusal("a dim beside the tensor, by the method", "input.t(0)", TypeError),
        Refusal("a list in place of the tensor", "torch.t([[1, 2]])", TypeError),
        Refusal("a call without a tensor", "torch.t()", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("transposing twice restores the tensor", "torch.t(torch.t(input))", "input"),
        Law(
            "the element in row i and column j comes from row j and column i",
            "torch.t(input)[-1, 0]",
            "input[0, -1]",
            when=MATRIX + " and input.numel > 0",
        ),
        Law("a tensor of fewer than two dimensions stays as it is", "torch.t(input)", "input", when="input.rank < 2"),
        Law("the strides change places", "torch.t(input).stride()", "input.stride()[::-1]"),
        Law("the view begins at the input's address", "torch.t(input).data_ptr()", "input.data_ptr()"),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
