"""torch.broadcast_tensors: several tensors shown in the one shape that they broadcast to."""

import numpy as np

from conformance.spec import (
    ALL,
    DATA_MOVEMENT,
    REFUTED,
    SEVERAL,
    UPHELD,
    Claim,
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
    claims=(
        Claim(
            name="no-copy",
            source="003 24-26",
            statement="Broadcasting repeats a tensor without copying it.",
            verdict=UPHELD,
            check="""
            bias, maps = torch.rand(32, 1, 1), torch.rand(4, 32, 14, 14)
            wide, _ = torch.broadcast_tensors(bias, maps)
            wide.shape == maps.shape and shares(wide, bias) and wide.untyped_storage().nbytes() == 32 * 4
            """,
        ),
        Claim(
            name="unsqueeze-and-expand",
            source="003 24-26",
            statement="Broadcasting adds the missing dimensions in front and then expands the sizes of 1.",
            verdict=UPHELD,
            check="""
            def by_hand(t, shape):
                return t[(None,) * (len(shape) - t.dim())].expand(shape)
            smalls = [torch.randn(shape) for shape in ((), (1,), (5,), (3, 1), (3, 5), (1, 1, 1), (2, 1, 5))]
            all(torch.equal(t.broadcast_to(2, 3, 5), by_hand(t, (2, 3, 5))) for t in smalls)
            """,
        ),
        Claim(
            name="from-the-last-dimension",
            source="003 24-26",
            statement=(
                "Sizes are matched from the last dimension on; missing ones are put in front, and sizes of 1 grow."
            ),
            verdict=UPHELD,
            check="""
            def fit(a, b):
                return all(p == q or 1 in (p, q) for p, q in zip(a[::-1], b[::-1]))
            sizes = [(), (1,), (2,), (3,), (2, 1), (2, 3), (3, 1), (1, 3), (1, 2, 3), (3, 1, 2)]
            sums = [(a, b) for a in sizes for b in sizes if fit(a, b)]
            rest = [(a, b) for a in sizes for b in sizes if not fit(a, b)]
            grown = all((torch.zeros(a) + torch.zeros(b)).shape == np.broadcast_shapes(a, b) for a, b in sums)
            grown and all(raises(f"torch.zeros({a}) + torch.zeros({b})", RuntimeError) for a, b in rest)
            """,
        ),
        Claim(
            name="bias-needs-its-dimensions",
            source="003 24-26",
            statement="A bias of 32 numbers is added to 4x32x14x14 only as 32x1x1, made by hand.",
            verdict=UPHELD,
            check="""
            maps, bias = torch.rand(4, 32, 14, 14), torch.rand(32)
            raises("maps + bias", RuntimeError) and (maps + bias[:, None, None]).shape == maps.shape
            """,
        ),
        Claim(
            name="five-points-for-all",
            source="003 24-26",
            statement="[5.0] added to 4x32x8 marks raises each of them by 5.",
            verdict=UPHELD,
            check="""
            marks, five = torch.rand(4, 32, 8), torch.tensor([5.0])
            by_hand = marks + five.view(1, 1, 1).expand_as(marks)
            torch.equal(marks + five, by_hand) and torch.equal(marks + five, marks + 5.0)
            """,
        ),
        Claim(
            name="saves-1024-fold",
            source="003 24-26",
            statement="To copy [5.0] to 4x32x8 would take 1024 times the memory of a broadcast.",
            verdict=UPHELD,
            check="""
            five = torch.tensor([5.0], device="cpu")
            stored = [t.untyped_storage().nbytes() for t in (five, five.expand(4, 32, 8), five.repeat(4, 32, 8))]
            made = [allocated(call) for call in ("five.expand(4, 32, 8)", "five.expand(4, 32, 8).contiguous()")]
            stored == [4, 4, 1024 * 4] and made == [0, 1024 * 4]
            """,
        ),
        Claim(
            name="zero-matches-all",
            source="003 24-26",
            statement="Two sizes go together if one of them is 0 or 1, or if they are equal.",
            verdict=REFUTED,
            check="""
            with_one = (torch.zeros(4, 0) + torch.zeros(4, 1)).shape
            with_one == (4, 0) and not raises("torch.zeros(4, 0) + torch.zeros(4, 3)", RuntimeError)
            """,
            note="0 goes with 0 and 1 only",
        ),
        Claim(
            name="last-dimension-must-match",
            source="003 24-26",
            statement="4 numbers cannot be added to marks in 8 subjects.",
            verdict=UPHELD,
            check="raises('torch.rand(4, 32, 8) + torch.rand(4)', RuntimeError)",
        ),
        Claim(
            name="one-subject-raised",
            source="003 24-26",
            statement="Adding [0, 0, 5, 0, 0, 0, 0, 0] changes the third subject alone.",
            verdict=UPHELD,
            check="""
            marks = torch.rand(4, 32, 8)
            change = (marks + torch.tensor([0, 0, 5, 0, 0, 0, 0, 0])) - marks
            close(change[..., 2], torch.full((4, 32), 5.0)) and change.count_nonzero() == 4 * 32
            """,
        ),
        Claim(
            name="two-of-four-images",
            source="003 24-26",
            statement="Two images do not broadcast to four.",
            verdict=UPHELD,
            check="raises('torch.rand(4, 3, 8, 8) + torch.rand(2, 3, 8, 8)', RuntimeError)",
        ),
        Claim(
            name="shapes-for-images",
            source="003 24-26",
            statement="32x32, 3x1x1 and 1x1x1x1 can all be added to 4x3x32x32.",
            verdict=UPHELD,
            check="""
            images = torch.rand(4, 3, 32, 32)
            all((images + torch.rand(shape)).shape == images.shape for shape in ((32, 32), (3, 1, 1), (1, 1, 1, 1), ()))
            """,
        ),
        Claim(
            name="one-number-per-colour",
            source="003 24-26",
            statement="A 3x1x1 tensor of 0.5, 0 and 0.3 moves red, green and blue by their own amounts.",
            verdict=UPHELD,
            check="""
            moved = torch.zeros(4, 3, 8, 8) + torch.tensor([0.5, 0, 0.3])[:, None, None]
            [moved[:, place].unique().tolist() for place in range(3)] == [[0.5], [0.0], [torch.tensor(0.3).item()]]
            """,
        ),
    ),
)
