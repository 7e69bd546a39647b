"""What reshape and view have in common: a size of -1, which stands for what the others leave over."""

import numpy as np


def with_one_left_open(draw, shape):
    """The shape, now and then with -1 in the place of one size, where the others say what it is."""
    if shape and draw.boolean():
        place = draw.integer(0, len(shape) - 1)
        if 0 not in (*shape[:place], *shape[place + 1 :]):
            return (*shape[:place], -1, *shape[place + 1 :])
    return shape


def filled_in(input, shape):
    """The shape with the size that is left over in the place of -1."""
    known = int(np.prod([size for size in shape if size != -1]))
    return tuple(input.numel // known if size == -1 else size for size in shape)
