"""torch.split: cuts a tensor into views of given lengths along a dimension."""

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
    UnsupportedMode,
    dense,
    views,
)

from ._pieces import arrays_of, views_of


def arguments(draw: Draw):
    shape = draw.shape(min_rank=1)
    dim = draw.dim(len(shape))
    size = shape[dim]
    sections = list_of_lengths(draw, size) if draw.boolean() else one_length(draw, size)
    return {"input": draw.tensor(shape), "sections": sections, "dim": dim}


def one_length(draw: Draw, size: int) -> int:
    """At least a tenth of the size, so that the pieces stay few; 0 only where the size is 0."""
    return draw.integer(-(-size // 10), size + 2)


def list_of_lengths(draw: Draw, size: int) -> tuple[int, ...]:
    """Lengths that add up to the size, with a 0 at either end now and then, and for size 0 also none at all."""
    lengths = draw.partition(size)
    end = draw.choice(("as drawn", "0 last", "0 first", "none"))
    if end == "0 last":
        return (*lengths, 0)
    if end == "0 first":
        return (0, *lengths)
    return () if end == "none" and size == 0 else lengths


def pieces(size: int, sections) -> list[tuple[int, int]]:
    """Where each piece begins and ends. A size of 0 is one piece."""
    if isinstance(sections, int):
        starts = range(0, size, sections) if size else (0,)
        return [(start, min(start + sections, size)) for start in starts]
    return [(sum(sections[:place]), sum(sections[: place + 1])) for place in range(len(sections))]


def oracle(input, sections, dim):
    return arrays_of(input, pieces(input.shape[dim], sections), dim)


def geometry(input, sections, dim):
    return views_of(input, pieces(input.shape[dim], sections), dim)


def splits_nothing(dtype, input, sections, dim):
    """A size of 0 along the dimension, and one length."""
    return input.shape[dim] == 0 and isinstance(sections, int)


LISTED = "isinstance(sections, tuple)"
EVEN = "isinstance(sections, int)"


def workload(size):
    return {"input": dense((8, size // 8)), "sections": 1, "dim": 0}


spec = Spec(
    operation="torch.split",
    summary="Views of consecutive pieces along dim: of one length (the last may be shorter) or of listed lengths.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.split.html",
    arguments=arguments,
    forms=(
        Form("torch.split(input, sections, dim)"),
        Form("torch.split(tensor=input, split_size_or_sections=sections, dim=dim)"),
        Form("torch.split(input, sections)", when="dim == 0"),
        Form("torch.split(input, list(sections), dim)", when=LISTED),
        Form("input.split(sections, dim)"),
        Form("input.split(split_size=sections, dim=dim)"),
        Form("input.split(sections)", when="dim == 0"),
        Form("input.split(list(sections), dim)", when=LISTED),
        Form("torch.split_with_sizes(input, sections, dim)", when=LISTED),
        Form("torch.split_with_sizes(input=input, split_sizes=list(sections), dim=dim)", when=LISTED),
        Form("input.split_with_sizes(sections, dim)", when=LISTED),
        Form("input.split_with_sizes(sections)", when=LISTED + " and dim == 0"),
        # The unsafe one copies what carries a conjugate or negative bit.
        Form("torch.unsafe_split(input, sections, dim)", when=EVEN + " and input.layout.kind != 'lazy'"),
    ),
    dtypes=ALL,
    oracle=oracle,
    returns=SEVERAL,
    memory=views("input", geometry),
    unsupported_modes=(
        UnsupportedMode("vmap", RuntimeError, "unsafe_split has no batching rule", when="'unsafe_split' in form"),
    ),
    refusals=(
        Refusal("a length of 0", "torch.split(input, 0, dim)", RuntimeError, when="input.shape[dim] > 0"),
        Refusal("a length below 0", "torch.split(input, -1, dim)", RuntimeError),
        Refusal("a length below 0, by the method", "input.split(-2, dim)", RuntimeError),
        Refusal(
            "lengths that add up to less than the size",
            "torch.split(input, [input.shape[dim] - 1], dim)",
            RuntimeError,
            when="input.shape[dim] > 0",
        ),
        Refusal(
            "lengths that add up to more than the size", "torch.split(input, [input.shape[dim], 1], dim)", RuntimeError
        ),
        Refusal(
            "lengths that add up to more than the size, by the method",
            "input.split([1, input.shape[dim]], dim)",
            RuntimeError,
        ),
        Refusal(
            "lengths that add up to more than the size, by split_with_sizes",
            "torch.split_with_sizes(input, [1, input.shape[dim]], dim)",
            RuntimeError,
        ),
        Refusal("an empty list of lengths", "torch.split(input, [], dim)", RuntimeError, when="input.shape[dim] > 0"),
        Refusal(
            "a length below 0 that the others make up",
            "torch.split(input, [input.shape[dim] + 1, -1], dim)",
            RuntimeError,
        ),
        Refusal(
            "a length below 0 in front", "torch.split_with_sizes(input, [-1, input.shape[dim] + 1], dim)", RuntimeError
        ),
        Refusal("a dim past the last dimension", "torch.split(input, 1, input.dim())", IndexError),
        Refusal("a dim before the first dimension", "torch.split(input, 1, -input.dim() - 1)", IndexError),
        Refusal(
            "a dim past the last dimension, with a list of lengths",
            "torch.split(input, [input.shape[-1]], input.dim())",
            IndexError,
        ),
        Refusal(
            "a dim before the first dimension, with a list of lengths",
            "torch.split(input, [input.shape[0]], -input.dim() - 1)",
            IndexError,
        ),
        Refusal(
            "a tensor without dimensions",
            "torch.split(input[(0,) * input.dim()], 1)",
            RuntimeError,
            when="input.numel > 0",
        ),
        Refusal(
            "a tensor without dimensions, with a list of lengths",
            "torch.split(torch.ones((), dtype=dtype), [1])",
            RuntimeError,
        ),
        Refusal("a length that is no whole number", "torch.split(input, 2.0, dim)", TypeError),
        Refusal("True as the length", "torch.split(input, True, dim)", TypeError),
        Refusal("None as the length", "torch.split(input, None, dim)", TypeError),
        Refusal("a call without a length", "torch.split(input)", TypeError),
        Refusal(
            "a list of lengths that are no whole numbers",
            "torch.split(input, [float(input.shape[dim])], dim)",
            TypeError,
        ),
        Refusal("a tensor as the lengths", "torch.split(input, torch.tensor([input.shape[dim], 0]), dim)", TypeError),
        Refusal("a dim that is no whole number", "torch.split(input, sections, 0.0)", TypeError),
        Refusal("a list in place of the tensor", "torch.split([1, 2], 1)", (AttributeError, TypeError)),
    ),
    gradient=DATA_MOVEMENT,
    laws=(
        Law("cat undoes split", "torch.cat(torch.split(input, sections, dim), dim)", "input", when="sections != ()"),
        Law(
            "the method gives the function's views",
            "[part.data_ptr() for part in input.split(sections, dim)]",
            "[part.data_ptr() for part in torch.split(input, sections, dim)]",
        ),
        Law(
            "split_with_sizes gives the views of split",
            "[part.data_ptr() for part in torch.split_with_sizes(input, sections, dim)]",
            "[part.data_ptr() for part in torch.split(input, sections, dim)]",
            when=LISTED,
        ),
        Law(
            "the method split_with_sizes gives the views of split",
            "[part.data_ptr() for part in input.split_with_sizes(sections, dim)]",
            "[part.data_ptr() for part in torch.split(input, sections, dim)]",
            when=LISTED,
        ),
        Law(
            "a list of lengths gives pieces of those lengths",
            "[part.shape[dim] for part in torch.split(input, sections, dim)]",
            "list(sections)",
            when=LISTED,
        ),
        Law(
            "a length gives the pieces that a list of its lengths gives",
            "torch.split(input, sections, dim)",
            "torch.split(input, [part.shape[dim] for part in torch.split(input, sections, dim)], dim)",
        ),
    ),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
    predicates=(splits_nothing,),
)
