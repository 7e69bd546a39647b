"""torch.Tensor.expand: a view in which dimensions of size 1 repeat, and new ones stand in front."""

import numpy as np

from conformance.spec import ALL, OUTDATED, UPHELD, Claim, Draw, Form, Law, Refusal, Spec, View, views


def arguments(draw: Draw):
    shape = draw.shape(max_rank=4)
    ones = draw.integer(0, 2 ** len(shape) - 1)
    input_shape = tuple(1 if ones >> place & 1 else size for place, size in enumerate(shape))
    front = tuple(draw.size() for _ in range(draw.integer(0, 2))) if np.prod(shape) < 5000 else ()
    kept = draw.integer(0, 2 ** len(shape) - 1)
    sizes = tuple(
        -1 if kept >> place & 1 and input_shape[place] == size else size for place, size in enumerate(shape)
    )
    return {"input": draw.tensor(input_shape), "size": front + sizes}


def expanded_shape(input_shape, size):
    """The sizes asked for, -1 replaced by what the tensor has."""
    missing = len(size) - len(input_shape)
    return tuple(input_shape[place - missing] if wanted == -1 else wanted for place, wanted in enumerate(size))


def oracle(input, size):
    return np.broadcast_to(input, expanded_shape(input.shape, size))


def geometry(input, size):
    """Stride 0 where a dimension repeats or is new, the input's stride everywhere else."""
    shape = expanded_shape(input.shape, size)
    missing = len(shape) - input.rank
    strides = [0] * missing
    for place in range(input.rank):
        repeats = input.shape[place] == 1 and shape[missing + place] != 1
        strides.append(0 if repeats else input.strides[place])
    return [View(shape, tuple(strides), input.offset)]


spec = Spec(
    operation="torch.Tensor.expand",
    summary="A view in which sizes of 1 become any size without a copy; -1 keeps a size; new dimensions go in front.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html",
    arguments=arguments,
    forms=(
        Form("input.expand(size)"),
        Form("input.expand(list(size))"),
        Form("input.expand(*size)", when="len(size) > 0"),
        Form("input.expand_as(torch.empty([abs(wanted) for wanted in size]))", when="-1 not in size"),
        Form("torch.broadcast_to(input, size)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "a size other than 1 that differs",
            "input.expand(*input.shape[:-1], input.shape[-1] + 1)",
            RuntimeError,
            when="input.rank > 0 and input.shape[-1] != 1",
        ),
        Refusal("fewer dimensions than the tensor has", "input.expand(input.shape[1:])", RuntimeError, when="input.rank > 0"),
        Refusal("-1 for a new dimension", "input.expand(-1, *input.shape)", RuntimeError),
        Refusal("a size below -1", "torch.ones(1, 3, dtype=dtype).expand(-4, 3)", RuntimeError),
        Refusal("a size that is no whole number", "input.expand(2.5, *input.shape)", TypeError),
        Refusal("no size", "input.expand()", TypeError),
        Refusal(
            "writing in place to a repeated element",
            "torch.ones(1, dtype=dtype).expand(3).mul_(torch.ones(3, dtype=dtype))",
            RuntimeError,
        ),
    ),
    laws=(
        Law("the same elements as repeat", "input.expand(3, *input.shape)", "input.repeat(3, *[1] * input.dim())"),
        Law("keeping every size changes nothing", "input.expand([-1] * input.dim())", "input"),
        Law(
            "unsqueezing first changes nothing",
            "input.unsqueeze(0).expand(2, *input.shape)",
            "input.expand(2, *input.shape)",
        ),
    ),
    claims=(
        Claim(
            "makes-a-view",
            "003 20-23",
            "expand allocates nothing and views the tensor that is there.",
            UPHELD,
            """
            row = torch.rand(1, 32, 1, 1)
            wide = row.expand(4, 32, 14, 14)
            shares(row, wide) and wide.stride() == (0, 1, 0, 0) and wide.untyped_storage().nbytes() == 128
            """,
        ),
        Claim(
            "saves-memory-over-repeat",
            "003 20-23",
            "expand is faster than repeat and saves memory.",
            UPHELD,
            """
            row = torch.rand(1, 32, 1, 1)
            row.repeat(4, 1, 8, 8).untyped_storage().nbytes() > row.expand(4, 32, 8, 8).untyped_storage().nbytes()
            """,
            note="the memory is checked here; time belongs to the performance tests",
        ),
        Claim(
            "equals-repeat",
            "003 20-23",
            "expand and repeat reach the same tensor in different ways.",
            UPHELD,
            """
            row = torch.rand(1, 5, 1)
            torch.equal(row.expand(3, 5, 2), row.repeat(3, 1, 2))
            """,
        ),
        Claim(
            "bias-to-feature-map",
            "003 20-23",
            "A bias of shape (1, 32, 1, 1) expands to (4, 32, 14, 14).",
            UPHELD,
            "torch.rand(1, 32, 1, 1).expand(4, 32, 14, 14).shape == (4, 32, 14, 14)",
        ),
        Claim(
            "minus-one-keeps",
            "003 20-23",
            "-1 leaves a dimension as it is.",
            UPHELD,
            "torch.rand(1, 32, 1, 1).expand(-1, 32, -1, -1).shape == (1, 32, 1, 1)",
        ),
        Claim(
            "minus-four-is-accepted",
            "003 20-23",
            "Expanding to -4 gives a shape that ends in -4.",
            OUTDATED,
            "torch.rand(1, 32, 1, 1).expand(-1, 32, -1, -4).shape[-1] == -4",
            note="the document itself calls it a bug that newer versions mended",
            contradicts="minus-four-is-refused",
        ),
        Claim(
            "minus-four-is-refused",
            "003 20-23",
            "The newest version takes -4 no longer.",
            UPHELD,
            "raises('torch.rand(1, 32, 1, 1).expand(-1, 32, -1, -4)', RuntimeError)",
            note="the message is about an overflow in numel: the refusal is an accident",
            contradicts="minus-four-is-accepted",
        ),
        Claim(
            "only-from-one",
            "003 20-23",
            "A size of 1 expands to N, a size of 3 does not.",
            UPHELD,
            "raises('torch.rand(3).expand(6)', RuntimeError) and torch.rand(1).expand(6).shape == (6,)",
        ),
    ),
)
