"""torch.narrow: a view of some consecutive entries along one dimension."""

from conformance.spec import (
    ALL,
    COMPILED_MODES,
    DATA_MOVEMENT,
    WIDE_UNSIGNED,
    Cost,
    Draw,
    Form,
    Law,
    Refusal,
    Spec,
    UnsupportedMode,
    View,
    dense,
    views,
)


def arguments(draw: Draw):
    """`start` counts from either end; `position` is the same number as a tensor without dimensions."""
    shape = draw.shape(min_rank=1)
    dim = draw.dim(len(shape))
    size = shape[dim]
    start = draw.integer(0, size)
    length = draw.choice((size - start, draw.integer(0, size - start)))
    if start < size and draw.boolean():
        start -= size
    return {
        "input": draw.tensor(shape),
        "dim": dim,
        "start": start,
        "length": length,
        "position": draw.index((), start, start + 1, dtype=draw.choice(("int64", "int32"))),
    }


def first(size, start):
    """The place of the first entry, counted from the front."""
    return start + size if start < 0 else start


def oracle(input, dim, start, length, position):
    begin = first(input.shape[dim], start)
    place = dim % input.ndim
    return input[(slice(None),) * place + (slice(begin, begin + length),)]


def geometry(input, dim, start, length, position):
    place = dim % input.rank
    shape = (*input.shape[:place], length, *input.shape[place + 1 :])
    return [View(shape, input.strides, input.offset + first(input.shape[dim], start) * input.strides[place])]


def workload(size):
    shape = (size // 64, 64)
    position = dense((), "index", "int64", high=1)
    return {"input": dense(shape), "dim": 1, "start": 0, "length": 32, "position": position}


spec = Spec(
    operation="torch.narrow",
    summary="A view of `length` entries along dim from `start` on, which counts from either end.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.narrow.html",
    arguments=arguments,
    forms=(
        Form("torch.narrow(input, dim, start, length)"),
        Form("torch.narrow(input=input, dim=dim, start=start, length=length)"),
        Form("torch.narrow(input, dim, position, length)"),
        Form("torch.narrow(input=input, dim=dim, start=position, length=length)"),
        Form("input.narrow(dim, start, length)"),
        Form("input.narrow(dim=dim, start=start, length=length)"),
        Form("input.narrow(dim, position, length)"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    unsupported_modes=(
        *(
            UnsupportedMode(mode, RuntimeError, "the view depends on a value of a tensor", when="'position' in form")
            for mode in ("meta", "fake", "vmap", *COMPILED_MODES)
        ),
    ),
    refusals=(
        Refusal("a length below 0", "torch.narrow(input, dim, 0, -1)", RuntimeError),
        Refusal(
            "a length past the end from the first entry",
            "torch.narrow(input, dim, 0, input.shape[dim] + 1)",
            RuntimeError,
        ),
        Refusal(
            "a length past the end from a later entry",
            "torch.narrow(input, dim, 1, input.shape[dim])",
            RuntimeError,
            when="input.shape[dim] > 0",
        ),
        Refusal(
            "a length past the end from an entry counted from there",
            "input.narrow(dim, -1, 2)",
            RuntimeError,
            when="input.shape[dim] > 0",
        ),
        Refusal("a start past the end", "torch.narrow(input, dim, input.shape[dim] + 1, 0)", IndexError),
        Refusal("a start before the first entry", "torch.narrow(input, dim, -input.shape[dim] - 1, 0)", IndexError),
        Refusal("a dim past the last dimension", "torch.narrow(input, input.dim(), 0, 0)", IndexError),
        Refusal("a dim before the first dimension", "torch.narrow(input, -input.dim() - 1, 0, 0)", IndexError),
        Refusal("a tensor without dimensions", "torch.narrow(torch.ones((), dtype=dtype), 0, 0, 1)", RuntimeError),
        Refusal(
            "a start of one entry in a vector", "torch.narrow(input, dim, position.reshape(1), length)", RuntimeError
        ),
        Refusal(
            "a start that is a floating tensor", "torch.narrow(input, dim, position.double(), length)", RuntimeError
        ),
        Refusal("a start that is a boolean tensor", "torch.narrow(input, dim, position > 0, 0)", RuntimeError),
        Refusal("a start that is no whole number", "torch.narrow(input, dim, 0.0, 0)", TypeError),
        Refusal("a length that is no whole number", "torch.narrow(input, dim, 0, 0.0)", TypeError),
        Refusal("a call without a length", "torch.narrow(input, dim, 0)", TypeError),
        Refusal("a list in place of the tensor", "torch.narrow([1, 2], 0, 0, 1)", TypeError),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law(
            "the entries before, within and behind make up the tensor",
            "torch.cat((input.narrow(dim, 0, (begin := start % max(input.shape[dim], 1) if start < 0 else start)),"
            " torch.narrow(input, dim, start, length),"
            " input.narrow(dim, begin + length, input.shape[dim] - begin - length)), dim)",
            "input",
        ),
        Law("all entries make up the tensor", "torch.narrow(input, dim, 0, input.shape[dim])", "input"),
        Law("narrow keeps the strides", "torch.narrow(input, dim, start, length).stride()", "input.stride()"),
        Law(
            "an entry alone is a select",
            "torch.narrow(input, dim, start, 1).squeeze(dim)",
            "input.select(dim, start)",
            when="length > 0",
        ),
        Law(
            "narrowing is an index_select of consecutive positions",
            "torch.narrow(input, dim, start, length)",
            "torch.index_select(input, dim, torch.arange(length) + (start + input.shape[dim]) % input.shape[dim])",
            when=f"input.shape[dim] > 0 and length > 0 and dtype not in {WIDE_UNSIGNED}",
        ),
        Law(
            "narrow_copy has the entries in memory of its own",
            "torch.narrow_copy(input, dim, start, length)",
            "torch.narrow(input, dim, start, length)",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
