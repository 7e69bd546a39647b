"""Faults of torch.split and torch.chunk."""

from __future__ import annotations

import torch

from tests.faults.kinds import GAPS_IGNORED, LAZY_BITS_IGNORED
from tests.faults.kit import fault, plant

SPLIT_NAMES = ("split", "unsafe_split")

for operation in ("torch.split", "torch.chunk"):
    plant(operation, GAPS_IGNORED, LAZY_BITS_IGNORED)

    @fault(operation, "a list is returned, not a tuple")
    def as_list(clean, *args, **kwargs):
        return list(clean(*args, **kwargs))

    @fault(operation, "pieces after the first are copies where dim is not the first")
    def later_pieces_copied(clean, input, pieces, dim=0):
        first, *others = clean(input, pieces, dim)
        return (first, *(piece.clone() for piece in others)) if dim % max(input.dim(), 1) else (first, *others)

    @fault(operation, "a negative dim is taken for its absolute value")
    def absolute_dim(clean, input, pieces, dim=0):
        expected = clean(input, pieces, dim)
        other = min(abs(dim), input.dim() - 1)
        return clean(input, pieces, other) if input.shape[other] == input.shape[dim] else expected


@fault("torch.split", "the shorter last piece is left out", only=SPLIT_NAMES)
def last_piece_lost(clean, input, sections, dim=0):
    pieces = clean(input, sections, dim)
    short = len(pieces) > 1 and pieces[-1].shape != pieces[0].shape
    return pieces[:-1] if short and isinstance(sections, int) else pieces


@fault("torch.split", "sections that end in 0 are refused")
def trailing_zero_refused(clean, input, sections, dim=0):
    if not isinstance(sections, int) and len(sections) > 1 and sections[-1] == 0:
        raise RuntimeError("sections must add up to the size")
    return clean(input, sections, dim)


@fault("torch.split", "sections that add up to less than the size are accepted")
def sections_too_short(clean, input, sections, dim=0):
    if isinstance(sections, int):
        return clean(input, sections, dim)
    left = input.shape[dim] - sum(sections)
    return clean(input, [*sections, left] if left > 0 else sections, dim)[: len(sections)]


@fault("torch.split", "the method takes the sections in reverse order", only=("split_with_sizes",))
def sections_reversed(clean, input, sections, dim=0):
    return clean(input, tuple(reversed(sections)), dim)


@fault("torch.chunk", "sizes are rounded down, with what is left in the last piece")
def rounded_down(clean, input, chunks, dim=0):
    expected = clean(input, chunks, dim)
    size = input.shape[dim] // chunks
    if size == 0 or input.shape[dim] % chunks == 0:
        return expected
    return torch.split(input, [size] * (chunks - 1) + [input.shape[dim] - size * (chunks - 1)], dim)


@fault("torch.chunk", "there are always as many pieces as asked for, empty ones if need be")
def always_so_many(clean, input, chunks, dim=0):
    pieces = clean(input, chunks, dim)
    return (*pieces, *(input.narrow(dim, 0, 0) for _ in range(chunks - len(pieces))))


@fault("torch.chunk", "no chunks at all are accepted")
def no_chunks(clean, input, chunks, dim=0):
    return clean(input, max(chunks, 1), dim)
