"""What random operations share: the ways to seed them, and the distributions of their numbers."""

import numpy as np

from conformance.spec import CELL_DTYPE, COMPILED_MODES, FLOATS, Allowed, UnsupportedMode, real_of

PLACE = "'cpu' if device == 'meta' else device"
"""Where a generator is: there is none for meta, and one of the CPU serves there."""

GENERATOR = f"torch.Generator({PLACE}).manual_seed(seed)"
"""A generator of its own, so that the global one is left as it was."""

SEEDED = "the global generator after torch.manual_seed"
"""The title of a form that draws by the global generator."""

MODES = ("meta", "fake", "functionalize", *COMPILED_MODES)
"""Every mode that a call without a tensor has."""

ALONE = UnsupportedMode("vmap", RuntimeError, "vmap must be told by randomness= how its slices draw")


def has_elements(dtype, input, **rest):
    """There is a number to draw."""
    return input.numel > 0


DEFAULT = "a call with every argument left at its default"

NOT_COMPILED = tuple(
    UnsupportedMode(mode, RuntimeError, "torch.compile traces neither the making of a generator nor its seeding")
    for mode in COMPILED_MODES
)


def by_global_generator(call):
    """The statements that draw by the global generator, and leave it as it was."""
    return f"""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        drawn = {call}
    drawn
    """


def shapes(draw):
    """A shape, and a seed."""
    return {"size": draw.shape(), "seed": seeds(draw)}


def seeds(draw):
    """A small seed, any of 64 bits, or a negative one: torch takes all of them."""
    return draw.choice((draw.integer(0, 1000), draw.integer(0, 2**64 - 1), draw.integer(-(2**63), -1)))


def like(draw):
    """A tensor whose shape and strides count, now and then of another dtype than the numbers, and a seed."""
    kept = draw.choice((CELL_DTYPE,) * 6 + ("bool", "int64", "float32", "complex128"))
    return {"input": draw.tensor(draw.shape(), dtype=kept), "seed": seeds(draw)}


def by_part(allows):
    """What is allowed of an element, of both parts of a complex one."""

    def of_each(array):
        if array.dtype.kind == "c":
            return allows(array.real) & allows(array.imag)
        return allows(array)

    return of_each


def reads(call):
    """A call whose complex numbers are told as pairs of real ones."""
    return f"torch.view_as_real({call}) if dtype.is_complex else {call}"


# --- laws ---------------------------------------------------------------------------------------------------------


def drawn_twice(call):
    """Whether a generator that drew twice gave other numbers the second time."""
    return f"""
    generator = {GENERATOR}
    first, second = {call}, {call}
    torch.equal(first, second)
    """


def seeded_anew(call):
    """What a generator draws that is seeded after it drew."""
    return f"""
    generator = {GENERATOR}
    {call}
    generator.manual_seed(seed)
    {call}
    """


def has_last_bits(call, low):
    """Whether one of the numbers from `low` up to twice that, a power of two, has its last bit set."""
    return f"""
    drawn = {call}.double()
    near = drawn[(drawn >= {low}) & (drawn < {2 * low})]
    bool((near / ({low} * torch.finfo(dtype).eps) % 2 == 1).any())
    """


# --- distributions ------------------------------------------------------------------------------------------------

LARGEST = 8.66
"""How far from 0 a standard normal number is at most: the Box-Muller method gives sqrt(-2 log u), of a u that is 2**-54
or more (ATen, core/DistributionsHelper.h, normal_distribution)."""

PRECISION = dict(zip(FLOATS, (11, 8, 24, 53)))
LOWEST_EXPONENT = dict(zip(FLOATS, (-14, -126, -126, -1022)))


def rounded_to(dtype, cumulative, values):
    """The probabilities of a number at most as large as each value, and of one below it, if numbers of a continuous
    distribution are rounded to the nearest number of a dtype. `cumulative` is the distribution function."""
    below, above = neighbours(values, real_of(dtype))
    return cumulative((values + above) / 2), cumulative((values + below) / 2)


def neighbours(values, dtype):
    """The next numbers of a dtype below and above each value. A neighbour of a power of two is nearer on one side,
    which is left out: it is at most a quarter of the spacing."""
    _, exponents = np.frexp(values)
    exponents = np.where(values == 0, LOWEST_EXPONENT[dtype], np.maximum(exponents - 1, LOWEST_EXPONENT[dtype]))
    spacing = np.ldexp(1.0, exponents - PRECISION[dtype] + 1)
    return values - spacing, values + spacing


def normal_cumulative(values):
    """The distribution function of the standard normal distribution, within 1e-7 (Abramowitz and Stegun, Handbook of
    Mathematical Functions, 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(values))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    tail = np.exp(-values * values / 2) / np.sqrt(2 * np.pi) * series
    return np.where(values < 0, tail, 1 - tail)


def parts_cumulative(values):
    """The distribution function of each part of a complex number of variance 1."""
    return normal_cumulative(values * np.sqrt(2))


def uniform(shape):
    """Numbers of which nothing but the interval is promised."""
    return Allowed(shape, by_part(in_unit_interval), "numbers from 0 up to 1, and not 1 itself")


def standard_normal(shape):
    """Numbers of which nothing but the reach of float64 normal numbers is promised."""
    return Allowed(shape, by_part(in_reach), "numbers that are not further than 8.66 from 0")


def in_reach(array):
    return np.abs(array) < LARGEST


def of_standard_normal(values, dtype):
    """The standard normal distribution, rounded to the dtype; the parts of a complex number have half the variance."""
    return rounded_to(dtype, parts_cumulative if dtype.startswith("complex") else normal_cumulative, values)


def in_unit_interval(array):
    return (array >= 0) & (array < 1)


def of_unit_interval(values, dtype):
    """Multiples of 2**-24 (float64: of 2**-53), which are rounded to a half; one that would become 1 becomes 0 (ATen,
    native/cpu/DistributionTemplates.h, uniform_kernel; core/TransformationHelper.h, uniform_real)."""
    at_most, below = rounded_to(dtype, np.positive, values)
    lost = {"float16": 2.0**-12, "bfloat16": 2.0**-9}.get(dtype, 0.0)
    lost_to_zero = np.clip(at_most, 0, 1 - lost) + lost
    return np.where(values < 0, 0, lost_to_zero), np.where(values <= 0, 0, np.clip(below, 0, 1 - lost) + lost)


def of_ones(values, probability):
    """The probabilities of a number at most as large as each value, and of one below it, where 1 comes with a
    probability and 0 otherwise."""
    zero = 1 - probability
    numbers = values.astype(np.float64)
    at_most = np.select([numbers < 0, numbers < 1], [0.0, zero], 1.0)
    return at_most, np.select([numbers <= 0, numbers <= 1], [0.0, zero], 1.0)
