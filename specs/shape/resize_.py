"""torch.Tensor.resize_: the tensor itself in another size, whose elements are those of its storage in their order."""

from math import prod

import numpy as np

from conformance.spec import (
    ALL,
    COMPILED_MODES,
    Cost,
    Draw,
    Form,
    Law,
    Open,
    Refusal,
    Spec,
    UnsupportedMode,
    View,
    contiguous_strides,
    dense,
    views,
)


def arguments(draw: Draw):
    """A size that the storage has room for, now and then the one that the tensor has, or one of four dimensions."""
    input = draw.tensor(draw.shape())
    size = draw.factors(draw.integer(0, max(input.layout.storage - input.offset, 0)))
    which = draw.integer(0, 5)
    if which == 4:
        size = input.shape
    if which == 5:
        size = (*(1, 1, 1, 1), *size)[-4:] if len(size) < 5 else (*size[:3], prod(size[3:]))
    formats = (None, None, "contiguous_format", "channels_last" if len(size) == 4 else None)
    return {"input": input, "size": size, "memory_format": draw.choice(formats)}


def strides_of(size, memory_format):
    """Row-major, or the last dimensions before the second one."""
    if memory_format != "channels_last":
        return contiguous_strides(size)
    batch, row, column, channel = contiguous_strides((size[0], size[2], size[3], size[1]))
    return (batch, channel, row, column)


def geometry(input, size, memory_format):
    """The storage from the tensor's offset on, whatever its strides were. The size that it has leaves it as it is."""
    if size == input.shape:
        return [View(input.shape, input.strides, input.offset)]
    return [View(size, strides_of(size, memory_format), input.offset)]


