"""Nested sequences of numbers, of which tensors are made."""

from math import prod

from ._numbers import COMPLEX_NUMBERS, FRACTIONS, WHOLE, takes_number

SMALL = (0, 1, -1, 2, 7, 100)
KINDS = {
    "bool": (True, False),
    "int": SMALL,
    "any int": WHOLE,
    "float": FRACTIONS,
    "int and float": (*SMALL, 0.5, -2.75, 0.1),
    "bool and int": (True, False, *SMALL),
    "complex": (*COMPLEX_NUMBERS, 0.5, 2),
}
INFERRED = {"bool": "bool", "int": "int64", "any int": "int64", "bool and int": "int64", "complex": "complex64"}
"""The dtype that is inferred from numbers of each kind; float32 from those that are not named."""


def sequence(draw, kind, shape):
    """A nested tuple of numbers of a kind, which begin anywhere among them; a number alone for no dimensions."""
    numbers = KINDS[kind]
    start = draw.integer(0, len(numbers) - 1)
    flat = [numbers[(start + place) % len(numbers)] for place in range(prod(shape))]
    return nested(flat, shape)


def nested(flat, shape):
    if not shape:
        return flat[0]
    length = prod(shape[1:])
    return tuple(nested(flat[place * length : (place + 1) * length], shape[1:]) for place in range(shape[0]))


def shape_of(draw):
    """Mostly small, sometimes one long dimension; 0 in front leaves nothing of the sizes behind it."""
    if draw.integer(0, 5) == 5:
        return (draw.choice((33, 65, 129, 1025)),)
    sizes = tuple(draw.size() for _ in range(draw.integer(0, 3)))
    return sizes[: sizes.index(0) + 1] if 0 in sizes else sizes


def kind_of(draw, shape):
    """A mixed kind is one only where all its numbers are met."""
    kind = draw.choice(tuple(KINDS))
    if not prod(shape):
        return "empty"
    return kind if prod(shape) >= len(KINDS[kind]) else draw.choice(("bool", "int", "any int", "float"))


def numbers_in(data):
    """All numbers of a nested tuple."""
    return [number for part in data for number in numbers_in(part)] if isinstance(data, tuple) else [data]


def takes_all(dtype, data):
    """Whether each number can be converted to a dtype."""
    return all(takes_number(dtype, number) for number in set(numbers_in(data)))
