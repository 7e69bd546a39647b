"""The child process in which sweeps run: torch may kill it, hang it or poison it without harm to the run."""

from __future__ import annotations

import faulthandler
import logging
import pickle
import traceback
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from conformance.cells import Cell
from conformance.deviations import Deviation
from conformance.outcome import Answers, Outcome
from conformance.sample import Sample
from conformance.spec import Spec

READY = b"ready"
"""What the child sends first: torch is there."""


@dataclass(frozen=True)
class Answer:
    """What the child sends back: the result, or the traceback of an error in the suite itself."""

    result: Any = None
    error: str = ""


@dataclass(frozen=True)
class EnvironmentQuestion:
    """What does the child run on? `devices` are those named, none meaning those there are."""

    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeviceQuestion:
    """Why can a device not be used? Answered by None if it can."""

    device: str


@dataclass(frozen=True)
class Script:
    """A script to write: the reproduction of one cell's failing sample."""

    file: str
    cell: dict[str, Any]


@dataclass(frozen=True)
class Alone:
    """A refusal to try in a process that ends after it. Answered by how it was broken, "" if it was not, or None where
    no sample fits it."""

    file: str
    device: str
    title: str
    dtype: str
    seed: int


@dataclass(frozen=True)
class Task:
    """One sweep to run: the cells of a spec file on a device."""

    file: str
    device: str
    cells: tuple[Cell, ...]
    examples: int
    seed: int
    remembered: tuple[Sample, ...] = ()
    journal: str = ""


@dataclass(frozen=True)
class TrialTask:
    """One trial to make: given samples put to the cells of a spec file on a device. Answered by `Answers`."""

    file: str
    device: str
    cells: tuple[Cell, ...]
    samples: tuple[Sample, ...]
    deviations: tuple[Deviation, ...]
    journal: str = ""


@dataclass(frozen=True)
class Timing:
    """One workload to time, or the growth of several. Answered by the record of its perf cell."""

    file: str
    device: str
    name: str


@dataclass(frozen=True)
class Lap:
    """One time to take of a workload: the seconds of a call, measured over batches of so many `loops`; 0 leaves their
    number to the child. Answered by the seconds and the loops."""

    file: str
    device: str
    name: str
    loops: int


@dataclass(frozen=True)
class Count:
    """A workload whose instructions callgrind is to count: for a child that runs under it. Answered by how many calls
    were counted."""

    file: str
    device: str
    name: str


@dataclass(frozen=True)
class Ask:
    """One cell to ask of one sample in one dtype, some times over. Answered by a list of `Outcome`, results shown."""

    file: str
    device: str
    cell: Cell
    dtype: str
    sample: Sample
    times: int = 1


def serve(channel: Any) -> None:
    """Answer requests until the parent goes: each a `Task`, `Alone`, `Script` or question."""
    import torch

    from conformance import devices, environment

    faulthandler.enable(all_threads=False)
    logging.disable()  # what goes wrong is told by the records; torch logs and warns of it besides, sample by sample
    warnings.simplefilter("ignore")
    torch.set_num_threads(environment.THREADS)
    devices.full_precision()
    channel.send(READY)
    while True:
        try:
            number, request = pickle.loads(channel.receive())
        except EOFError:
            return
        try:
            answer = Answer(_answer(request))
        except Exception:
            answer = Answer(error=traceback.format_exc())
        channel.send(pickle.dumps((number, answer)))


def _answer(request: Any) -> Any:
    from conformance import devices, environment

    if isinstance(request, Task):
        return _sweep(request)
    if isinstance(request, TrialTask):
        return _trial(request)
    if isinstance(request, Ask):
        return _ask(request)
    if isinstance(request, Lap):
        return _lap(request)
    if isinstance(request, Count):
        return _count(request)
    if isinstance(request, Timing):
        return _timing(request)
    if isinstance(request, Script):
        return _script(request)
    if isinstance(request, Alone):
        return _alone(request)
    if isinstance(request, DeviceQuestion):
        return devices.problem(request.device)
    return environment.describe(list(request.devices) or devices.available(), named=bool(request.devices))


@cache
def _spec(file: str) -> Spec:
    """The spec of a file, read once: the gate asks of one spec sample by sample."""
    from conformance import loader

    return loader.load(Path(file))


def _sweep(task: Task) -> list[dict[str, Any]]:
    """The records of a task's cells."""
    from conformance import deviations, loader
    from conformance.journal import Journal
    from conformance.sweep import Budget, Sweep

    file = Path(task.file)
    spec = _spec(task.file)
    journal = Journal(Path(task.journal))
    numbers = {cell: number for number, cell in enumerate(task.cells)}

    def before(cell: Cell, sample: Sample | None) -> None:
        journal.note(numbers[cell], sample)

    budget = Budget(task.examples, task.seed, task.remembered)
    known = deviations.load(loader.deviations_file(file))
    sweep = Sweep(spec, task.device, list(task.cells), budget, known, before)
    records = [state.as_record(task.device, cell) for cell, state in sweep.run().items()]
    journal.close()
    return records


def _trial(task: TrialTask) -> Answers:
    from conformance.journal import Journal
    from conformance.trial import Trial

    journal = Journal(Path(task.journal))
    numbers = {cell: number for number, cell in enumerate(task.cells)}

    def before(cell: Cell, sample: Sample | None) -> None:
        journal.note(numbers[cell], sample)

    trial = Trial(_spec(task.file), task.device, list(task.cells), task.deviations, before)
    answers = trial.run(task.samples)
    journal.close()
    return answers


def _ask(request: Ask) -> list[Outcome]:
    from conformance.trial import Trial

    spec = _spec(request.file)
    trial = Trial(spec, request.device, [request.cell], (), show=True)
    return [trial.ask(request.cell, request.dtype, request.sample) for _ in range(request.times)]


def _timing(request: Timing) -> dict[str, Any]:
    from conformance.cost import clock, perf

    clock.alone()
    return perf.measure(_spec(request.file), request.name, request.device)


def _lap(request: Lap) -> tuple[float, int]:
    timed = _timed(request.file, request.device, request.name)
    loops = request.loops or timed.loops(timed.torch)
    return timed.seconds(timed.torch, loops), loops


def _count(request: Count) -> int:
    from conformance.cost import callgrind

    return callgrind.run_counted(_timed(request.file, request.device, request.name).torch)


@lru_cache(maxsize=1)
def _timed(file: str, device: str, name: str) -> Any:
    """The workload that is being timed, made live once."""
    from conformance.cost import clock
    from conformance.cost.workloads import workload_named

    clock.alone()
    spec = _spec(file)
    return clock.Timed(spec, workload_named(spec, name), device)


def _alone(request: Alone) -> str | None:
    from conformance.checks.refusals import try_alone
    from conformance.execution import Execution
    from conformance.search import draw_samples

    spec = _spec(request.file)
    refusal = next(refusal for refusal in spec.refusals if refusal.title == request.title)
    for sample in draw_samples(spec, 30, request.seed):
        execution = Execution(spec, sample, request.dtype, request.device)
        if all(tensor.numel for tensor in sample.tensors) and execution.fits(refusal.when):
            return try_alone(execution, refusal)
    return None


def _script(request: Script) -> str:
    from conformance import repro

    return repro.script(_spec(request.file), request.cell)
