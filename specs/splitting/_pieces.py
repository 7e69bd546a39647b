"""What chunk and split have in common: a tensor cut into pieces along a dimension."""

import numpy as np

from conformance.spec import View


def arrays_of(input, pieces, dim):
    """The pieces of an array, given as pairs of where each begins and ends along `dim`."""
    return [np.take(input, range(*piece), axis=dim) for piece in pieces]


def views_of(input, pieces, dim):
    """Where the same pieces lie in the memory of the input."""
    place = dim % input.rank
    return [
        View(
            (*input.shape[:place], end - start, *input.shape[place + 1 :]),
            input.strides,
            input.offset + start * input.strides[place],
        )
        for start, end in pieces
    ]
