"""`Draw`: the words in which a spec's `arguments` function asks Hypothesis for one sample."""

from __future__ import annotations

from math import prod

from conformance.drawing import layouts, shapes
from conformance.drawing.shapes import Shape
from conformance.drawing.source import Source
from conformance.samples import values as value_kinds
from conformance.samples.sample import SUBJECT, TensorSample, Values


class Draw(Source):
    """Draws the parts of one sample. Every method says what it shrinks to."""

    def shape(self, min_rank: int = 0, max_rank: int = 5, smallest: int = 0) -> Shape:
        """A shape whose sizes are at least `smallest`; shrinks to few, small dimensions."""
        return shapes.shape(self, min_rank, max_rank, smallest)

    def size(self, smallest: int = 0) -> int:
        """One small size."""
        return shapes.small_size(self, smallest)

    def dim(self, rank: int) -> int:
        """A dimension of a tensor of `rank`, counted from either end; shrinks to 0."""
        bound = max(rank, 1)
        return self.integer(-bound, bound - 1)

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

    def shapes_together(self, count: int) -> tuple[Shape, ...]:
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

    def partner(self) -> str:
        """The dtype of a tensor that promotes with the cell's; shrinks to the cell's own."""
        place = self.integer(0, 20)
        return f"partner{place - 8}" if place > 8 else SUBJECT

    def dtypes_together(self) -> tuple[str, str]:
        """The dtypes of two tensors: mostly the cell's for both, else that and one that promotes with it."""
        partner = self.partner() if self.boolean() and self.boolean() else SUBJECT
        if partner == SUBJECT:
            return SUBJECT, SUBJECT
        return (SUBJECT, partner) if self.boolean() else (partner, SUBJECT)

    def tensor(
        self,
        shape: Shape,
        *,
        dtype: str = SUBJECT,
        kinds: tuple[str, ...] = value_kinds.KINDS,
        landmarks: tuple[str, ...] = value_kinds.LANDMARKS,
        layout: tuple[str, ...] = layouts.KINDS,
    ) -> TensorSample:
        """A tensor of any layout, with landmarks placed at up to three positions; shrinks to contiguous 0, 1, 2, …"""
        kind = self.choice(kinds)
        edits = self._edits(kind, landmarks)
        seed = self.integer(0, value_kinds.SEEDS - 1) if kind != "counting" else 0
        return TensorSample(shape, layouts.layout(self, shape, layout), Values(kind, seed, edits), dtype)

    def simple_tensor(self, shape: Shape, dtype: str) -> TensorSample:
        """A tensor of values that every dtype has or rounds alike: what is asked is the dtype of the result."""
        kinds = tuple(kind for kind in layouts.KINDS if kind != "lazy")
        return self.tensor(
            shape, dtype=dtype, kinds=("counting", "few", "normal"), landmarks=("0", "1", "-1"), layout=kinds
        )

    def tensor_beside(self, shape: Shape, dtype: str) -> TensorSample:
        """A tensor that stands beside one of another dtype; a single number is one that every dtype has.

        torch says in which dtype a result comes, and not whether such a number is first rounded to it: beside a half
        tensor some devices do, and others compute in float32 (its maintainers promise neither: pytorch issue 63482).
        """
        if prod(shape) != 1:
            return self.tensor(shape, dtype=dtype)
        return self.tensor(shape, dtype=dtype, kinds=("few",), landmarks=("0", "1", "-0.0"))

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
        seed = self.integer(0, value_kinds.SEEDS - 1)
        layout = layouts.layout(self, shape, tuple(kind for kind in layouts.KINDS if kind != "lazy"))
        return TensorSample(shape, layout, Values("index", seed, (), low, max(high, low + 1)), dtype)

    def mask(self, shape: Shape) -> TensorSample:
        """A boolean tensor, from all False to all True."""
        seed = self.integer(0, value_kinds.SEEDS - 1)
        density = self.choice((4, 8, 0, 1, 7))
        return TensorSample(shape, layouts.layout(self, shape), Values("mask", seed, (), 0, density), "bool")
