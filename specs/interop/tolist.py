"""torch.Tensor.tolist: the elements of a tensor as nested lists of Python numbers."""

from math import prod

from conformance.spec import ALL, VALUE, Cost, Draw, Form, Law, Refusal, Spec

from ._python import nested_list


def arguments(draw: Draw):
    """No more elements than lists of Python are made for."""
    shape = draw.shape(max_rank=4)
    draw.require(prod(shape) <= 4000)
    return {"input": draw.tensor(shape)}


def oracle(input):
    return nested_list(input)


spec = Spec(
    operation="torch.Tensor.tolist",
    summary="Lists in lists, as deep as the tensor has dimensions, of Python numbers; without dimensions a number.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.tolist.html",
    arguments=arguments,
    forms=(
        Form("input.tolist()"),
        Form("torch.Tensor.tolist(input)"),
        Form("input.contiguous().tolist()"),
        Form("list(map(torch.Tensor.tolist, input))", when="input.rank > 0 and input.shape[0] < 50"),
        Form("input.item()", when="input.rank == 0"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=VALUE,
    modes=(),
    refusals=(
        Refusal("an argument", "input.tolist(1)", TypeError),
        Refusal(
            "a tensor without values", "torch.ones(2, device='meta').tolist()", (NotImplementedError, RuntimeError)
        ),
        Refusal("a sparse tensor", "torch.eye(2).to_sparse().tolist()", RuntimeError),
    ),
    laws=(
        Law(
            "torch.tensor undoes tolist",
            "torch.tensor(input.tolist(), dtype=dtype)",
            "input.contiguous()",
            when="0 not in input.shape",
        ),
        Law(
            "NumPy gives equal lists",
            "repr(input.tolist())",
            "repr(array(input).tolist())",
            when="dtype not in ('bfloat16', 'bool')",
        ),
        Law(
            "there are as many lists as the first size", "len(input.tolist())", "input.shape[0]", when="input.rank > 0"
        ),
    ),
    cost=Cost(dtypes=()),
)