def oracle(input, size, memory_format):
    """The elements that lie in the storage one behind the other. Those that the tensor did not show are left open."""
    if size == input.shape:
        return input
    kept, known = np.zeros(prod(size), input.dtype), np.zeros(prod(size), bool)
    places = positions(input.shape, tuple(stride // input.itemsize for stride in input.strides))
    within = places < kept.size
    kept[places[within]], known[places[within]] = input[within], True
    found = positions(size, strides_of(size, memory_format))
    return Open(kept[found], elements=~known[found])


def positions(shape, strides):
    """The place of each element in the storage."""
    return sum((at * stride for at, stride in zip(np.indices(shape), strides)), np.zeros(shape, np.int64))


def keeps_its_size_in_a_format(dtype, input, size, memory_format):
    """The size is that which the tensor has, and a memory format is given."""
    return size == input.shape and memory_format is not None


def is_lazy(dtype, input, size, memory_format):
    """The tensor is a negative or conjugate that was not computed yet."""
    return input.layout.lazy


def workload(size):
    return {"input": dense((size // 64, 64)), "size": (64, size // 64), "memory_format": None}


FORMAT = "memory_format and getattr(torch, memory_format)"
PLAIN = "memory_format is None"
FLOATING = "'float' in dtype or 'complex' in dtype"
ROW_MAJOR = "input.clone(memory_format=torch.contiguous_format)"
LEAF = f"{ROW_MAJOR}.requires_grad_()"

spec = Spec(
    operation="torch.Tensor.resize_",
    summary="Gives the tensor another size, row-major or in a memory format; its storage stays, or grows if it must.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.Tensor.resize_.html",
    arguments=arguments,
    forms=(
        Form(f"input[...].resize_(size, memory_format={FORMAT})"),
        Form(f"input.resize_(size, memory_format={FORMAT})", writes="input"),
        Form(f"input.resize_(size=size, memory_format={FORMAT})", writes="input"),
        Form("input.resize_(size)", when=PLAIN, writes="input"),
        Form("input.resize_(*size)", when=f"{PLAIN} and size", writes="input"),
        Form("input.resize_(list(size))", when=PLAIN, writes="input"),
        Form("input.resize_(torch.Size(size))", when=PLAIN, writes="input"),
        Form("input.resize_as_(torch.empty(size, device=device))", when=PLAIN, writes="input"),
        Form("torch.resize_as_(input, torch.empty(size, device=device))", when=PLAIN, writes="input"),
    ),
    dtypes=ALL,
    oracle=oracle,
    memory=views("input", geometry),
    # A slice of a batch has no storage of its own, nor has a functionalised tensor one.
    modes=("meta", "fake", *COMPILED_MODES),
    unsupported_modes=tuple(
        UnsupportedMode(mode, RuntimeError, "torch.compile does not trace the sizes of storages")
        for mode in COMPILED_MODES
    ),
    refusals=(
        Refusal(
            "a size that the memory of NumPy has no room for",
            "input.resize_(input.untyped_storage().nbytes() + 1, 1, 1, 1, 1, 1)",
            RuntimeError,
            devices=("cpu",),
        ),
        Refusal(
            "a leaf that requires gradients", f"{ROW_MAJOR}.requires_grad_().resize_(size)", RuntimeError, FLOATING
        ),
        Refusal("a result that gradients go through", f"({LEAF} * 1).resize_(size)", RuntimeError, FLOATING),
        Refusal("a negative size", f"{ROW_MAJOR}.resize_(2, -1)", RuntimeError),
        Refusal("more elements than 64 bits count", f"{ROW_MAJOR}.resize_(2**62, 4)", RuntimeError),
        Refusal("a size that 64 bits do not hold", "input.resize_(2**70)", TypeError),
        Refusal("a fraction as a size", "input.resize_(2.0)", TypeError),
        Refusal("True as the size", "input.resize_(True)", TypeError),
        Refusal("a string as the size", "input.resize_('2')", TypeError),
        Refusal("None among the sizes", "input.resize_((2, None))", TypeError),
        Refusal("a tuple and a number as the size", "input.resize_((2, 3), 4)", TypeError),
        Refusal("a call without a size", "input.resize_()", TypeError),
        Refusal("a memory format by its name", "input.resize_(size, memory_format='channels_last')", TypeError),
        Refusal(
            "channels_last for a size without four dimensions",
            f"{ROW_MAJOR}.resize_(0, 3, memory_format=torch.channels_last)",
            RuntimeError,
        ),
        Refusal("preserve_format", f"{ROW_MAJOR}.resize_(0, 3, memory_format=torch.preserve_format)", RuntimeError),
        Refusal("resize_as_ with a size", "input.resize_as_((2, 3))", TypeError),
    ),
    laws=(
        Law(
            "a larger size keeps the elements",
            f"{ROW_MAJOR}.resize_(2, input.numel() + 3).flatten()[:input.numel()]",
            "input.flatten()",
        ),
        Law(
            "a larger size makes the storage as large as it must be",
            f"{ROW_MAJOR}.resize_(2, input.numel() + 3).untyped_storage().nbytes()",
            "2 * (input.numel() + 3) * input.element_size()",
        ),
        Law(
            "a smaller size keeps the storage",
            f"{ROW_MAJOR}.resize_(0).untyped_storage().nbytes()",
            "input.numel() * input.element_size()",
        ),
        Law(
            "elements that a smaller size left out come back",
            f"{ROW_MAJOR}.resize_(0, 7).resize_(input.shape)",
            "input",
        ),
        Law(
            "a part that outgrows the storage takes the whole along",
            f"""
            whole = {ROW_MAJOR}.flatten()
            part = whole[1:].resize_(input.numel() + 5)
            part.data_ptr() - whole.data_ptr()
            """,
            "input.element_size()",
            when="input.numel",
        ),
        Law(
            "a tensor on the same memory keeps its size",
            f"(other := (whole := {ROW_MAJOR}).view(input.shape), whole.resize_(0), other)[2]",
            "input",
        ),
    ),
    predicates=(is_lazy, keeps_its_size_in_a_format),
    cost=Cost(workload=workload, reference="view", growth_exponent=0.0),
)
