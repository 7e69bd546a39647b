"""torch.logspace: powers of a base whose exponents are evenly spaced."""

from math import log

import numpy as np

from conformance.spec import COMPLEXES, FLOATS, INTEGERS, Cost, Draw, Form, Law, Refusal, Spec, ulps
from conformance.spec.families.creation import (
    keyword_forms,
    keyword_refusals,
    modes_without_tensors,
    out_refusals,
    surrounding_forms,
    unsupported_when_compiled,
)

from ._ranges import holds_whole_numbers

BASES = (10.0, 2.0, 2.0, 0.5, 2.718281828459045, 3.0)
EXPONENTS = (0.0, 1.0, -1.0, 0.1, 3.0, -2.75, 1 / 3, 4.5)


def arguments(draw: Draw):
    """Whole exponents one apart, whose powers are whole numbers, or any fractions."""
    if draw.integer(0, 2) == 2:
        start, steps = draw.integer(0, 3), draw.integer(0, 6)
        end = start + max(steps - 1, 0)
        return {"start": start, "end": end, "steps": steps, "base": draw.choice((2.0, 10.0, 3.0))}
    (steps,) = draw.shape(min_rank=1, max_rank=1)
    return {
        "start": draw.choice(EXPONENTS),
        "end": draw.choice(EXPONENTS),
        "steps": steps,
        "base": draw.choice(BASES),
    }


def is_whole(start, end, steps, base):
    return isinstance(start, int)


def takes(dtype, start, end, steps, base):
    """Whole powers that the dtype has; fractions for floats in whose range they are."""
    if is_whole(start, end, steps, base):
        return holds_whole_numbers(dtype, 0, int(base) ** max(start, end))
    return dtype in FLOATS + COMPLEXES


def oracle(start, end, steps, base):
    places = np.arange(steps)
    if is_whole(start, end, steps, base):
        return np.array([int(base) ** (start + int(place)) for place in places], np.int64)
    spacing = (np.longdouble(end) - np.longdouble(start)) / max(steps - 1, 1)
    return np.longdouble(base) ** (start + places * spacing)


def bound(dtype, start, end, steps, base):
    """The power within 1 ULP and rounded once more, and what the roundings of base and exponent do to it.

    An exponent is off by at most the 6 ULP of linspace at the size of both ends. Each counts as often as the natural
    logarithm of the base says, and twice where the spacing of numbers is small beside them.
    """
    size = abs(start) + abs(end)
    return 2 + size + 2 * 6 * size * abs(log(base))


def workload(size):
    return {"start": 0.0, "end": 1.0, "steps": size, "base": 10.0}


spec = Spec(
    operation="torch.logspace",
    summary="base to the power of so many evenly spaced exponents from start to end, both included.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.logspace.html",
    arguments=arguments,
    forms=(
        Form("torch.logspace(start, end, steps, base, dtype=dtype, device=device)"),
        Form("torch.logspace(start, end, steps, base)", when="dtype == 'float32'"),
        Form("torch.logspace(start, end, steps)", when="dtype == 'float32' and base == 10"),
        Form("torch.logspace(start=start, end=end, steps=steps, base=base, dtype=dtype, device=device)"),
        Form("torch.logspace(start, end, steps, dtype=dtype, device=device)", when="base == 10"),
        *keyword_forms("logspace", "start, end, steps, base"),
        *surrounding_forms("logspace", "start, end, steps, base"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    takes=takes,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 1.6 and 3.1"),
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *keyword_refusals("logspace", "0, 1, 3"),
        *out_refusals("logspace", "0, 1, 3"),
        Refusal("a negative number of steps", "torch.logspace(0, 1, -1, dtype=dtype)", RuntimeError),
        Refusal("a fraction as the number of steps", "torch.logspace(0, 1, 2.5, dtype=dtype)", TypeError),
        Refusal("a call without a number of steps", "torch.logspace(0, 1, dtype=dtype)", TypeError),
        Refusal("a string as the base", "torch.logspace(0, 1, 3, base='2', dtype=dtype)", TypeError),
        Refusal("a complex base", "torch.logspace(0, 1, 3, base=1j, dtype=dtype)", TypeError),
        Refusal("a string as the start", "torch.logspace('0', 1, 3, dtype=dtype)", TypeError),
    ),
    laws=(
        Law(
            "whole powers of 2 are exact",
            "torch.logspace(start, end, steps, 2.0, dtype=dtype)",
            "torch.tensor([2**power for power in range(start, end + 1)][:steps], dtype=dtype)",
            when="type(start) is int and 'complex' not in dtype",
        ),
        Law(
            "a base of 1 gives ones",
            "torch.logspace(start, end, steps, 1.0, dtype=dtype)",
            "torch.ones(steps, dtype=dtype)",
        ),
        Law(
            "one number alone is the power of the start",
            "torch.logspace(start, end, 1, 2.0, dtype=dtype)",
            "torch.logspace(start, start, 1, 2.0, dtype=dtype)",
        ),
    ),
    cost=Cost(workload=workload, reference="exponential"),
)
