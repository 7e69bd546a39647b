"""torch.broadcast_tensors: several tensors shown in the one shape that they broadcast to."""

import numpy as np

from conformance.spec import (
    ALL,
    MOVED,
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
    return {"tensors": [draw.tensor(shape) for shape in draw.shapes_together(draw.integer(1, 4))]}


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
            "sizes that differ",
            "torch.broadcast_tensors(torch.zeros(2, 3, dtype=dtype), torch.zeros(2, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "sizes that differ in front",
            "torch.broadcast_tensors(torch.zeros(2, 3, dtype=dtype), torch.zeros(3, 3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "size 0 beside 3",
            "torch.broadcast_tensors(torch.zeros(0, dtype=dtype), torch.zeros(3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "one more size that fits none",
            "torch.broadcast_tensors(*tensors, tensors[0].new_zeros(tensors[0].shape[-1] + 2))",
            RuntimeError,
            when="tensors[0].rank > 0 and tensors[0].shape[-1] != 1",
        ),
        Refusal("a list", "torch.broadcast_tensors(list(tensors))", TypeError),
        Refusal("a number", "torch.broadcast_tensors(*tensors, 1)", TypeError),
        Refusal("shapes that differ", "torch.broadcast_shapes((2, 3), (2,))", RuntimeError),
        Refusal("shapes of 0 and 3", "torch.broadcast_shapes((0,), (3,))", RuntimeError),
        Refusal(
            "one more shape that fits none",
            "torch.broadcast_shapes(*[tensor.shape for tensor in tensors], tensors[0].shape[-1] + 2)",
            RuntimeError,
            when="tensors[0].rank > 0 and tensors[0].shape[-1] != 1",
        ),
        Refusal("a shape with a size below 0", "torch.broadcast_shapes((-1,), (1,))", (RuntimeError, ValueError)),
        Refusal("a shape that is no whole number", "torch.broadcast_shapes((2,), 1.5)", (RuntimeError, TypeError)),
    ),
    gradient=MOVED,
    laws=(
        Law(
            "broadcast_shapes foretells the shape",
            f"torch.broadcast_shapes(*{SHAPES})",
            "torch.broadcast_tensors(*tensors)[0].shape",
        ),
        Law(
            "broadcast_shapes goes by the rule of NumPy",
            f"tuple(torch.broadcast_shapes(*{SHAPES}))",
            f"np.broadcast_shapes(*{SHAPES})",
        ),
        Law(
            "a whole number is a shape of one dimension",
            f"torch.broadcast_shapes(7, *{SHAPES}, (1, 7))",
            f"torch.broadcast_shapes((7,), *{SHAPES}, [1, 7])",
            when="all(tensor.rank == 0 or tensor.shape[-1] == 1 for tensor in tensors)",
        ),
        Law("no shapes have the shape of a number", "torch.broadcast_shapes()", "torch.Size([])"),
        Law("no tensors give none", "len(torch.broadcast_tensors())", "0"),
        Law(
            "each is as broadcast_to shows it",
            "torch.broadcast_tensors(*tensors)",
            f"[torch.broadcast_to(tensor, np.broadcast_shapes(*{SHAPES})) for tensor in tensors]",
        ),
        Law(
            "the order does not matter",
            "torch.broadcast_tensors(*tensors[::-1])[::-1]",
            "torch.broadcast_tensors(*tensors)",
        ),
        Law(
            "each keeps its dtype",
            "[part.dtype for part in torch.broadcast_tensors(torch.zeros(1, dtype=torch.int16), *tensors)]",
            "[torch.int16] + [dtype for _ in tensors]",
        ),
    ),
    cost=Cost(workload=workload, numpy="np.broadcast_arrays(*tensors)", growth=0.0),
    claims=(
        Claim(
            "no-copy",
            "003 24-26",
            "Broadcasting repeats a tensor without copying it.",
            UPHELD,
            """
            bias, maps = torch.rand(32, 1, 1), torch.rand(4, 32, 14, 14)
            wide, _ = torch.broadcast_tensors(bias, maps)
            wide.shape == maps.shape and shares(wide, bias) and wide.untyped_storage().nbytes() == 32 * 4
            """,
        ),
        Claim(
            "unsqueeze-and-expand",
            "003 24-26",
            "Broadcasting adds the missing dimensions in front and then expands the sizes of 1.",
            UPHELD,
            """
            def by_hand(t, shape):
                return t[(None,) * (len(shape) - t.dim())].expand(shape)
            smalls = [torch.randn(shape) for shape in ((), (1,), (5,), (3, 1), (3, 5), (1, 1, 1), (2, 1, 5))]
            all(torch.equal(t.broadcast_to(2, 3, 5), by_hand(t, (2, 3, 5))) for t in smalls)
            """,
        ),
        Claim(
            "from-the-last-dimension",
            "003 24-26",
            "Sizes are matched from the last dimension on; missing ones are put in front, and sizes of 1 grow.",
            UPHELD,
            """
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
            "bias-needs-its-dimensions",
            "003 24-26",
            "A bias of 32 numbers is added to 4x32x14x14 only as 32x1x1, made by hand.",
            UPHELD,
            """
            maps, bias = torch.rand(4, 32, 14, 14), torch.rand(32)
            raises("maps + bias", RuntimeError) and (maps + bias[:, None, None]).shape == maps.shape
            """,
        ),
        Claim(
            "five-points-for-all",
            "003 24-26",
            "[5.0] added to 4x32x8 marks raises each of them by 5.",
            UPHELD,
            """
            marks, five = torch.rand(4, 32, 8), torch.tensor([5.0])
            by_hand = marks + five.view(1, 1, 1).expand_as(marks)
            torch.equal(marks + five, by_hand) and torch.equal(marks + five, marks + 5.0)
            """,
        ),
        Claim(
            "saves-1024-fold",
            "003 24-26",
            "To copy [5.0] to 4x32x8 would take 1024 times the memory of a broadcast.",
            UPHELD,
            """
            five = torch.tensor([5.0], device="cpu")
            stored = [t.untyped_storage().nbytes() for t in (five, five.expand(4, 32, 8), five.repeat(4, 32, 8))]
            made = [allocated(call) for call in ("five.expand(4, 32, 8)", "five.expand(4, 32, 8).contiguous()")]
            stored == [4, 4, 1024 * 4] and made == [0, 1024 * 4]
            """,
        ),
        Claim(
            "zero-matches-all",
            "003 24-26",
            "Two sizes go together if one of them is 0 or 1, or if they are equal.",
            REFUTED,
            """
            with_one = (torch.zeros(4, 0) + torch.zeros(4, 1)).shape
            with_one == (4, 0) and not raises("torch.zeros(4, 0) + torch.zeros(4, 3)", RuntimeError)
            """,
            note="0 goes with 0 and 1 only",
        ),
        Claim(
            "last-dimension-must-match",
            "003 24-26",
            "4 numbers cannot be added to marks in 8 subjects.",
            UPHELD,
            "raises('torch.rand(4, 32, 8) + torch.rand(4)', RuntimeError)",
        ),
        Claim(
            "one-subject-raised",
            "003 24-26",
            "Adding [0, 0, 5, 0, 0, 0, 0, 0] changes the third subject alone.",
            UPHELD,
            """
            marks = torch.rand(4, 32, 8)
            change = (marks + torch.tensor([0, 0, 5, 0, 0, 0, 0, 0])) - marks
            close(change[..., 2], torch.full((4, 32), 5.0)) and change.count_nonzero() == 4 * 32
            """,
        ),
        Claim(
            "two-of-four-images",
            "003 24-26",
            "Two images do not broadcast to four.",
            UPHELD,
            "raises('torch.rand(4, 3, 8, 8) + torch.rand(2, 3, 8, 8)', RuntimeError)",
        ),
        Claim(
            "shapes-for-images",
            "003 24-26",
            "32x32, 3x1x1 and 1x1x1x1 can all be added to 4x3x32x32.",
            UPHELD,
            """
            images = torch.rand(4, 3, 32, 32)
            all((images + torch.rand(shape)).shape == images.shape for shape in ((32, 32), (3, 1, 1), (1, 1, 1, 1), ()))
            """,
        ),
        Claim(
            "one-number-per-colour",
            "003 24-26",
            "A 3x1x1 tensor of 0.5, 0 and 0.3 moves red, green and blue by their own amounts.",
            UPHELD,
            """
            moved = torch.zeros(4, 3, 8, 8) + torch.tensor([0.5, 0, 0.3])[:, None, None]
            [moved[:, place].unique().tolist() for place in range(3)] == [[0.5], [0.0], [torch.tensor(0.3).item()]]
            """,
        ),
    ),
)
