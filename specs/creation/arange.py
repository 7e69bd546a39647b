"""torch.arange: numbers from start up to but not including end, a step apart."""

from math import ceil

import numpy as np

from conformance.spec import FLOATS, INTEGERS, Cost, Draw, Form, Law, Refusal, Spec, Sums, ulps
from conformance.spec.families.creation import (
    keyword_forms,
    keyword_refusals,
    modes_without_tensors,
    out_refusals,
    surrounding_forms,
    unsupported_when_compiled,
)

from ._ranges import FRACTIONS, STEPS, holds_whole_numbers

STARTS = (0, 0, 0, 1, 5, -3, 100, -128, -(2**31) - 1, 2**53 + 1)
FLOATING_STARTS = (0.0, 0, -1, 0.1, -2.75, 10, 1e6)


def arguments(draw: Draw):
    """An end that no step meets is as likely as one that the last step meets."""
    (count,) = draw.shape(min_rank=1, max_rank=1)
    if draw.integer(0, 2) < 2:
        start, step = draw.choice(STARTS), draw.choice(STEPS)
        beyond = draw.integer(0, abs(step) - 1) if count else 0
        return {"start": start, "end": start + count * step - (beyond if step > 0 else -beyond), "step": step}
    start, step = draw.choice(FLOATING_STARTS), draw.choice(FRACTIONS)
    return {"start": start, "end": start + (count + draw.choice((0, -0.5, 0.25)) * bool(count)) * step, "step": step}


def is_whole(start, end, step):
    return all(isinstance(number, int) for number in (start, end, step))


def takes(dtype, start, end, step):
    """Whole numbers that the dtype has; fractions for floats."""
    if is_whole(start, end, step):
        return holds_whole_numbers(dtype, min(start, end), max(start, end))
    return dtype in FLOATS


def length(start, end, step):
    """How many steps it takes to reach the end, by the documented formula."""
    if is_whole(start, end, step):
        return -((start - end) // step)
    return ceil((end - start) / step)


def oracle(start, end, step):
    """Whole numbers are exact. Of fractions, the sum that begins a vector, the product, and the result are rounded."""
    if is_whole(start, end, step):
        return np.array([start + place * step for place in range(length(start, end, step))], np.int64)
    moved = np.arange(length(start, end, step)) * np.longdouble(step)
    return Sums(start + moved, abs(start) + np.abs(moved), np.full(moved.shape, 4))


def bound(dtype, start, end, step):
    """Whole numbers that the dtype has are not rounded."""
    return 0.0


def workload(size):
    return {"start": 0, "end": size, "step": 1}


WHOLE = "type(start) is type(end) is type(step) is int"
INFERRED = f"dtype == ('int64' if {WHOLE} else 'float32')"

spec = Spec(
    operation="torch.arange",
    summary="start, start + step, … as long as end is not reached: ceil((end - start) / step) numbers.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.arange.html",
    arguments=arguments,
    forms=(
        Form("torch.arange(start, end, step, dtype=dtype, device=device)"),
        Form("torch.arange(start, end, step)", when=INFERRED),
        Form("torch.arange(start=start, end=end, step=step, dtype=dtype, device=device)"),
        Form("torch.arange(start, end, step=step, dtype=dtype)"),
        Form("torch.arange(start, end, dtype=dtype, device=device)", when="step == 1"),
        Form("torch.arange(end, dtype=dtype, device=device)", when="start == 0 and step == 1"),
        Form("torch.arange(end)", when=f"start == 0 and step == 1 and {INFERRED}"),
        Form("torch.arange(end=end)", when=f"start == 0 and step == 1 and {INFERRED}"),
        *keyword_forms("arange", "start, end, step"),
        *surrounding_forms("arange", "start, end, step"),
    ),
    dtypes=INTEGERS + FLOATS,
    takes=takes,
    oracle=oracle,
    accuracy=ulps(bound, "Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2"),
    modes=modes_without_tensors(),
    unsupported_modes=unsupported_when_compiled(),
    refusals=(
        *keyword_refusals("arange", "3"),
        *out_refusals("arange", "3"),
        Refusal("a step of 0", "torch.arange(0, 5, 0, dtype=dtype)", (RuntimeError, ValueError)),
        Refusal("an end before the start", "torch.arange(5, 0, dtype=dtype)", (RuntimeError, ValueError)),
        Refusal("an end before the start, with out=", "torch.arange(5, 0, out=out)", (RuntimeError, ValueError)),
        Refusal(
            "a negative step to an end above the start",
            "torch.arange(0, 5, -1, dtype=dtype)",
            (RuntimeError, ValueError),
        ),
        Refusal("a negative end alone", "torch.arange(-1, dtype=dtype)", (RuntimeError, ValueError)),
        Refusal(
            "a fraction that is no whole step", "torch.arange(0, 3, 0.5, dtype=torch.int64)", (RuntimeError, ValueError)
        ),
        Refusal("an infinite end", "torch.arange(math.inf)", RuntimeError),
        Refusal("NaN as the end", "torch.arange(0, math.nan)", RuntimeError),
        Refusal("a complex end", "torch.arange(1j)", RuntimeError),
        Refusal("an end above 64 bits", "torch.arange(2**63)", RuntimeError),
        Refusal("a string as the end", "torch.arange('3', dtype=dtype)", TypeError),
        Refusal("a list as the end", "torch.arange([3], dtype=dtype)", TypeError),
        Refusal("None as the end", "torch.arange(None, dtype=dtype)", TypeError),
    ),
    laws=(
        Law(
            "the reversed range has its end behind the start",
            "torch.arange(start, end, step, dtype=dtype).flip(0)",
            "torch.arange(end - step, start - step, -step, dtype=dtype)",
            when=f"{WHOLE} and (end - start) % step == 0 and dtype == 'int64'",
        ),
        Law(
            "neighbours are a step apart",
            "torch.arange(start, end, step, dtype=dtype).diff()",
            "torch.full((max(-((start - end) // step) - 1, 0),), step, dtype=dtype)",
            when=WHOLE,
        ),
        Law(
            "the range of Python holds the same numbers",
            "torch.arange(start, end, step, dtype=dtype).tolist()",
            "list(range(start, end, step))",
            when=f"{WHOLE} and dtype == 'int64' and abs(end - start) < 1000",
        ),
        Law(
            "tensors without dimensions count as their numbers",
            "torch.arange(torch.tensor(start), torch.tensor(end), torch.tensor(step), dtype=dtype)",
            "torch.arange(start, end, step, dtype=dtype)",
            when=f"{WHOLE} and dtype == 'int64'",
        ),
    ),
    cost=Cost(workload=workload, reference="copy"),
)
