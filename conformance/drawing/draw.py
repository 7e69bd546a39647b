"""`Draw`: the words in which a spec's `arguments` function asks Hypothesis for one sample."""

from __future__ import annotations

from math import prod

from conformance.drawing import layouts, shapes
from conformance.drawing.shapes import Shape
from conformance.drawing.source import Source
from conformance.numeric.dtypes import DTYPES, INTEGERS, NUMBER_KINDS, WIDE_UNSIGNED, NumberKind, partners
from conformance.samples.sample import DTypeSample, TensorSample, Values
from conformance.samples.values import SEEDS
from conformance.samples.vocabulary import (
    CELL_DTYPE,
    LANDMARKS,
    LAYOUTS,
    VALUES,
    DtypeRole,
    Landmark,
    LayoutKind,
    Partner,
    SpecError,
    ValueKind,
    require_shape,
    require_tensor_dtype,
    require_word,
    require_words,
)

PARTNERS = max(len(partners(name)) for name in DTYPES)
"""The number of partners of the dtype that has most."""


class Draw(Source):
    """Draws the parts of one sample. Every method says what it shrinks to, and raises `SpecError` for arguments that
    mean nothing, such as the name of a layout that there is none of."""

    def shape(self, min_rank: int = 0, max_rank: int = 5, smallest: int = 0) -> Shape:
        """A shape whose sizes are at least `smallest`; shrinks to few, small dimensions."""
        if not 0 <= min_rank <= max_rank:
            raise SpecError(f"draw.shape: there are no ranks from {min_rank} to {max_rank}")
        return shapes.shape(self, min_rank, max_rank, smallest)

    def size(self, smallest: int = 0) -> int:
        """One small size."""
        return shapes.small_size(self, smallest)

    def dim(self, rank: int) -> int:
        """A dimension of a tensor of `rank`, counted from either end; shrinks to 0."""
        bound = max(rank, 1)
        return self.integer(-bound, bound - 1)

    def shape_and_dim(self, smallest: int = 0) -> tuple[Shape, int]:
        """A shape, and a dimension of it, counted from either end; in a third of all it is made a long one. Shrinks to
        few, small dimensions."""
        shape = self.shape(smallest=smallest)
        dim = self.dim(len(shape))
        return (shapes.lengthened(self, shape, dim), dim) if shape and self.integer(0, 2) == 2 else (shape, dim)

    def tensor_count(self, few: tuple[int, ...], most_elements: int) -> int:
        """How many tensors of up to `most_elements` elements are joined: one of `few`; small ones may be many."""
        many = most_elements <= shapes.FEW_ELEMENTS and self.integer(0, 15) == 15
        return self.choice(shapes.MANY if many else few)

    def dims(self, rank: int) -> tuple[int, ...]:
        """Some dimensions of a tensor of `rank`, none twice, from either end; shrinks to none."""
        chosen = self.integer(0, 2**rank - 1)
        picked = [place for place in range(rank) if chosen >> place & 1]
        negative = self.boolean()
        return tuple(place - rank if negative and place % 2 else place for place in picked)

    def broadcastable(self, target: Shape) -> Shape:
        """A shape that broadcasts to `target`."""
        return shapes.broadcastable(self, target)

    def expansion(self) -> tuple[Shape, Shape]:
        """A shape, and the sizes that it expands to, some of them -1."""
        return shapes.expansion(self)

    def mutually_broadcastable_shapes(self, count: int) -> tuple[Shape, ...]:
        """`count` shapes that broadcast together; shrinks to equal ones."""
        shape = self.shape()
        narrow = self.integer(0, 2**count - 1)
        return tuple(self.broadcastable(shape) if narrow >> place & 1 else shape for place in range(count))

    def factors(self, total: int) -> Shape:
        """A shape of exactly `total` elements."""
        return shapes.factors(self, total)

    def partition(self, total: int) -> tuple[int, ...]:
        """Whole numbers that add up to `total`; shrinks to `total` alone."""
        return shapes.partition(self, total)

    def partner(self, kinds: tuple[NumberKind, ...] = NUMBER_KINDS) -> DtypeRole:
        """The dtype of a tensor beside one of the cell's dtype: that itself, or one of some kinds of numbers that
        promotes with it; shrinks to the cell's own."""
        require_words("draw.partner: kinds", "kind of numbers", kinds, NUMBER_KINDS)
        place = self.integer(0, 8 + PARTNERS)
        return Partner(place - 9, kinds) if place > 8 else CELL_DTYPE

    def dtype(self, dtypes: tuple[str, ...]) -> DTypeSample:
        """One of `dtypes`, each in the words of `draw.tensor(dtype=…)`, as an argument; shrinks to the first."""
        for dtype in dtypes:
            require_tensor_dtype("draw.dtype: dtypes", dtype)
        return DTypeSample(self.choice(dtypes))

    def slice(self, size: int) -> slice:
        """A slice of a dimension of some size, whose step is above 0. Its ends may lie outside and count from the end;
        shrinks to `:`."""
        start, stop = (self.choice((None, 0, size - 1, -1, self.integer(-size - 2, size + 2))) for _ in range(2))
        return slice(start, stop, self.choice((None, 1, 2, 3, size + 1)))

    def promotable_dtypes(self, kinds: tuple[NumberKind, ...] = NUMBER_KINDS) -> tuple[DtypeRole, DtypeRole]:
        """The dtypes of two tensors: the cell's for both, or that and one of some kinds of numbers that promotes with
        it."""
        partner = self.partner(kinds) if self.boolean() else CELL_DTYPE
        if partner == CELL_DTYPE:
            return CELL_DTYPE, CELL_DTYPE
        return (CELL_DTYPE, partner) if self.boolean() else (partner, CELL_DTYPE)

    def tensor(
        self,
        shape: Shape,
        *,
        dtype: DtypeRole = CELL_DTYPE,
        kinds: tuple[ValueKind, ...] = VALUES,
        landmarks: tuple[Landmark, ...] = LANDMARKS,
        layout: tuple[LayoutKind, ...] = LAYOUTS,
    ) -> TensorSample:
        """A tensor of any layout, with landmarks placed at up to three positions; shrinks to contiguous 0, 1, 2, …"""
        require_shape("draw.tensor: shape", shape)
        require_tensor_dtype("draw.tensor: dtype", dtype)
        require_words("draw.tensor: kinds", "kind of values", kinds, VALUES)
        require_words("draw.tensor: landmarks", "landmark", landmarks, LANDMARKS, may_be_empty=True)
        require_words("draw.tensor: layout", "layout", layout, LAYOUTS)
        kind = self.choice(kinds)
        edits = self._edits(kind, landmarks)
        seed = self.integer(0, SEEDS - 1) if kind != "counting" else 0
        return TensorSample(shape, layouts.layout(self, shape, layout), Values(kind, seed, edits), dtype)

    def exactly_representable_tensor(self, shape: Shape, dtype: DtypeRole) -> TensorSample:
        """A tensor of values that every dtype has or rounds alike: what is asked is the dtype of the result."""
        return self.tensor(
            shape, dtype=dtype, kinds=("counting", "few", "normal"), landmarks=("0", "1", "-1"), layout=layouts.EAGER
        )

    def mixed_dtype_tensor(self, shape: Shape, dtype: DtypeRole) -> TensorSample:
        """A tensor that stands beside one of another dtype; a single number is one that every dtype has.

        torch says in which dtype a result comes, and not whether such a number is first rounded to it: beside a half
        tensor some devices do, and others compute in float32 (its maintainers promise neither: pytorch issue 63482).
        """
        if prod(shape) != 1:
            return self.tensor(shape, dtype=dtype)
        return self.tensor(shape, dtype=dtype, kinds=("few",), landmarks=("0", "1", "-0.0"))

    def nonzero_tensor(self, shape: Shape, *, dtype: DtypeRole = CELL_DTYPE) -> TensorSample:
        """A tensor of small and of any numbers, none of which is 0 in any dtype: a divisor."""
        require_shape("draw.nonzero_tensor: shape", shape)
        require_tensor_dtype("draw.nonzero_tensor: dtype", dtype)
        edits = self._edits("nonzero", ("1", "-1", "max", "next_after_one"))
        return TensorSample(
            shape, layouts.layout(self, shape), Values("nonzero", self.integer(0, SEEDS - 1), edits), dtype
        )

    def _edits(self, kind: str, landmarks: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
        if not landmarks:
            return ()
        if kind == "constant":
            place = self.integer(0, 2 * len(landmarks) - 1)
            return ((-1, landmarks[place - len(landmarks)]),) if place >= len(landmarks) else ()
        count = self.choice((0, 1, 0, 2, 0, 3))
        return tuple((self.integer(0, 99), self.choice(landmarks)) for _ in range(count))

    def index(self, shape: Shape, low: int, high: int, *, dtype: str = "int64") -> TensorSample:
        """Whole numbers from `low` up to but not including `high`, repeats and any order included.

        Where `high` is not above `low` there is no number to draw: the shape must hold no element.
        """
        require_shape("draw.index: shape", shape)
        require_word("draw.index: dtype", "dtype of whole numbers", dtype, INTEGERS + WIDE_UNSIGNED)
        if high <= low and 0 not in shape:
            raise SpecError(f"draw.index: there are no numbers from {low} up to {high} to fill the shape {shape} with")
        seed = self.integer(0, SEEDS - 1)
        layout = layouts.layout(self, shape, layouts.EAGER)
        return TensorSample(shape, layout, Values("index", seed, (), low, max(high, low + 1)), dtype)

    def distinct_index(self, shape: Shape, dim: int, low: int, high: int, *, dtype: str = "int64") -> TensorSample:
        """Whole numbers from `low` up to but not including `high` in any order, none of which comes twice along `dim`.
        The size there may not exceed their count, and they lie where no two places share memory."""
        require_shape("draw.distinct_index: shape", shape)
        require_word("draw.distinct_index: dtype", "dtype of whole numbers", dtype, INTEGERS + WIDE_UNSIGNED)
        if 0 not in shape and (shape[dim] if shape else 1) > high - low:
            raise SpecError(f"draw.distinct_index: numbers from {low} up to {high} repeat along dim {dim} of {shape}")
        layout = layouts.layout(self, shape, layouts.WRITABLE)
        values = Values("distinct", self.integer(0, SEEDS - 1), (), low, max(high, low + 1))
        return TensorSample(shape, layout, values, dtype)

    def fractions(self, shape: Shape, low: int = 0, high: int = 64, *, dtype: str = CELL_DTYPE) -> TensorSample:
        """Multiples of 1/64 from `low`/64 to `high`/64, both included, as every floating dtype has them up to 4:
        probabilities, weights, deviations."""
        require_shape("draw.fractions: shape", shape)
        require_tensor_dtype("draw.fractions: dtype", dtype)
        if not 0 <= low <= high <= 256:
            raise SpecError(f"draw.fractions: there are no multiples of 1/64 from {low} to {high} between 0 and 256")
        seed = self.integer(0, SEEDS - 1)
        layout = layouts.layout(self, shape, layouts.EAGER)
        return TensorSample(shape, layout, Values("fraction", seed, (), low, high + 1), dtype)

    def mask(self, shape: Shape) -> TensorSample:
        """A boolean tensor, from all False to all True."""
        require_shape("draw.mask: shape", shape)
        seed = self.integer(0, SEEDS - 1)
        density = self.choice((4, 8, 0, 1, 7))
        return TensorSample(shape, layouts.layout(self, shape), Values("mask", seed, (), 0, density), "bool")
