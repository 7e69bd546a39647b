"""torch.linspace: evenly spaced numbers from start to end, both included."""

import numpy as np

from conformance.spec import COMPLEXES, FLOATS, INTEGERS, Cost, Draw, Form, Law, Refusal, Spec, Sums, ulps
from conformance.spec.families.creation import (
    keyword_forms,
    keyword_refusals,
    modes_without_tensors,
    out_refusals,
    surrounding_forms,
    unsupported_when_compiled,
)

from ._ranges import STEPS, holds_whole_numbers

STARTS = (0, 0, 0, 1, 5, -3, 100, -128)
LEAST_HALF = 2.0**-14
"""The smallest normal number of float16."""

FLOATING_ENDS = (0.0, 1.0, -1.0, 0.1, 10.0, -2.75, 1 / 3, 1e4, -1e-3)


def arguments(draw: Draw):
    """Whole numbers whose spacing is whole, or any fractions, or complex numbers."""
    (steps,) = draw.shape(min_rank=1, max_rank=1)
    kind = draw.integer(0, 5)
    if kind < 3:
        start = draw.choice(STARTS)
        return {"start": start, "end": start + max(steps - 1, 0) * draw.choice(STEPS), "steps": steps}
    start, end = draw.choice(FLOATING_ENDS), draw.choice(FLOATING_ENDS)
    if kind == 5:
        start, end = complex(start, end), complex(end, draw.choice(FLOATING_ENDS))
    return {"start": start, "end": end, "steps": steps}


def takes(dtype, start, end, steps):
    """Whole numbers that the dtype has; fractions for floats, complex numbers for complex ones."""
    if isinstance(start, int):
        return holds_whole_numbers(dtype, min(start, end), max(start, end)) and holds_whole_numbers(dtype, 0, steps)
    return dtype in (COMPLEXES if isinstance(start, complex) else FLOATS + COMPLEXES)


def oracle(start, end, steps):
    """The first half counts from the start, the second from the end, so that both are met exactly.

    Either end, their difference, the spacing, the place, the product and the sum are rounded, of complex numbers each
    part.
    """
    places = np.arange(steps)
    if isinstance(start, int):
        return start + places * ((end - start) // max(steps - 1, 1))
    wide = np.clongdouble if isinstance(start, complex) else np.longdouble
    spacing = (wide(end) - wide(start)) / max(steps - 1, 1)
    from_start = places < steps / 2
    exact = np.where(from_start, start + places * spacing, end - (steps - 1 - places) * spacing)
    counted = np.where(from_start, places, steps - 1 - places)
    size = np.where(from_start, abs(start), abs(end)) + counted * ((abs(start) + abs(end)) / max(steps - 1, 1))
    many, one = (7, 1.5) if wide is np.longdouble else (12, 1.75)
    return Sums(exact, size, np.where(counted, many, one))


def bound(dtype, start, end, steps):
    """Whole numbers that the dtype has are not rounded. A spacing below the normal numbers of float16 is off by half of
    the smallest number, which counts at each place."""
    spacing = (abs(start) + abs(end)) / max(steps - 1, 1)
    return LEAST_HALF / spacing if dtype == "float16" and 0 < spacing < LEAST_HALF else 0.0


def workload(size):
    return {"start": 0.0, "end": 1.0, "steps": size}


spec = Spec(
    operation="torch.linspace",
    summary="So many evenly spaced numbers from start to end, both included; one alone is the start.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.linspace.html",
    arguments=arguments,
    forms=(
        Form("torch.linspace(start, end, steps, dtype=dtype, device=device)"),
        Form(
            "torch.linspace(start, end, steps)", when="dtype == ('complex64' if type(start) is complex else 'float32')"
        ),
        Form("torch.linspace(start=start, end=end, steps=steps, dtype=dtype, device=device)"),
        *keyword_forms("linspace", "start, end, steps"),
        *surrounding_forms("linspace", "start, end, steps"),
    ),
    dtypes=INTEGERS + FLOATS + COMPLEXES,
    takes=takes,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1"),
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *keyword_refusals("linspace", "0, 1, 3"),
        *out_refusals("linspace", "0, 1, 3"),
        Refusal("a negative number of steps", "torch.linspace(0, 1, -1, dtype=dtype)", RuntimeError),
        Refusal("a fraction as the number of steps", "torch.linspace(0, 1, 2.5, dtype=dtype)", TypeError),
        Refusal("a call without a number of steps", "torch.linspace(0, 1, dtype=dtype)", TypeError),
        Refusal("None as the number of steps", "torch.linspace(0, 1, steps=None, dtype=dtype)", TypeError),
        Refusal("a string as the start", "torch.linspace('0', 1, 3, dtype=dtype)", TypeError),
        Refusal("a complex end for a real dtype", "torch.linspace(0, 1j, 3, dtype=torch.float64)", RuntimeError),
        Refusal(
            "a tensor of one dimension as the start", "torch.linspace(torch.zeros(1), 1, 3, dtype=dtype)", RuntimeError
        ),
        Refusal("an end out of the range of the dtype", "torch.linspace(0, 300, 4, dtype=torch.uint8)", RuntimeError),
    ),
    laws=(
        Law(
            "the first number is the start",
            "torch.linspace(start, end, steps, dtype=dtype)[:1]",
            "torch.full((min(steps, 1),), start, dtype=dtype)",
        ),
        Law(
            "the last number is the end",
            "torch.linspace(start, end, steps, dtype=dtype)[1:][-1:]",
            "torch.full((1,), end, dtype=dtype)",
            when="steps > 1",
        ),
        Law(
            "tensors without dimensions count as their numbers",
            "torch.linspace(torch.tensor(start), torch.tensor(end), steps, dtype=dtype)",
            "torch.linspace(start, end, steps, dtype=dtype)",
            when="type(start) is int",
        ),
    ),
    cost=Cost(workload=workload, reference="elementwise"),
)
