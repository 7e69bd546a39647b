"""What broadcast_to and expand have in common: a view in larger sizes, of which -1 keeps the input's own."""

from conformance.spec import View, broadcast_strides


def filled_in(input, sizes):
    """The sizes with the input's own in place of each -1."""
    own = (1,) * (len(sizes) - len(input.shape)) + tuple(input.shape)
    return tuple(have if size == -1 else size for have, size in zip(own, sizes))


def expanded(input, sizes):
    """Where the view lies: in the input's memory, with stride 0 where it repeats."""
    shape = filled_in(input, sizes)
    return [View(shape, broadcast_strides(input.shape, input.strides, shape), input.offset)]
