"""The child process in which sweeps run: torch may kill it, hang it or poison it without harm to the run."""

from __future__ import annotations

import faulthandler
import logging
import pickle
import traceback
import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import torch

from conformance.checks import script
from conformance.checks.refusals import try_alone
from conformance.engine import deviations
from conformance.engine.outcome import Answers, Outcome
from conformance.engine.replay import Trial
from conformance.engine.search import draw_samples
from conformance.engine.sweep import Budget, Sweep
from conformance.execution import devices, environment
from conformance.execution.execution import Execution
from conformance.processes.journal import Journal
from conformance.processes.requests import (
    READY,
    Alone,
    Answer,
    Ask,
    Count,
    DeviceQuestion,
    Lap,
    Script,
    Task,
    Timing,
    TrialTask,
)
from conformance.samples.sample import Sample
from conformance.spec import loader
from conformance.spec.cells import Cell
from conformance.spec.contract import Spec
from conformance.timing import callgrind, clock, ratios
from conformance.timing.workloads import workload_named


def serve(channel: Any) -> None:
    """Answer requests until the parent goes: each a `Task`, `Alone`, `Script` or question."""
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

    return loader.load(Path(file))


def _sweep(task: Task) -> list[dict[str, Any]]:
    """The records of a task's cells."""

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
    journal = Journal(Path(task.journal))
    numbers = {cell: number for number, cell in enumerate(task.cells)}

    def before(cell: Cell, sample: Sample | None) -> None:
        journal.note(numbers[cell], sample)

    trial = Trial(_spec(task.file), task.device, list(task.cells), task.deviations, before)
    answers = trial.run(task.samples)
    journal.close()
    return answers


def _ask(request: Ask) -> list[Outcome]:
    spec = _spec(request.file)
    trial = Trial(spec, request.device, [request.cell], (), show=True)
    return [trial.ask(request.cell, request.dtype, request.sample) for _ in range(request.times)]


def _timing(request: Timing) -> dict[str, Any]:
    clock.alone()
    return ratios.measure(_spec(request.file), request.name, request.device)


def _lap(request: Lap) -> tuple[float, int]:
    timed = _timed(request.file, request.device, request.name)
    loops = request.loops or timed.loops(timed.torch)
    return timed.seconds(timed.torch, loops), loops


def _count(request: Count) -> int:
    return callgrind.run_counted(_timed(request.file, request.device, request.name).torch)


@lru_cache(maxsize=1)
def _timed(file: str, device: str, name: str) -> Any:
    """The workload that is being timed, made live once."""

    clock.alone()
    spec = _spec(file)
    return clock.Timed(spec, workload_named(spec, name), device)


def _alone(request: Alone) -> str | None:
    spec = _spec(request.file)
    refusal = next(refusal for refusal in spec.refusals if refusal.title == request.title)
    for sample in draw_samples(spec, 30, request.seed):
        execution = Execution(spec, sample, request.dtype, request.device)
        if all(tensor.numel for tensor in sample.tensors) and execution.fits(refusal.when):
            return try_alone(execution, refusal)
    return None


def _script(request: Script) -> str:
    return script.script(_spec(request.file), request.cell)
