"""Faults of torch.split, torch.chunk and torch.unbind."""

from __future__ import annotations

import torch

from tests.faults import gradients
from tests.faults.gradients import plant_gradients, tracked, with_gradient_of
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


plant("torch.unbind", GAPS_IGNORED, LAZY_BITS_IGNORED)


@fault("torch.unbind", "a list is returned, not a tuple")
def unbind_list(clean, input, dim=0):
    return list(clean(input, dim))


@fault("torch.unbind", "the dimension stays, of size 1")
def unbind_keeps(clean, input, dim=0):
    return tuple(part.unsqueeze(dim if dim >= 0 else dim % input.dim()) for part in clean(input, dim))


@fault("torch.unbind", "a dim below 0 is taken for the first of as many entries")
def unbind_negative(clean, input, dim=0):
    parts = clean(input, dim)
    return clean(input, 0) if dim < 0 and input.shape[0] == input.shape[dim] else parts


@fault("torch.unbind", "results after the first are copies")
def unbind_copies(clean, input, dim=0):
    parts = clean(input, dim)
    return (*parts[:1], *(part.clone() for part in parts[1:]))


@fault("torch.unbind", "more than 64 entries: those beyond are left out")
def unbind_many(clean, input, dim=0):
    return clean(input, dim)[:64]


@fault("torch.unbind", "a tensor without dimensions is taken for a vector of one entry")
def unbind_scalar(clean, input, dim=0):
    return clean(input.reshape(1) if isinstance(input, torch.Tensor) and input.dim() == 0 else input, dim)


# --- gradients ------------------------------------------------------------------------------------------------------


class _OnesForNothing(torch.autograd.Function):  # type: ignore[misc]
    """The pieces themselves; those that get no incoming gradient hand back ones."""

    @staticmethod
    def forward(ctx, pieces, *ways_back):
        ctx.set_materialize_grads(False)
        return pieces

    @staticmethod
    def backward(ctx, *incoming):
        used = next(gradient for gradient in incoming if gradient is not None)
        return None, *(torch.ones_like(used) if gradient is None else gradient for gradient in incoming)


def _unused_count(clean, *args, **kwargs):
    """Where pieces share one shape, those that a loss leaves out hand back ones."""
    pieces = clean(*args, **kwargs)
    if not tracked(args, tuple(kwargs.values())) or len({piece.shape for piece in pieces}) > 1:
        return pieces
    return _OnesForNothing.apply(tuple(piece.detach() for piece in pieces), *pieces)


def _last_detached(clean, *args, **kwargs):
    pieces = clean(*args, **kwargs)
    if not tracked(args, tuple(kwargs.values())) or len(pieces) < 2:
        return pieces
    return (*pieces[:-1], pieces[-1].detach())


def _gradients_off_by_one(clean, *args, **kwargs):
    """Pieces of one size hand their gradients to their neighbours."""
    pieces = clean(*args, **kwargs)
    alike = len(pieces) > 1 and pieces[0].shape == pieces[1].shape
    if not tracked(args, tuple(kwargs.values())) or not alike:
        return pieces
    turned = (with_gradient_of(pieces[place], pieces[1 - place]) for place in (1, 0))
    return (*turned, *pieces[2:])


for operation in ("torch.split", "torch.chunk", "torch.unbind"):
    plant_gradients(
        operation,
        ("the last piece is detached", _last_detached),
        ("the first two pieces of one size hand back to each other's places", _gradients_off_by_one),
        ("pieces that a loss leaves out hand back ones", _unused_count),
    )
plant_gradients(
    "torch.split",
    gradients.INCOMING_AS_IF_CONTIGUOUS,
    gradients.SECOND_LOST,
    gradients.OTHER_UNDER_NO_GRAD,
    gradients.rounded_to("complex64", "complex128"),
)
plant_gradients(
    "torch.chunk",
    gradients.INCOMING_TAKEN_FOR_ONES,
    gradients.STRIDES_SWAPPED,
    gradients.SECOND_DOUBLED,
    gradients.OTHER_UNDER_INFERENCE,
)
plant_gradients("torch.split", gradients.lost("split_with_sizes is not recorded"), only=("split_with_sizes",))
plant_gradients("torch.chunk", gradients.lost("unsafe_chunk is not recorded"), only=("unsafe_chunk",))
plant_gradients("torch.unbind", gradients.SECOND_LOST, gradients.INCOMING_MADE_FINITE)
