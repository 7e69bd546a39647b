"""torch.Tensor.view: the same memory read in another shape; refused where that would need a copy."""

import numpy as np

from conformance.spec import ALL, UPHELD, Claim, Draw, Form, Law, Refusal, Spec, View, view_strides, views


def arguments(draw: Draw):
    input_shape = draw.shape()
    numel = int(np.prod(input_shape))
    input = draw.tensor(input_shape)
    shape = draw.factors(numel)
    if view_strides(input_shape, input.strides, shape) is None:
        shape = splits(draw, input_shape)
    if shape and 0 not in shape and draw.boolean():
        place = draw.integer(0, len(shape) - 1)
        shape = (*shape[:place], -1, *shape[place + 1 :])
    return {"input": input, "shape": shape}


def splits(draw, shape):
    """A shape that any strides allow: each dimension cut in two or left alone, sizes of 1 put in."""
    pieces = []
    for size in shape:
        front = draw.choice(tuple(part for part in (1, 2, 3, size) if part and size % part == 0) or (size,))
        pieces.extend((front, size // front) if front else (size,))
    return tuple(pieces)


def full_shape(input, shape):
    known = int(np.prod([size for size in shape if size != -1]))
    return tuple(input.numel // known if size == -1 else size for size in shape)


def oracle(input, shape):
    return np.reshape(input, shape)


def geometry(input, shape):
    """Always a view, at the strides to which runs of dimensions can be cut and merged."""
    shape = full_shape(input, shape)
    return [View(shape, view_strides(input.shape, input.strides, shape), input.offset)]


spec = Spec(
    operation="torch.Tensor.view",
    summary="The elements in row-major order in another shape, in the same memory; strides that need a copy are refused.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html",
    arguments=arguments,
    forms=(
        Form("input.view(shape)"),
        Form("input.view(list(shape))"),
        Form("input.view(torch.Size(shape))"),
        Form("input.view(*shape)", when="len(shape) > 0"),
        Form("input.view_as(torch.empty(shape))", when="-1 not in shape"),
        Form("input.reshape(shape)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    refusals=(
        Refusal(
            "the dimensions reversed and read as a row",
            "input.contiguous().permute(*reversed(range(input.dim()))).view(-1)",
            RuntimeError,
            when="len([size for size in input.shape if size > 1]) > 1 and input.numel > 0",
        ),
        Refusal(
            "a transposed matrix read as a row",
            "torch.arange(6).to(dtype).reshape(2, 3).t().view(6)",
            RuntimeError,
        ),
        Refusal(
            "every other column read as a row",
            "torch.arange(8).to(dtype).reshape(2, 4)[:, ::2].t().view(4)",
            RuntimeError,
        ),
        Refusal("too many elements asked for", "input.view(input.numel() + 1)", RuntimeError),
        Refusal("-1 that does not divide", "input.view(-1, input.numel() + 1)", RuntimeError, when="input.numel > 0"),
        Refusal("two sizes of -1", "input.view(-1, -1)", RuntimeError),
        Refusal("-1 beside 0", "input.view(-1, 0)", RuntimeError),
        Refusal("a size below -1", "input.view(-2)", RuntimeError),
        Refusal("no shape", "input.view()", TypeError),
        Refusal("a size that is no whole number", "input.view(1.5)", TypeError),
    ),
    laws=(
        Law("viewing back restores", "input.view(shape).view(input.shape)", "input"),
        Law("the same elements as reshape", "input.view(shape)", "torch.reshape(input, shape)"),
        Law("the same elements as NumPy", "input.view(shape)", "np.reshape(array(input), shape)"),
    ),
    claims=(
        Claim(
            "agrees-with-reshape",
            "000 Tensors",
            "view(a, b) does much what reshape(a, b) does.",
            UPHELD,
            """
            w = torch.randn(2, 6)
            torch.equal(w.view(3, 4), w.reshape(3, 4))
            """,
        ),
        Claim(
            "changes-reading-only",
            "003 20-23",
            "Another shape changes only how the data are read.",
            UPHELD,
            """
            images = torch.rand(4, 1, 28, 28)
            rows = images.view(4, 784)
            shares(images, rows) and torch.equal(images.flatten(), rows.flatten())
            """,
        ),
        Claim(
            "merges-channel-height-width",
            "003 20-23",
            "Merging channel, height and width of (4, 1, 28, 28) gives 784 numbers an image.",
            UPHELD,
            "torch.rand(4, 1, 28, 28).view(4, 28 * 28).shape == (4, 784)",
        ),
        Claim(
            "merges-batch-channel-row",
            "003 20-23",
            "Merging batch, channel and row gives rows of 28 pixels.",
            UPHELD,
            """
            images = torch.rand(4, 1, 28, 28)
            torch.equal(images.view(112, 28)[29], images[1, 0, 1])
            """,
        ),
        Claim(
            "stacks-four-images",
            "003 20-23",
            "Merging batch and channel stacks the four images.",
            UPHELD,
            """
            images = torch.rand(4, 1, 28, 28)
            torch.equal(images.view(4, 28, 28)[2], images[2, 0])
            """,
        ),
        Claim(
            "loses-dimension-order",
            "003 20-23",
            "Where the order of dimensions is forgotten, view restores a wrong picture without an error.",
            UPHELD,
            """
            images = torch.rand(4, 3, 8, 8)
            flat = images.view(4, -1)
            right, wrong = flat.view(4, 3, 8, 8), flat.view(4, 8, 8, 3).permute(0, 3, 1, 2)
            torch.equal(right, images) and not torch.equal(wrong, images)
            """,
        ),
        Claim(
            "numel-must-match",
            "003 20-23",
            "784 numbers an image cannot be viewed as 783.",
            UPHELD,
            "raises('torch.rand(4, 1, 28, 28).view(4, 783)', RuntimeError)",
        ),
        Claim(
            "keeps-element-count",
            "003 20-23",
            "The product of the sizes stays the same.",
            UPHELD,
            """
            shapes = [(a, b, 24 // (a * b)) for a in range(1, 25) for b in range(1, 25) if 24 % (a * b) == 0]
            all(torch.arange(24).view(shape).numel() == 24 for shape in shapes)
            """,
        ),
        Claim(
            "needs-contiguous",
            "003 20-23",
            "A tensor with swapped dimensions needs contiguous() before view.",
            UPHELD,
            """
            swapped = torch.randn(4, 3, 8, 8).transpose(1, 3)
            raises("swapped.view(4, 192)", RuntimeError) and swapped.contiguous().view(4, 192).shape == (4, 192)
            """,
        ),
        Claim(
            "flattens-output-for-loss",
            "004 Loss",
            "output.view(output.shape[0]) gives an (N, 1) output the shape of the labels.",
            UPHELD,
            """
            output = torch.rand(20, 1)
            output.view(output.shape[0]).shape == (20,)
            """,
        ),
    ),
)
