"""Other faults in the regions of known deviations: a deviation explains the failure that it is known for, and no other.

`python -m tests.faults --regions` plants one in each region. It acts on no sample outside of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random
from typing import Any
from unittest.mock import patch

import torch

from conformance.engine.deviations import Deviation, is_in_region
from conformance.engine.known_deviations import known_deviations
from conformance.engine.search import draw_samples
from conformance.engine.sweep import Budget, Sweep
from conformance.execution.execution import Execution
from conformance.results.model import Cell, FailureKind
from conformance.samples.sample import Sample
from conformance.spec import Spec, catalogue, loader
from conformance.spec.cells import SAMPLED, cells_of, is_compiled
from conformance.spec.contract import COMPILED_MODES
from conformance.spec.devices import on_device
from conformance.spec.gaps import EVERY

SAMPLES, SEEDS = 300, 12
"""The samples that are drawn from each seed, and the number of seeds, to find samples in a region."""

ENOUGH = 40
"""The number of samples in a region that are asked."""

OF_CHANGED, OF_OTHERS = 20, 6
"""The most deviations that a run of the tests tries, of operations whose spec changed and of others."""


class AnotherError(Exception):
    """What no torch raises."""


def in_reach(known: Deviation) -> bool:
    """Whether the deviation sets samples aside on the CPU with the installed torch, in cells that are not compiled."""
    return (
        bool(known.predicate)
        and not known.poisons
        and known.lasts_on(torch.__version__)
        and known.shows_with(torch.backends.cpu.get_cpu_capability())
        and (not known.devices or "cpu" in known.devices)
        and not (known.dtypes and {*known.dtypes} <= {*COMPILED_MODES})
        and any(check in SAMPLED for check in known.checks)
    )


def deviations() -> list[Deviation]:
    """The built-in deviations in whose regions another fault can be planted."""
    return [known for known in known_deviations(()).built_in if in_reach(known)]


def drawn(changed: Collection[str], seed: str) -> list[Deviation]:
    """The deviations that a run of the tests tries: of operations whose spec changed, and some of the others; both are
    drawn where there are many."""
    every = deviations()
    mine = [known for known in every if known.operation in changed]
    others = [known for known in every if known.operation not in changed]
    random = Random(seed)
    return [
        *random.sample(mine, min(len(mine), OF_CHANGED)),
        *random.sample(others, min(len(others), OF_OTHERS)),
    ]


def noticed(known: Deviation) -> str:
    """The cell that notices another fault in the region of a deviation; empty if none does."""
    spec = next(spec for spec in _specs() if _concerns(known, spec))
    every = [one for one in cells_of(spec) if not is_compiled(one)]
    cells = [cell for cell in every if known.covers(spec.operation, cell.check, "cpu", cell.subject)]
    others = (
        one for one in known_deviations(()).built_in if one.operation in (EVERY, spec.operation) and one.id != known.id
    )
    mine = (known, *others)
    found = tuple(islice(_samples_in(spec, known), ENOUGH))
    sweep = Sweep(spec, "cpu", cells, Budget(10, 0, found), mine, until_broken=True)
    with another_fault(spec, known):
        states = sweep.run()
        broken = [cell for cell, state in states.items() if state.finding is not None]
        broken = broken or [cell for cell in cells if cell.check == "modes" and _shows_in(known, sweep, cell, found)]
    return f"{broken[0].check} {broken[0].subject}" if broken else ""


def _concerns(known: Deviation, spec: Spec) -> bool:
    """Whether a deviation has a region in a spec. One of every operation has one in those with its predicate."""
    return known.operation in (EVERY, spec.operation) and spec.predicate(known.predicate) is not None


def _shows_in(known: Deviation, sweep: Sweep, cell: Cell, found: tuple[Sample, ...]) -> bool:
    """Whether a mode notices the fault in the dtypes of the region, of which the sweep asks another one first."""
    examiner = sweep.examiner
    places = (
        (sample, dtype)
        for sample in found
        for dtype in examiner.schedule[cell].dtypes
        if is_in_region(sweep.spec, known, sample, dtype)
    )
    return any(examiner.ask_once(cell, dtype, sample) is not None for sample, dtype in places)


def _samples_in(spec: Spec, known: Deviation) -> Iterator[Sample]:
    """Samples that are in the region of a deviation in some dtype."""
    for seed in range(SEEDS):
        for sample in draw_samples(spec, SAMPLES, seed):
            if any(is_in_region(spec, known, sample, dtype) for dtype in spec.dtypes):
                yield sample


def _specs() -> Iterator[Spec]:
    for path in loader.spec_files(catalogue.BUILT_IN):
        yield on_device(loader.load(path), "cpu", torch.__version__)


@contextmanager
def another_fault(spec: Spec, known: Deviation) -> Iterator[None]:
    """In the region of a deviation torch fails, but not as its entry says: with another value, another storage, or
    another exception."""
    call, grad = Execution.call, torch.autograd.grad
    inside: list[bool] = [False]

    def wrong_call(self: Execution, expression: str, **extra: Any) -> Any:
        inside[0] = is_in_region(spec, known, self.sample, self.dtype)
        of_gradients = "gradients" in known.checks and "values" not in known.checks
        if not inside[0] or (of_gradients and known.failures):
            return call(self, expression, **extra)
        try:
            result = call(self, expression, **extra)
        except Exception:
            raise AnotherError("planted in the region of a known deviation") from None
        return _wrong(known, result)

    def wrong_grad(*args: Any, **kwargs: Any) -> Any:
        if not inside[0] or "gradients" not in known.checks:
            return grad(*args, **kwargs)
        if FailureKind.RAISED in known.failures:
            raise AnotherError("planted in the region of a known deviation")
        return tuple(_spoiled(one) for one in grad(*args, **kwargs))

    with patch.object(Execution, "call", wrong_call), patch.object(torch.autograd, "grad", wrong_grad):
        yield


def _wrong(known: Deviation, result: Any) -> Any:
    """A result as another fault makes it."""
    if FailureKind.STORAGE in known.failures and isinstance(result, torch.Tensor):
        larger = result.new_zeros(1 << 20)
        larger[: result.numel()] = result.reshape(-1)
        return larger.as_strided(result.shape, result.stride())
    if not known.says_which_values:
        raise AnotherError("planted in the region of a known deviation")
    if isinstance(result, (tuple, list)):
        return type(result)(_spoiled(one) for one in result)
    return _spoiled(result)


def _spoiled(tensor: Any) -> Any:
    """A tensor in which 7 stands where the deviation gives 0, infinity or NaN."""
    if not isinstance(tensor, torch.Tensor) or tensor.dtype == torch.bool or tensor.is_sparse:
        return tensor
    with torch.no_grad():
        given = (tensor == 0) | ~tensor.isfinite()
        return torch.where(given, torch.full((), 7, dtype=tensor.dtype), tensor)
