"""The values that fill tensors: pools of seeded values for each dtype, and landmarks.

A pool is made once for each dtype and kind, and a sample's seed is a position in it. Filling a tensor is then one
slice. A NumPy generator for each tensor would cost more than the call under test. The pools come from
`numpy.random.RandomState`, whose stream is frozen, so that a sample is the same with every NumPy.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from conformance.numeric.dtypes import DTYPES, Array, DType, real_of
from conformance.samples.sample import Values
from conformance.samples.vocabulary import LANDMARKS, VALUES

POOL = 1 << 17
SEEDS = 1 << 16

SPACED = 101
"""The number of values of kind "spaced". They are apart from each other and from 0, and so are their absolute
values."""

SPACED_STEP = 37
"""From one element to the next in the seed: one tensor goes on where another ends if its seed is so many times as many
steps further as that has elements."""

FINITE = tuple(name for name in LANDMARKS if name not in ("nan", "inf", "-inf"))


@cache
def landmark(dtype_name: str, name: str) -> Any:
    """The value of a landmark in a dtype, as a NumPy scalar. A dtype that lacks it has a similar value."""
    dtype = DTYPES[dtype_name]
    if dtype.kind == "complex":
        return _complex_landmark(dtype, name)
    if dtype.kind == "float":
        return dtype.numpy.type(_float_landmark(dtype, name))
    if dtype.kind == "bool":
        return np.bool_(name not in ("0", "-0.0", "lowest", "subnormal"))
    limits = np.iinfo(dtype.numpy)
    exact = {
        "max": limits.max,
        "lowest": limits.min,
        "inf": limits.max,
        "-inf": limits.min,
        "1": 1,
        "next_after_one": 2,
    }
    minus_one = -1 if dtype.kind == "signed" else limits.max
    return dtype.numpy.type({"-1": minus_one, **exact}.get(name, 0))


def _float_landmark(dtype: DType, name: str) -> float | np.longdouble:
    smallest = 2.0**dtype.lowest_exponent
    table = {
        "max": dtype.largest,
        "lowest": -dtype.largest,
        "subnormal": smallest * 2.0 ** (1 - dtype.precision),
        "tiny": smallest,
        "next_after_one": 1 + 2.0 ** (1 - dtype.precision),
    }
    return table[name] if name in table else float(name)


def _complex_landmark(dtype: DType, name: str) -> Any:
    part = landmark(real_of(dtype.name), name)
    return dtype.numpy.type(
        complex(part, 0.0 if name in ("nan", "inf", "0", "-0.0", "max", "subnormal") else float(part))
    )


@cache
def pool(dtype_name: str, kind: str) -> Array:
    """`POOL` values of a kind in a dtype, read-only."""
    dtype = DTYPES[dtype_name]
    if dtype.kind == "complex":
        real = pool(real_of(dtype_name), kind)
        made = np.empty(POOL, dtype.numpy)
        made.real, made.imag = real, np.roll(real, POOL // 2 + 17)
    else:
        random = np.random.RandomState(VALUES.index(kind) + 1)
        made = (_float_pool if dtype.kind == "float" else _exact_pool)(dtype, kind, random)
    made.setflags(write=False)
    return made


def _float_pool(dtype: DType, kind: str, random: np.random.RandomState) -> Array:
    if kind == "counting":
        exact_up_to = POOL if dtype.precision > 11 else 257
        return (np.arange(POOL) % exact_up_to).astype(dtype.numpy)
    if kind in ("few", "constant"):
        return (random.randint(-4, 5, POOL) / 2).astype(dtype.numpy)
    if kind == "normal":
        return random.standard_normal(POOL).astype(dtype.numpy)
    if kind == "log_uniform":
        exponents = random.uniform(dtype.lowest_exponent - 2, 1 - dtype.lowest_exponent, POOL)
        return np.asarray(np.exp2(exponents) * random.choice([-1, 1], POOL)).astype(dtype.numpy)
    return _with_landmarks(dtype, (random.randint(-4, 5, POOL) / 2).astype(dtype.numpy), random)


def _exact_pool(dtype: DType, kind: str, random: np.random.RandomState) -> Array:
    if dtype.kind == "bool":
        drawn = np.asarray(np.arange(POOL) % 2 == 1 if kind == "counting" else random.randint(0, 2, POOL) == 1)
        return (drawn * _true_bytes()).view(np.bool_) if kind == "landmarks" else drawn
    limits = np.iinfo(dtype.numpy)
    if kind == "counting":
        return (np.arange(POOL) % (min(limits.max, POOL) + 1)).astype(dtype.numpy)
    if kind in ("few", "constant"):
        return random.randint(-2 if dtype.kind == "signed" else 0, 3, POOL).astype(dtype.numpy)
    if kind == "normal":
        return np.frombuffer(random.bytes(POOL * dtype.numpy.itemsize), dtype.numpy).copy()
    if kind == "log_uniform":
        bits = random.uniform(0, dtype.numpy.itemsize * 8 - 1, POOL)
        made = np.exp2(bits).astype(np.uint64).astype(dtype.numpy)
        return made * random.choice(np.array([-1, 1], dtype.numpy), POOL) if dtype.kind == "signed" else made
    return _with_landmarks(dtype, random.randint(0, 3, POOL).astype(dtype.numpy), random)


def _with_landmarks(dtype: DType, base: Array, random: np.random.RandomState) -> Array:
    places = np.flatnonzero(random.random_sample(POOL) < 0.2)
    chosen = np.array([landmark(dtype.name, name) for name in LANDMARKS], dtype.numpy)
    base[places] = chosen[random.randint(0, len(chosen), len(places))]
    return base


@cache
def _true_bytes() -> Array:
    """Bytes that count as True in a tensor of booleans, which may be a view of other bytes: 1 or any but 0."""
    return np.random.RandomState(98).choice(np.array([1, 2, 128, 255], np.uint8), POOL)


@cache
def _nonzero_pool(dtype_name: str) -> Array:
    """Small numbers and any numbers by turns, none of them 0."""
    made = pool(dtype_name, "few").copy()
    made[::2] = pool(dtype_name, "normal")[::2]
    made[made == 0] = 1
    return made


@cache
def _uniform() -> Array:
    made: Array = np.asarray(np.random.RandomState(99).random_sample(POOL))
    made.setflags(write=False)
    return made


def fill(values: Values, dtype_name: str, count: int) -> Array:
    """A new array of `count` elements, without the edits."""
    if values.kind in ("index", "distinct", "fraction"):
        unit = _take(_uniform(), values.seed, count)
        numbers: Array = values.low + np.floor(unit * (values.high - values.low))
        return (numbers / (64 if values.kind == "fraction" else 1)).astype(DTYPES[dtype_name].numpy)
    if values.kind == "spaced":
        made = _spaced(values.seed, count, DTYPES[dtype_name])
        if values.low:
            np.abs(made.real, out=made.real)
        return made
    if values.kind == "nonzero":
        return _take(_nonzero_pool(dtype_name), values.seed, count)
    if values.kind == "mask":
        mask = np.asarray(_take(_uniform(), values.seed, count) < values.high / 8)
        return mask if values.seed % 4 else (mask * _take(_true_bytes(), values.seed, count)).view(np.bool_)
    source = pool(dtype_name, values.kind)
    if values.kind == "constant":
        return np.full(count, source[values.seed])
    start = 0 if values.kind == "counting" else values.seed
    return _take(source, start, count)


def distinct(values: Values, dtype_name: str, shape: tuple[int, ...]) -> Array:
    """Whole numbers from `low` up to `high` of which none comes twice along a dimension whose size does not
    exceed their count: each row goes on in one order where its neighbour begins one place later."""
    order = np.argsort(_take(_uniform(), values.seed, values.high - values.low), kind="stable")
    places = sum(np.indices(shape, sparse=True), np.zeros((1,) * len(shape), np.int64))
    numbers: Array = np.broadcast_to(values.low + order[places % len(order)], shape)
    return numbers.astype(DTYPES[dtype_name].numpy)


def _spaced(seed: int, count: int, dtype: DType) -> Array:
    """Numbers at least 1/16 apart from each other, with absolute values at least 1/32 apart."""
    places = (SPACED_STEP * np.arange(count) + seed) % SPACED
    numbers = (places - SPACED // 2 + 0.25) / 16
    return (numbers * np.exp(2.4j * places) if dtype.kind == "complex" else numbers).astype(dtype.numpy)


def _take(source: Array, start: int, count: int) -> Array:
    if start + count <= POOL:
        return source[start : start + count].copy()
    return np.resize(np.roll(source, -start), count)
