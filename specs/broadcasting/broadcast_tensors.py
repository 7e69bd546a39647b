"""torch.broadcast_tensors: several tensors seen in the one shape that they broadcast to, with torch.broadcast_shapes."""

import numpy as np

from conformance.spec import ALL, REFUTED, SEVERAL, UPHELD, Claim, Draw, Form, Law, Refusal, Spec, View, views


def arguments(draw: Draw):
    shape = draw.shape()
    count = draw.integer(1, 3)
    return {"tensors": [draw.tensor(draw.broadcastable(shape)) for _ in range(count)]}


def oracle(tensors):
    return list(np.broadcast_arrays(*tensors))


def geometry(tensors):
    """Stride 0 where a dimension repeats or is new, the tensor's own stride everywhere else."""
    shape = np.broadcast_shapes(*(tensor.shape for tensor in tensors))
    return [view(tensor, shape) for tensor in tensors]


def view(tensor, shape):
    missing = len(shape) - tensor.rank
    strides = [0] * missing
    for have, want, stride in zip(tensor.shape, shape[missing:], tensor.strides):
        strides.append(0 if have == 1 and want != 1 else stride)
    return View(shape, tuple(strides), tensor.offset)


spec = Spec(
    operation="torch.broadcast_tensors",
    summary="Views of the tensors in the one shape that they broadcast to: matched from the last dimension, nothing copied.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.broadcast_tensors.html",
    arguments=arguments,
    forms=(
        Form("torch.broadcast_tensors(*tensors)"),
        Form("torch.functional.broadcast_tensors(*tensors)"),
        Form("[t.broadcast_to(torch.broadcast_shapes(*[t.shape for t in tensors])) for t in tensors]"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=SEVERAL,
    memory=views("tensors", geometry),
    refusals=(
        Refusal(
            "sizes that differ, neither of them 1",
            "torch.broadcast_tensors(torch.zeros(2, 3, dtype=dtype), torch.zeros(2, 4, dtype=dtype))",
            RuntimeError,
        ),
        Refusal(
            "a size that differs from a drawn one",
            "torch.broadcast_tensors(tensors[0], torch.zeros(tensors[0].shape[-1] + 1, dtype=dtype))",
            RuntimeError,
            when="tensors[0].rank > 0 and tensors[0].shape[-1] > 1",
        ),
        Refusal(
            "size 0 against a size other than 1",
            "torch.broadcast_tensors(torch.zeros(4, 0, dtype=dtype), torch.zeros(4, 3, dtype=dtype))",
            RuntimeError,
        ),
        Refusal("no tensor", "torch.broadcast_tensors(1.0)", TypeError),
        Refusal("shapes that do not broadcast", "torch.broadcast_shapes((2, 3), (2, 4))", RuntimeError),
        Refusal("a shape with a negative size", "torch.broadcast_shapes((2, -3), (1,))", (RuntimeError, ValueError)),
    ),
    laws=(
        Law(
            "broadcast_shapes names the shape",
            "torch.broadcast_shapes(*[t.shape for t in tensors])",
            "torch.broadcast_tensors(*tensors)[0].shape",
        ),
        Law(
            "broadcast_shapes agrees with NumPy",
            "tuple(torch.broadcast_shapes(*[t.shape for t in tensors]))",
            "np.broadcast_shapes(*[tuple(t.shape) for t in tensors])",
        ),
        Law(
            "a whole number is a shape of one dimension",
            "torch.broadcast_shapes(4, *[(1,) for t in tensors])",
            "torch.Size([4])",
        ),
        Law(
            "broadcasting twice changes nothing",
            "torch.broadcast_tensors(*torch.broadcast_tensors(*tensors))",
            "torch.broadcast_tensors(*tensors)",
        ),
    ),
    claims=(
        Claim(
            "no-copy",
            "003 24-26",
            "Broadcasting expands automatically and copies no data.",
            UPHELD,
            """
            bias = torch.rand(32, 1, 1)
            wide, _ = torch.broadcast_tensors(bias, torch.rand(4, 32, 14, 14))
            shares(bias, wide) and wide.untyped_storage().nbytes() == 128
            """,
        ),
        Claim(
            "unsqueeze-plus-expand",
            "003 24-26",
            "Broadcasting is unsqueeze for the missing dimensions, then expand for the sizes of 1.",
            UPHELD,
            """
            row, full = torch.randn(5), torch.randn(2, 3, 5)
            torch.equal(row + full, row.unsqueeze(0).unsqueeze(0).expand(2, 3, 5) + full)
            """,
        ),
        Claim(
            "matches-from-last",
            "003 24-26",
            "Sizes are matched from the last dimension; missing ones are inserted in front, sizes of 1 grow.",
            UPHELD,
            """
            pairs = {((3,), (2, 3)): (2, 3), ((2, 1), (3,)): (2, 3), ((1, 3, 1), (2, 1, 4)): (2, 3, 4), ((), (2,)): (2,)}
            all(torch.broadcast_shapes(*pair) == shape for pair, shape in pairs.items())
            """,
        ),
        Claim(
            "bias-needs-dimensions-by-hand",
            "003 24-26",
            "A bias of 32 needs two dimensions behind it before it adds to (4, 32, 14, 14).",
            UPHELD,
            """
            features, bias = torch.rand(4, 32, 14, 14), torch.rand(32)
            (features + bias.view(32, 1, 1)).shape == features.shape and raises("features + bias", RuntimeError)
            """,
        ),
        Claim(
            "one-number-for-all",
            "003 24-26",
            "Adding [5.0] to scores of shape (4, 32, 8) adds 5 to every score.",
            UPHELD,
            """
            scores = torch.rand(4, 32, 8)
            torch.equal(scores + torch.tensor([5.0]), scores + 5)
            """,
        ),
        Claim(
            "saves-1024-fold",
            "003 24-26",
            "Copying [5.0] over (4, 32, 8) by hand takes 1,024 times the memory.",
            UPHELD,
            """
            five = torch.tensor([5.0])
            copied, seen = five.repeat(4, 32, 8), five.expand(4, 32, 8)
            copied.untyped_storage().nbytes() == 1024 * seen.untyped_storage().nbytes()
            """,
        ),
        Claim(
            "size-zero-matches",
            "003 24-26",
            "A dimension fits if its size is 0, 1 or equal.",
            REFUTED,
            "(torch.zeros(4, 0) + torch.zeros(4, 3)).numel() >= 0",
            note="0 fits 0 and 1 only; an absent dimension is probably meant",
        ),
        Claim(
            "last-size-must-fit",
            "003 24-26",
            "Scores of 8 courses and a tensor of 4 do not broadcast.",
            UPHELD,
            "raises('torch.rand(4, 32, 8) + torch.rand(4)', RuntimeError)",
        ),
        Claim(
            "bonus-for-one-course",
            "003 24-26",
            "Adding [0 0 5 0 0 0 0 0] raises the third course alone.",
            UPHELD,
            """
            scores, bonus = torch.rand(4, 32, 8), torch.tensor([0, 0, 5, 0, 0, 0, 0, 0])
            change = scores + bonus - scores
            close(change[..., 2], torch.full((4, 32), 5.0)) and not change[..., bonus == 0].any()
            """,
        ),
        Claim(
            "two-of-four-images",
            "003 24-26",
            "Values for two images do not broadcast to four.",
            UPHELD,
            "raises('torch.rand(4, 32, 14, 14) + torch.rand(2, 32, 14, 14)', RuntimeError)",
        ),
        Claim(
            "image-cases",
            "003 24-26",
            "(32, 32), (3, 1, 1) and (1, 1, 1, 1) all add to images of (4, 3, 32, 32).",
            UPHELD,
            """
            shapes = [(32, 32), (3, 1, 1), (1, 1, 1, 1)]
            all(torch.broadcast_shapes((4, 3, 32, 32), shape) == (4, 3, 32, 32) for shape in shapes)
            """,
        ),
        Claim(
            "rgb-offsets",
            "003 24-26",
            "A tensor of (3, 1, 1) moves R, G and B by amounts of their own, such as 0.5, 0 and 0.3.",
            UPHELD,
            """
            moved = torch.zeros(4, 3, 8, 8) + torch.tensor([0.5, 0.0, 0.3]).view(3, 1, 1)
            all(bool((moved[:, c] == moved[0, c, 0, 0]).all()) for c in range(3)) and close(moved[0, :, 0, 0], [0.5, 0, 0.3])
            """,
        ),
    ),
)
