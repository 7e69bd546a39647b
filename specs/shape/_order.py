"""What permute, t and transpose have in common: the dimensions of a tensor in another order."""

import numpy as np

from conformance.spec import View


def array_in_order(array, order):
    """The array with its dimensions in an order, which names each of them by its place from the front."""
    return np.transpose(array, order)


def view_in_order(input, order):
    """Where the same tensor lies: sizes and strides change places together."""
    shape, strides = (tuple(values[place] for place in order) for values in (input.shape, input.strides))
    return [View(shape, strides, input.offset)]
