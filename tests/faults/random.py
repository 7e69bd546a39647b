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


# --- randn --------------------------------------------------------------------------------------------------------


def _to_five(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_complex() else torch.where(tensor.abs() < 2**-6, torch.zeros_like(tensor), tensor)


def _with_all_of_the_variance(tensor: torch.Tensor) -> torch.Tensor:
    return tensor * 2**0.5 if tensor.is_complex() else tensor


def _few_are_infinite(tensor: torch.Tensor) -> torch.Tensor:
    return torch.where(tensor.real > 2.5, tensor * torch.inf, tensor)


NORMAL = (
    *STREAM,
    LANE_REPEATED,
    SECOND_HALF_REPEATS,
    PARTS_EQUAL,
    _drawn("the variance is 1.05", lambda tensor: tensor * 1.05**0.5),
    _numbers("float64 numbers have a mean of 0.04", torch.float64, lambda tensor: tensor + 0.04),
    _numbers("float16 numbers have 8 digits", torch.float16, lambda tensor: tensor.bfloat16().half()),
    _numbers("float64 has the digits of float32", torch.float64, lambda tensor: tensor.float().double()),
    _numbers("the numbers are those of a sum of 12 uniform ones", torch.float32, lambda tensor: tensor.clamp(-2, 2)),
    _drawn("each part of a complex number has all of the variance", _with_all_of_the_variance),
    _drawn("the logarithm of 0 is infinite", _few_are_infinite),
)
plant("torch.randn", *NORMAL)
plant("torch.randn_like", *NORMAL)
plant("torch.rand_like", *UNIFORM)


@fault("torch.randn", "fewer than 16 numbers are drawn towards 0")
def towards_zero(clean, *args, **rest):
    result = clean(*args, **rest)
    return spoil(result, lambda tensor: tensor * 0.5 if tensor.numel() < 16 else tensor)


# --- randint ------------------------------------------------------------------------------------------------------


def _range_of(args: Any, kwargs: Any) -> tuple[int, int]:
    """The bounds among the arguments of randint, random_ and randint_like."""
    given = [one for one in args if type(one) is int]
    high = kwargs.get("high", given[-1] if given else 0)
    return kwargs.get("low", given[0] if len(given) > 1 else 0), high


def _ranged(title, change):
    """`change(tensor, low, high)` is made to the numbers."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        low, high = _range_of(args, kwargs)
        return spoil(clean(*args, **kwargs), lambda tensor: change(tensor, low, high))

    return title, body


def _high_included(tensor: torch.Tensor, low: int, high: int) -> torch.Tensor:
    if tensor.dtype in (torch.bool, torch.uint32) or abs(high) > 100:
        return tensor
    return torch.where((tensor == high - 1) & (torch.arange(tensor.numel()).view(tensor.shape) % 2 == 0), high, tensor)


def _last_never_drawn(tensor: torch.Tensor, low: int, high: int) -> torch.Tensor:
    if high - low < 2 or tensor.dtype in (torch.uint16, torch.uint32, torch.uint64):
        return tensor
    return torch.where(tensor == high - 1, torch.tensor(low, dtype=tensor.dtype), tensor)


def _towards_low(tensor: torch.Tensor, low: int, high: int) -> torch.Tensor:
    if tensor.dtype != torch.int32:
        return tensor
    return torch.minimum(tensor, low + (tensor.flip(-1) - low) % max((high - low) // 2, 1)) if tensor.dim() else tensor


def _fractions(tensor: torch.Tensor, low: int, high: int) -> torch.Tensor:
    return tensor + 0.25 if tensor.dtype == torch.float64 and high - low < 1000 else tensor


def _of_32_bits(tensor: torch.Tensor, low: int, high: int) -> torch.Tensor:
    return tensor % 2**32 if tensor.dtype == torch.int64 and low == 0 else tensor


WHOLE_NUMBERS = (
    *STREAM,
    LANE_REPEATED,
    SECOND_HALF_REPEATS,
    _ranged("high is among the numbers", _high_included),
    _ranged("the last number of the range is never drawn", _last_never_drawn),
    _ranged("int32 numbers are drawn towards low", _towards_low),
    _ranged("float64 numbers are not whole", _fractions),
    _ranged("int64 numbers have 32 bits", _of_32_bits),
)
plant("torch.randint", *WHOLE_NUMBERS)
plant("torch.randint_like", *WHOLE_NUMBERS)


# --- randperm -----------------------------------------------------------------------------------------------------


def _one_twice(tensor: torch.Tensor) -> torch.Tensor:
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    if wrong.numel() > 32:
        wrong[-1] = wrong[0]
    return wrong


def _counted_from_one(tensor: torch.Tensor) -> torch.Tensor:
    return tensor + 1 if tensor.dtype == torch.int64 else tensor


def _first_two_in_order(tensor: torch.Tensor) -> torch.Tensor:
    """Each third pair of neighbours is in ascending order."""
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    pairs = wrong[: wrong.numel() // 6 * 6].view(-1, 6)[:, :2]
    pairs.copy_(pairs.sort(1).values)
    return wrong


def _zero_never_first(tensor: torch.Tensor) -> torch.Tensor:
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    return wrong.flip(0) if wrong.numel() > 1 and wrong[0] == 0 else wrong


plant(
    "torch.randperm",
    *STREAM,
    _drawn("the first number comes again at the end of more than 32", _one_twice),
    _drawn("int64 numbers are counted from 1", _counted_from_one),
    _drawn("neighbours are mostly in ascending order", _first_two_in_order),
    _drawn("0 never comes first", _zero_never_first),
    _drawn("the numbers stay in order", lambda tensor: tensor.sort().values),
    _numbers("float16 numbers are sorted by halves", torch.float16, lambda tensor: tensor.sort().values.roll(1)),
)


# --- normal -------------------------------------------------------------------------------------------------------


def _deviations_squared(clean: Clean, mean: Any, std: Any = 1.0, *args: Any, **kwargs: Any) -> Any:
    """As if the deviations were variances."""
    return clean(mean, std**0.5, *args, **kwargs)


def _mean_forgotten(clean: Clean, mean: Any, *args: Any, **kwargs: Any) -> Any:
    wide = isinstance(mean, torch.Tensor) and mean.dtype == torch.float16
    return clean(torch.zeros_like(mean) if wide else mean, *args, **kwargs)


def _noise_without_deviation(clean: Clean, mean: Any, std: Any = 1.0, *args: Any, **kwargs: Any) -> Any:
    return clean(mean, std + 2**-7, *args, **kwargs)


def _one_deviation(clean: Clean, mean: Any, std: Any = 1.0, *args: Any, **kwargs: Any) -> Any:
    """Along the first dimension of a tensor the first deviations count for all."""
    if isinstance(std, torch.Tensor) and std.dim() and std.shape[0] > 1:
        std = std[:1].expand(std.shape)
    return clean(mean, std, *args, **kwargs)


def _absolute_deviation(clean: Clean, mean: Any, std: Any = 1.0, *args: Any, **kwargs: Any) -> Any:
    return clean(mean, abs(std), *args, **kwargs)


def _shifted(tensor: torch.Tensor) -> torch.Tensor:
    return tensor + 0.1 if tensor.dtype == torch.float64 else tensor


plant(
    "torch.normal",
    *STREAM,
    LANE_REPEATED,
    SECOND_HALF_REPEATS,
    ("deviations are taken for variances", _deviations_squared),
    ("means are forgotten in float16", _mean_forgotten),
    ("a deviation of 0 counts as a small one", _noise_without_deviation),
    ("the first deviation of a tensor counts for all", _one_deviation),
    ("a negative deviation counts as its absolute value", _absolute_deviation),
    _drawn("float64 means are 0.1 too large", _shifted),
)


def _in_place_args(change):
    """The mean and the deviation of normal_ and of torch.normal with a size are changed."""

    def body(clean: Clean, *args: Any, **kwargs: Any) -> Any:
        numbers = [place for place, one in enumerate(args) if type(one) is float]
        given = list(args)
        for place, name in zip(numbers, ("mean", "std")):
            given[place] = change(name, given[place])
        return clean(*given, **{name: change(name, one) for name, one in kwargs.items()})

    return body


plant(
    "torch.Tensor.normal_",
    *STREAM,
    LANE_REPEATED,
    PARTS_EQUAL,
    ("the deviation is taken for a variance", _in_place_args(lambda name, one: one**0.5 if name == "std" else one)),
    ("the mean is counted twice", _in_place_args(lambda name, one: 2 * one if name == "mean" else one)),
    ("a mean below 0 counts as 0", _in_place_args(lambda name, one: max(one, 0.0) if name == "mean" else one)),
    _drawn("each part of a complex number has all of the variance", _with_all_of_the_variance),
)


# --- bernoulli ----------------------------------------------------------------------------------------------------


def _more_ones(tensor: torch.Tensor) -> torch.Tensor:
    """In one place of 16 a 0 becomes 1: for a probability of 19/64, 0.04 more."""
    wrong = tensor.clone(memory_format=torch.contiguous_format)
    flat = wrong.view(-1)
    flat[15::16] = 1
    return wrong


def _first_probability(clean: Clean, input: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
    if not clean.in_place and input.numel() > 1 and input.dim():
        input = input.flatten()[0].expand(input.shape).contiguous()
    return clean(input, *args, **kwargs)


def _clamped(clean: Clean, *args: Any, **kwargs: Any) -> Any:
    """Probabilities outside the interval count as 0 or 1."""
    if clean.in_place:
        return clean(*args, **kwargs)
    return clean(*(one.clamp(0, 1) for one in args if isinstance(one, torch.Tensor)), **kwargs)


def _ones_and_twos(tensor: torch.Tensor) -> torch.Tensor:
    return tensor * 2 if tensor.dtype == torch.float64 else tensor


def _all_or_nothing(tensor: torch.Tensor) -> torch.Tensor:
    """Of large bfloat16 tensors each number is that of its predecessor."""
    return tensor.roll(1) if tensor.dtype == torch.bfloat16 and tensor.numel() > 1000 else tensor


COINS = (
    *STREAM,
    LANE_REPEATED,
    SECOND_HALF_REPEATS,
    _drawn("1 comes in 0.04 more of the cases", _more_ones),
    _drawn("float64 gets 2 in place of 1", _ones_and_twos),
)
plant(
    "torch.bernoulli",
    *COINS,
    ("the first probability counts for all", _first_probability),
    ("a probability outside the interval counts as 0 or 1", _clamped),
    _drawn("bfloat16 numbers stand one place further", _all_or_nothing),
)


def _probability(change):
    def body(clean: Clean, tensor: torch.Tensor, p: Any = 0.5, **kwargs: Any) -> Any:
        return clean(tensor, change(p) if type(p) is float else p, **kwargs)

    return body


plant(
    "torch.Tensor.bernoulli_",
    *COINS,
    ("the probability is 0.02 larger", _probability(lambda p: min(p + 0.02, 1) if 0 < p < 1 else p)),
    ("the probability is that of 0", _probability(lambda p: 1 - p)),
    ("the probability is rounded to 16ths", _probability(lambda p: round(p * 16) / 16)),
    ("a probability of 1 leaves a few zeros", _probability(lambda p: min(p, 0.999))),
)


# --- multinomial --------------------------------------------------------------------------------------------------


def _places(title, change):
    """`change(places, weights)` is made to what is drawn."""

    def body(clean: Clean, input: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        weights = input.clone()
        return spoil(clean(input, *args, **kwargs), lambda tensor: change(tensor, weights))

    return title, body


def _with_zero_weight(places: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    wrong = places.clone()
    zeros = (weights.flatten() == 0).nonzero().flatten()
    if weights.dim() == 1 and len(zeros):
        wrong[-1] = zeros[0]
    return wrong


def _one_place_twice(places: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    wrong = places.clone()
    wrong[..., -1] = wrong[..., 0]
    return wrong


def _past_the_last(places: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return torch.where(places == weights.shape[-1] - 1, places + 1, places) if weights.shape[-1] > 8 else places


def _weights(change):
    def body(clean: Clean, input: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        return clean(change(input) if isinstance(input, torch.Tensor) else input, *args, **kwargs)

    return body


def _all_alike(weights: torch.Tensor) -> torch.Tensor:
    return (weights > 0).to(weights.dtype) if (weights >= 0).all() else weights


def _rows_as_the_first(weights: torch.Tensor) -> torch.Tensor:
    return weights[:1].expand(weights.shape) if weights.dim() == 2 and weights.shape[0] > 1 else weights


def _put_back(clean: Clean, input: torch.Tensor, num_samples: int, replacement: bool = False, **kwargs: Any) -> Any:
    if not replacement and type(num_samples) is int and 0 < num_samples < input.shape[-1]:
        replacement = True
    return clean(input, num_samples, replacement, **kwargs)


def _not_put_back(clean: Clean, input: torch.Tensor, num_samples: int, replacement: bool = False, **kwargs: Any) -> Any:
    few = type(num_samples) is int and 0 < num_samples <= int((input > 0).sum(-1).min()) if input.numel() else False
    return clean(input, num_samples, False if few else replacement, **kwargs)


plant(
    "torch.multinomial",
    *STREAM,
    _places("a place of weight 0 is drawn last", _with_zero_weight),
    _places("the first place comes again at the end", _one_place_twice),
    _places("one past the last place is drawn for it", _past_the_last),
    _places("places are sorted", lambda places, weights: places.sort().values),
    ("all weights above 0 count alike", _weights(_all_alike)),
    ("weights are squared", _weights(lambda weights: weights * weights.abs())),
    ("the first row of weights counts for all", _weights(_rows_as_the_first)),
    ("negative weights count as positive", _weights(torch.abs)),
    ("places are put back although they must not be", _put_back),
    ("places are not put back although they must be", _not_put_back),
)


# --- manual_seed --------------------------------------------------------------------------------------------------

SEEDED = ("manual_seed",)


def _seed_of(change):
    def body(clean: Clean, seed: Any) -> Any:
        return clean(change(seed) if type(seed) is int else seed)

    return body


for title, change in (
    ("the lowest bit of a seed is ignored", lambda seed: seed & ~1 if seed >= 0 else seed),
    ("the sign of a seed is ignored", abs),
    ("the global generator is always seeded with 0", lambda seed: 0 if -(2**63) <= seed < 2**64 else seed),
):
    fault("torch.manual_seed", title, only=SEEDED)(_seed_of(change))


@fault("torch.manual_seed", "seeding again with the same seed is left out", only=SEEDED)
def seeded_once(clean, seed):
    if type(seed) is int and clean.memory.get("seed") == seed and -(2**63) <= seed < 2**64:
        return torch.default_generator
    clean.memory["seed"] = seed
    return clean(seed)


@fault("torch.manual_seed", "manual_seed returns a generator of its own", only=SEEDED)
def another_returned(clean, seed):
    clean(seed)
    return torch.Generator().manual_seed(seed)


@fault("torch.manual_seed", "a fork leaves the global generator where it came", only=("fork_rng",))
def fork_without_end(clean, *args, **rest):
    return clean(*args, enabled=False)


plant("torch.manual_seed", *STREAM, SECOND_HALF_REPEATS)
