"""Faults of random operations."""

from __future__ import annotations

from typing import Any

import torch

from tests.faults.kit import Clean, fault, plant, spoil, tensors_in

# --- kinds that several operations can have -----------------------------------------------------------------------


def _drawn(title, change):
    """The operation draws well and then makes `change` to its numbers."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        return spoil(clean(*args, **kwargs), change)

    return title, body


def _numbers(title, dtype, change):
    """As `_drawn`, in one dtype."""
    return _drawn(title, lambda tensor: change(tensor) if tensor.dtype == dtype else tensor)


def _seed_ignored(clean: Clean, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
    given = {} if generator is None else {"generator": torch.Generator(generator.device).manual_seed(1)}
    return clean(*args, **given, **kwargs)


def _global_in_place_of_generator(clean: Clean, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
    return clean(*args, **kwargs)


def _not_moved_on(clean: Clean, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
    if generator is None:
        return clean(*args, **kwargs)
    before = generator.get_state()
    result = clean(*args, generator=generator, **kwargs)
    generator.set_state(before)
    return result


def _some_drawn_twice(clean: Clean, *args: Any, generator: Any = None, **kwargs: Any) -> Any:
    """Results of more than 64 elements are drawn once more, by a stream that has moved on, in every other call."""
    if generator is None:
        return clean(*args, **kwargs)
    result = clean(*args, generator=generator, **kwargs)
    many = result.numel() > 64 and clean.calls % 2
    return clean(*args, generator=generator, **kwargs) if many else result


def _lane_repeated(tensor: torch.Tensor) -> torch.Tensor:
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    flat = wrong.view(-1)
    whole = flat[: flat.numel() // 8 * 8]
    whole[7::8] = whole[6::8].clone()
    return wrong


def _second_half_repeats(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.numel() <= 1000:
        return tensor
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    flat, half = wrong.view(-1), tensor.numel() // 2
    flat[half : 2 * half] = flat[:half].clone()
    return wrong


def _as_real(tensor: torch.Tensor) -> torch.Tensor:
    return torch.complex(tensor.real, tensor.real) if tensor.is_complex() else tensor


SEED_IGNORED = ("the seed of a generator is ignored", _seed_ignored)
GLOBAL_IN_PLACE_OF_GENERATOR = ("the global generator is used in place of the one given", _global_in_place_of_generator)
NOT_MOVED_ON = ("a generator is left as it was, so that it gives the same numbers again", _not_moved_on)
VARIES = ("many numbers are others in every other call", _some_drawn_twice)
LANE_REPEATED = _drawn("the last number of each eight repeats the one before", _lane_repeated)
SECOND_HALF_REPEATS = _drawn("the second half of more than 1000 numbers repeats the first", _second_half_repeats)
PARTS_EQUAL = _drawn("both parts of a complex number are the same", _as_real)
STREAM = (SEED_IGNORED, GLOBAL_IN_PLACE_OF_GENERATOR, NOT_MOVED_ON, VARIES)

# --- rand ---------------------------------------------------------------------------------------------------------


def _one_included(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_complex() else torch.where(tensor > 1 - 2**-11, torch.ones_like(tensor), tensor)


def _coarser(tensor: torch.Tensor) -> torch.Tensor:
    return (tensor * 256).floor() / 256


def _through_float32(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.float().double().clamp(max=1 - 2**-24)


UNIFORM = (
    *STREAM,
    LANE_REPEATED,
    SECOND_HALF_REPEATS,
    PARTS_EQUAL,
    _drawn("1 is among the numbers", _one_included),
    _numbers("float16 is drawn on a coarser grid", torch.float16, _coarser),
    _numbers("float64 has the digits of float32", torch.float64, _through_float32),
    _numbers("float32 numbers are drawn towards 0", torch.float32, lambda tensor: tensor**1.06),
    _numbers("bfloat16 numbers leave out the first 64th", torch.bfloat16, lambda tensor: tensor.clamp(min=2**-6)),
)
plant("torch.rand", *UNIFORM)


@fault("torch.rand", "numbers of more than 16 elements begin one later in the stream", only=("rand",))
def shifted(clean, size, *, generator=None, **rest):
    if generator is None or len(tensors_in(rest.get("out"))) or torch.Size(size).numel() <= 16:
        return clean(size, generator=generator, **rest)
    clean(1, generator=generator, **rest)
    return clean(size, generator=generator, **rest)
