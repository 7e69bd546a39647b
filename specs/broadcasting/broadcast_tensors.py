"""torch.broadcast_tensors: several tensors shown in the one shape that they broadcast to."""

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    SEVERAL,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    View,
    broadcast_strides,
    dense,
    views,
)


def arguments(draw: Draw):
    return {"tensors": [draw.tensor(shape) for shape in draw.mutually_broadcastable_shapes(draw.integer(1, 4))]}


def oracle(tensors):
    shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    return [np.broadcast_to(tensor, shape) for tensor in tensors]


def geometry(tensors):
    """Each result lies where its tensor does, with stride 0 where it repeats."""
    shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    return [View(shape, broadcast_strides(tensor.shape, tensor.strides, shape), tensor.offset) for tensor in tensors]


SHAPES = "[tuple(tensor.shape) for tensor in tensors]"


def workload(size):
    return {"tensors": [dense((size // 64, 1)), dense((1, 64))]}


spec = Spec(
    operation="torch.broadcast_tensors",
    summary="Shows tensors in their common shape, matched from the last dimension; sizes of 1 and missing ones repeat.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.broadcast_tensors.html",
    arguments=arguments,
    forms=(
        Form("torch.broadcast_tensors(*tensors)"),
        Form("torch.functional.broadcast_tensors(*tensors)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=SEVERAL,
    memory=views("tensors", geometry),
    refusals=(
        Refusal(
            "tensors whose last sizes differ",
            "torch.broadcast_tensors(torch.zeros(2, 3, dtype=dtype), torch.zeros(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "tensors whose first sizes differ",
            "torch.broadcast_tensors(torch.zeros(2, 3, dtype=dtype), torch.zeros(3, 3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "tensors of sizes 0 and 3",
            "torch.broadcast_tensors(torch.zeros(0, dtype=dtype), torch.zeros(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "one more tensor whose size does not broadcast",
            "torch.broadcast_tensors(*tensors, tensors[0].new_zeros(tensors[0].shape[-1] + 2))",
            RuntimeError,
            when="tensors[0].rank > 0 and tensors[0].shape[-1] != 1",
        ),
        Refusal("a list of tensors in place of tensors", "torch.broadcast_tensors(list(tensors))", TypeError),
        Refusal("a number among the tensors", "torch.broadcast_tensors(*tensors, 1)", TypeError),
        Refusal(
            "broadcast_shapes of shapes whose last sizes differ", "torch.broadcast_shapes((2, 3), (2,))", RuntimeError
        ),
        Refusal("broadcast_shapes of sizes 0 and 3", "torch.broadcast_shapes((0,), (3,))", RuntimeError),
        Refusal(
            "broadcast_shapes of one more shape that does not broadcast",
            "torch.broadcast_shapes(*[tensor.shape for tensor in tensors], tensors[0].shape[-1] + 2)",
            RuntimeError,
            when="tensors[0].rank > 0 and tensors[0].shape[-1] != 1",
        ),
        Refusal(
            "broadcast_shapes of a size below 0", "torch.broadcast_shapes((-1,), (1,))", (RuntimeError, ValueError)
        ),
        Refusal("broadcast_shapes of a fraction", "torch.broadcast_shapes((2,), 1.5)", (RuntimeError, TypeError)),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "broadcast_shapes gives the shape of the results",
            f"torch.broadcast_shapes(*{SHAPES})",
            "torch.broadcast_tensors(*tensors)[0].shape",
        ),
        Law(
            "broadcast_shapes agrees with NumPy",
            f"tuple(torch.broadcast_shapes(*{SHAPES}))",
            f"np.broadcast_shapes(*{SHAPES})",
        ),
        Law(
            "broadcast_shapes takes a whole number for a shape of one dimension",
            f"torch.broadcast_shapes(7, *{SHAPES}, (1, 7))",
            f"torch.broadcast_shapes((7,), *{SHAPES}, [1, 7])",
            when="all(tensor.rank == 0 or tensor.shape[-1] == 1 for tensor in tensors)",
        ),
        Law("broadcast_shapes of no shapes is the shape of a number", "torch.broadcast_shapes()", "torch.Size([])"),
        Law("broadcasting no tensors gives none", "len(torch.broadcast_tensors())", "0"),
        Law(
            "each result is what broadcast_to gives",
            "torch.broadcast_tensors(*tensors)",
            f"[torch.broadcast_to(tensor, np.broadcast_shapes(*{SHAPES})) for tensor in tensors]",
        ),
        Law(
            "the order of the tensors does not matter",
            "torch.broadcast_tensors(*tensors[::-1])[::-1]",
            "torch.broadcast_tensors(*tensors)",
        ),
        Law(
            "each tensor keeps its dtype",
            "[part.dtype for part in torch.broadcast_tensors(torch.zeros(1, dtype=torch.int16), *tensors)]",
            "[torch.int16] + [dtype for _ in tensors]",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
