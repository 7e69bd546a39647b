"""Slowness planted on one side of a comparison, and a load beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.gate.times.stopwatch import TimedCell, timed_cells
from conformance.processes.interpreter import Interpreter
from conformance.spec import loader
from conformance.spec.modules import shared_files
from tests import SPECS

SLOW = '''
import sys
from functools import partial
from time import perf_counter


def longer(call, share):
    """Do a call and then spend a share more of the time that it took."""
    start = perf_counter()
    result = call()
    end = perf_counter()
    while perf_counter() < end + share * (end - start):
        pass
    return result


def repeat(call, times):
    """Do a call so many times."""
    for _ in range(times - 1):
        call()
    return call()


def repeat_backward_passes(times):
    """Make each backward pass so many times, in the process that takes times."""
    clock = sys.modules.get("conformance.timing.clock")
    if clock and not hasattr(clock, "once"):
        clock.once = clock.Timed._backward.fget
        clock.Timed._backward = property(lambda timed: partial(repeat, clock.once(timed), times))
'''
REPEATED = """
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, {root!r})

import slow

from conformance.spec import loader

slow.repeat_backward_passes({times})
spec = loader.load(Path({spec!r}))
first, *others = spec.forms
first = replace(first, call=f"__import__('slow').repeat(lambda: {{first.call}}, {times})")
spec = replace(spec, forms=(first, *others), claims=(), claims_elsewhere=())
"""
BUSY = """
import os, random, time

parent = os.getppid()
while os.getppid() == parent:
    end = time.time() + random.random() / 20
    while time.time() < end:
        pass
    time.sleep(random.random() / 20)
"""
ALWAYS_BUSY = """
import os

parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100_000):
        pass
"""
BASELINE = "__import__('os').environ['SIDE'] == 'baseline'"


@dataclass(frozen=True)
class Plant:
    """A call of a spec's first form that one side makes as `slow`: another expression, or so much longer."""

    spec: str
    call: str
    slow: float | str
    workload: str = "medium"

    @property
    def slower(self) -> str:
        if isinstance(self.slow, str):
            return self.slow
        return f"__import__('slow').longer(lambda: {self.call}, {self.slow})"


_CAT = "torch.cat(tensors, dim)"
_SOFTMAX = "F.softmax(input, dim, dtype=dtype)"
_TOPK = "torch.topk(input, k, dim, largest, ordered)"
_QUADRATIC = "[torch.stack(tensors[:n], dim) for n in range(len(tensors), 0, -64)][0]"
PLANTED = {
    "cat a quarter slower": Plant("joining/cat", _CAT, 0.25),
    "cat twice as slow": Plant("joining/cat", _CAT, 1.0),
    "softmax a quarter slower": Plant("activation/softmax", _SOFTMAX, 0.25),
    "softmax twice as slow": Plant("activation/softmax", _SOFTMAX, 1.0),
    "topk a quarter slower": Plant("statistics/topk", _TOPK, 0.25),
    "topk twice as slow": Plant("statistics/topk", _TOPK, 1.0),
    "reshape copies": Plant("shape/reshape", "torch.reshape(input, shape)", "torch.reshape(input.clone(), shape)"),
    "stack is quadratic": Plant("joining/stack", "torch.stack(tensors, dim)", _QUADRATIC, "grown"),
}


@contextmanager
def load(program: str = BUSY, count: int = 0) -> Iterator[None]:
    """Processes beside, one for each core unless told otherwise, that keep it busy for a part of the time or always."""
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(count or os.cpu_count() or 1)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def planted(root: Path, plant: Plant) -> Path:
    """A copy of a spec of which the candidate's side is slower, below the folder `root`."""
    path = root / "specs" / f"{plant.spec}.py"
    path.parent.mkdir(parents=True)
    for shared in shared_files(SPECS / f"{plant.spec}.py"):
        shutil.copy(shared, path.parent)
    (root / "slow.py").write_text(SLOW)
    text, form = (SPECS / f"{plant.spec}.py").read_text(), f'Form("{plant.call}")'
    assert form in text
    both = f'Form("({plant.call}) if {BASELINE} else ({plant.slower})")'
    path.write_text(f"import sys\n\nsys.path.insert(0, {str(root)!r})\n{text.replace(form, both, 1)}")
    return path


def repeated(root: Path, spec: Path, times: int) -> Path:
    """A spec, below the folder `root`, that makes each call and backward pass of `spec` so many times."""
    path = root / "specs" / spec.parent.name / spec.name
    path.parent.mkdir(parents=True, exist_ok=True)
    (root / "slow.py").write_text(SLOW)
    path.write_text(REPEATED.format(root=str(root), spec=str(spec), times=times))
    return path


def planted_workload(root: Path, title: str) -> TimedCell:
    """The workload that shows a plant, of a copy of its spec below the folder `root`."""
    plant = PLANTED[title]
    file = planted(root / title.replace(" ", "-"), plant)
    every = timed_cells(title, file, loader.load(file), "cpu")
    return next(one for one in every if one.workload.name == plant.workload)


def interpreters(python: str = sys.executable) -> tuple[Interpreter, Interpreter]:
    """An interpreter twice, this one unless told otherwise; what is planted is slow in the second."""
    baseline, candidate = (Interpreter(python, (("SIDE", side),)) for side in ("baseline", "candidate"))
    return baseline, candidate
