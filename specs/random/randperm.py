"""torch.randperm: the numbers from 0 up to n in a random order."""

import numpy as np

from conformance.spec import (
    FLOATS,
    INTEGERS,
    Allowed,
    Cost,
    Distribution,
    Draw,
    Form,
    Law,
    Output,
    Refusal,
    Spec,
    itemsize,
)

from ._streams import (
    DEFAULT,
    GENERATOR,
    MODES,
    NOT_COMPILED,
    PRECISION,
    SEEDED,
    by_global_generator,
    drawn_twice,
    seeded_anew,
    seeds,
)

MOST = {"uint8": 256, "int8": 128, "int16": 2**15, **{name: 2**digits + 1 for name, digits in PRECISION.items()}}
"""How many numbers from 0 on a dtype has without a gap; those that are left out have more than is drawn."""


def arguments(draw: Draw):
    """Few numbers, as many as the smaller dtypes have, or the sizes of a shape."""
    (size,) = draw.shape(min_rank=1, max_rank=1)
    return {"n": draw.choice((size, draw.integer(100, 300))), "seed": seeds(draw)}


def takes(dtype, n, seed):
    return n <= MOST.get(dtype, n)


def oracle(n, seed):
    def is_named_once(array):
        numbers = array.astype(np.float64)
        _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
        return (counts[which] == 1) & (numbers >= 0) & (numbers < n) & (numbers == np.floor(numbers))

    return Allowed((n,), is_named_once, f"the numbers from 0 to {n - 1}, each once")


def probability(values, dtype, n, seed):
    """In three neighbours of a permutation all six orders are as likely, whatever the others are."""
    return np.clip((values + 1) / 6, 0, 1), np.clip(values / 6, 0, 1)


ORDERS_OF_THREE = f"""
    generator = {GENERATOR}
    orders = [torch.randperm(126, generator=generator, dtype=dtype, device=device) for one in range(count // 42 + 1)]
    first, second, third = torch.stack(orders).reshape(-1, 3).unbind(1)
    2 * ((first > second).int() + (first > third).int()) + (second > third).int()
"""
FIRST_OF_FOUR = f"""
    generator = {GENERATOR}
    sorted(set(torch.randperm(4, generator=generator, dtype=dtype, device=device)[0].item() for one in range(500)))
"""


def n_itself(dtype, n, seed):
    """n becomes a tensor of the dtype, to see whether it fits."""
    return (itemsize(dtype),)


def workload(size):
    return {"n": size, "seed": 0}


BY_GENERATOR = "torch.randperm(n, generator=generator, dtype=dtype, device=device)"
KEYWORDS = "dtype=dtype, layout=torch.strided, device=device, requires_grad=False, pin_memory=False"
BEYOND_FLOATS = f"torch.randperm(int(2 / torch.finfo(dtype).eps) + 2, generator={GENERATOR}, dtype=dtype)"
BEYOND_INTEGERS = f"torch.randperm(torch.iinfo(dtype).max + 2, generator={GENERATOR}, dtype=dtype)"

spec = Spec(
    operation="torch.randperm",
    summary="The whole numbers from 0 up to n, each once, in an order that is as likely as every other.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.randperm.html",
    arguments=arguments,
    forms=(
        Form(f"torch.randperm(n, generator={GENERATOR}, dtype=dtype, device=device)"),
        Form(f"torch.randperm(n=n, generator={GENERATOR}, {KEYWORDS})"),
        Form(by_global_generator("torch.randperm(n, dtype=dtype, device=device)"), title=SEEDED),
        Form(by_global_generator("torch.randperm(n)"), title=DEFAULT, when="dtype == 'int64'"),
        Form(f"torch.randperm(n, generator={GENERATOR}, dtype=dtype, out=out)"),
    ),
    dtypes=INTEGERS + FLOATS,
    oracle=oracle,
    outputs=(Output(),),
    takes=takes,
    refusals=(
        Refusal("a negative number", "torch.randperm(-1, dtype=dtype)", RuntimeError),
        Refusal("a fraction", "torch.randperm(2.5, dtype=dtype)", TypeError),
        Refusal("no number", "torch.randperm(dtype=dtype)", TypeError),
        Refusal("a seed in place of the generator", "torch.randperm(n, generator=0, dtype=dtype)", TypeError),
        Refusal("a complex dtype", "torch.randperm(n, dtype=torch.complex64)", RuntimeError),
        Refusal("an out of another dtype", "torch.randperm(3, dtype=torch.bool, out=out)", RuntimeError),
        Refusal("more numbers than a float can count", BEYOND_FLOATS, RuntimeError, when=f"dtype in {FLOATS}"),
        Refusal(
            "more numbers than the integers of the dtype",
            BEYOND_INTEGERS,
            RuntimeError,
            when="'int' in dtype and dtype != 'int64'",
        ),
    ),
    laws=(
        Law(
            "a generator does not give the same order twice",
            drawn_twice(BY_GENERATOR),
            "False",
            when="n >= 40",
        ),
        Law(
            "a generator that is seeded anew gives its first order",
            seeded_anew(BY_GENERATOR),
            f"torch.randperm(n, generator={GENERATOR}, dtype=dtype, device=device)",
        ),
        Law("each of four numbers now and then comes first", FIRST_OF_FOUR, "[0, 1, 2, 3]"),
    ),
    distribution=Distribution(call=ORDERS_OF_THREE, probability=probability),
    cost=Cost(scratch=n_itself, workload=workload),
    modes=MODES,
    unsupported_modes=NOT_COMPILED,
)
