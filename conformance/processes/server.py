"""The server in the child process, where torch runs. torch may kill, hang or corrupt this process without harm to the
run."""

from __future__ import annotations

import dataclasses
import faulthandler
import itertools
import logging
import os
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import torch
from msgspec.structs import replace

from conformance.checks.refusals import try_in_isolation
from conformance.engine.compiled import CompiledSweep, sweep, sweep_together
from conformance.engine.examiner import Before
from conformance.engine.explanations import is_explained
from conformance.engine.finding import Finding
from conformance.engine.graphs import Graphs
from conformance.engine.outcome import Answers, Outcome, WitnessAnswer
from conformance.engine.replay import Replay
from conformance.engine.script import script
from conformance.engine.search import draw_samples
from conformance.engine.sweep import Budget, CellState, concerning
from conformance.execution import devices, environment
from conformance.execution.broken import Broken, summary
from conformance.execution.device_memory import DeviceLacksMemory, is_out_of_memory
from conformance.execution.ending import end_if_copy, is_to_be_replaced, last_words_to
from conformance.execution.execution import Execution
from conformance.execution.memory_use import MemoryWatch, resident
from conformance.execution.promise import Promise
from conformance.execution.survey import survey
from conformance.processes.journal import Journal
from conformance.processes.requests import (
    AnyRequest,
    AskRequest,
    CellsRequest,
    CompiledRequest,
    CountRequest,
    DeviceRequest,
    EnvironmentRequest,
    IsolatedRefusal,
    IsolatedRefusalRequest,
    Lap,
    LapRequest,
    ProfileRequest,
    ReplayRequest,
    ReplaysRequest,
    Reply,
    SurveyRequest,
    SweepRequest,
    TimingRequest,
)
from conformance.results.codec import from_json, to_json
from conformance.results.model import Cell, CellResult, Environment, Failure, FailureKind, Verdict
from conformance.samples.sample import Sample
from conformance.samples.serial import from_data
from conformance.spec import loader
from conformance.spec.bounds import bounds_of
from conformance.spec.cells import PERF, result_of
from conformance.spec.contract import Spec
from conformance.spec.devices import GIVEN, DeviceProfile, on_device, without_dtypes
from conformance.spec.devices import use as use_profiles
from conformance.spec.draft import FoundOperation
from conformance.timing import callgrind, clock, ratios
from conformance.timing.workloads import workload_named


def serve(channel: Any) -> None:
    """Answer requests until the parent ends. The first message is the process group, once torch is imported."""
    faulthandler.enable(all_threads=False)
    logging.disable()  # the records report problems; torch would also log and warn, for every sample
    warnings.simplefilter("ignore")
    torch.set_num_threads(environment.THREADS)
    use_profiles(Path(name) for name in os.environ.get(GIVEN, "").split(os.pathsep) if name)
    devices.full_precision()
    channel.send(os.getpgrp() if hasattr(os, "getpgrp") else 0)
    while True:
        try:
            number, text = channel.receive()
        except EOFError:
            return
        started = _spent()
        try:
            request: Any = from_json(text, AnyRequest)
            answer = to_json(_RUNNERS[type(request)](request), infinities=True)
            error = ""
        except BaseException:
            answer, error = "", traceback.format_exc()
        end_if_copy()
        seconds, cpu_seconds, grown = (now - then for now, then in zip(_spent(), started))
        channel.send(tuple(Reply(number, answer, error, seconds, cpu_seconds, int(grown), is_to_be_replaced())))


def _spent() -> tuple[float, float, int]:
    """Seconds by a clock; seconds of processor time, of this process and of those it started that have ended (Windows
    does not tell the latter); and the bytes in memory."""
    return time.monotonic(), sum(os.times()[:4]), resident()


@cache
def _spec(file: str, device: str) -> Spec:
    """The spec of a file, as it is promised of a device, less what the device cannot hold or changes. It is loaded
    once: the gate asks many requests about one."""
    spec = on_device(loader.load(Path(file)), device, torch.__version__)
    if device == "cpu":  # a torch that has no such dtype is asked as one that has it, or the two could not be compared
        return spec
    spec = without_dtypes(spec, devices.missing_dtypes(device))
    return dataclasses.replace(spec, lacking=(*spec.lacking, *devices.changed_dtypes(device)))


@contextmanager
def _journaled(path: str, *requests: CellsRequest[Any]) -> Iterator[list[Before]]:
    """For each request a function that notes its steps in the journal. The cells of all are counted through."""
    journal, memory = Journal(Path(path)), MemoryWatch()

    def before(numbers: dict[Cell, int], cell: Cell, sample: Sample | None) -> None:
        memory.check()
        journal.note(numbers[cell], sample)

    counter = itertools.count()
    try:
        with last_words_to(journal.say):
            yield [partial(before, {cell: next(counter) for cell in request.cells}) for request in requests]
    finally:
        journal.close()


def _environment(request: EnvironmentRequest) -> Environment:
    return environment.describe(list(request.devices) or devices.available(), named=bool(request.devices))


def _device(request: DeviceRequest) -> str:
    return devices.problem(request.device) or ""


def _survey(request: SurveyRequest) -> FoundOperation:
    return survey(request.operation)


def _profile(request: ProfileRequest) -> DeviceProfile:
    return devices.facts(request.device)


def _sweep(request: SweepRequest) -> tuple[CellResult, ...]:
    cells, budget = list(request.cells), _budget(request)
    try:
        with _journaled(request.journal, request) as (before,):
            states = sweep(
                _spec(request.file, request.device),
                request.device,
                cells,
                budget,
                request.deviations,
                before,
                request.one_by_one,
            )
    except DeviceLacksMemory as lack:  # not even for what is asked before the first sample
        return _not_run(request, lack)
    return _records(request, states)


def _not_run(request: SweepRequest, lack: DeviceLacksMemory) -> tuple[CellResult, ...]:
    failure = Failure(kind=FailureKind.OUT_OF_MEMORY, message=str(lack))
    operation = loader.load(Path(request.file)).operation
    return tuple(
        result_of(request.name, operation, request.device, cell, Verdict.NOT_RUN, failure) for cell in request.cells
    )


def _compiled(request: CompiledRequest) -> tuple[tuple[CellResult, ...], ...]:
    try:
        return _compiled_together(request)
    except DeviceLacksMemory as lack:
        return tuple(_not_run(one, lack) for one in request.sweeps)


def _compiled_together(request: CompiledRequest) -> tuple[tuple[CellResult, ...], ...]:
    with _journaled(request.journal, *request.sweeps) as befores:
        sweeps = [
            CompiledSweep(
                _spec(one.file, one.device), one.device, list(one.cells), _budget(one), one.deviations, before
            )
            for one, before in zip(request.sweeps, befores)
        ]
        states = sweep_together(sweeps)
    return tuple(_records(one, found) for one, found in zip(request.sweeps, states))


def _budget(request: SweepRequest) -> Budget:
    remembered = tuple(from_data(data) for data in request.remembered)
    return Budget(request.examples, request.seed, remembered, request.thorough)


def _records(request: SweepRequest, states: dict[Cell, CellState]) -> tuple[CellResult, ...]:
    """The records of a sweep's cells. Each failure has the script that reproduces it."""
    spec = _spec(request.file, request.device)
    found = (state.result(request.name, spec.operation, request.device, cell) for cell, state in states.items())
    return tuple(
        result.with_failures(replace(failure, script=_script(spec, result, failure)) for failure in result.failures)
        for result in found
    )


def _script(spec: Spec, result: CellResult, failure: Failure) -> str:
    try:
        return script(spec, result, failure)
    except Exception:
        lines = f"no script could be written: {traceback.format_exc()}".splitlines()
        return "".join(f"# {line}\n" for line in lines)


def _replay(request: ReplayRequest) -> Answers:
    with _journaled(request.journal, request) as (before,):
        return _replay_of(request, before).run(_samples(request), request.one_by_one)


def _replays(request: ReplaysRequest) -> tuple[Answers, ...]:
    with _journaled(request.journal, *request.replays) as befores:
        replays = [_replay_of(one, before) for one, before in zip(request.replays, befores)]
        calls = [one.compiled_calls(_samples(asked)) for one, asked in zip(replays, request.replays)]
        Graphs(every_call=True).ask(itertools.chain(*calls))
        answered: dict[str, WitnessAnswer] = {}
        return tuple(one.answers(answered) for one in replays)


def _replay_of(request: ReplayRequest, before: Before) -> Replay:
    spec, cells = _spec(request.file, request.device), list(request.cells)
    return Replay(spec, request.device, cells, request.deviations, before, thorough=request.thorough)


def _samples(request: ReplayRequest) -> tuple[Sample, ...]:
    return tuple(from_data(data) for data in request.samples)


def _ask(request: AskRequest) -> tuple[Outcome, ...]:
    replay = Replay(_spec(request.file, request.device), request.device, [request.cell], (), show=True)
    sample = from_data(request.sample)
    return tuple(replay.ask(request.cell, request.dtype, sample) for _ in range(request.repeats))


def _timing(request: TimingRequest) -> CellResult:
    clock.use_one_core()
    spec, bounds = _spec(request.file, request.device), bounds_of(Path(request.file))
    try:
        return ratios.measure(spec, request.workload, request.device, request.name, bounds)
    except Exception as error:
        if request.device == "cpu" or not is_out_of_memory(error):
            raise
        cell, lack = Cell(PERF, request.workload), Failure(kind=FailureKind.OUT_OF_MEMORY, message=summary(error))
        return result_of(request.name, spec.operation, request.device, cell, Verdict.NOT_RUN, lack)


def _lap(request: LapRequest) -> Lap:
    timed = _timed(request.file, request.device, request.workload)
    loops = request.loops or timed.loops(timed.torch)
    return Lap(seconds=timed.seconds(timed.torch, loops), loops=loops)


def _count(request: CountRequest) -> int:
    return callgrind.run_counted(_timed(request.file, request.device, request.workload).torch)


@lru_cache(maxsize=1)
def _timed(file: str, device: str, name: str) -> clock.Timed:
    """A workload as live calls. It is made once, because its times are taken one by one."""
    clock.use_one_core()
    spec = _spec(file, device)
    return clock.Timed(spec, workload_named(spec, name), device)


def _isolated_refusal(request: IsolatedRefusalRequest) -> IsolatedRefusal:
    spec = _spec(request.file, request.device)
    refusal = next(refusal for refusal in spec.refusals if refusal.title == request.title)
    for sample in draw_samples(spec, 30, request.seed):
        promise = Promise(spec, sample, request.dtype)
        if all(tensor.numel for tensor in sample.tensors) and promise.fits(refusal.when):
            try:
                try_in_isolation(Execution(promise, request.device), refusal)
            except Broken as broken:
                cell, failure = Cell("refusals", request.dtype), broken.failure()
                known = concerning(request.deviations, spec, cell, request.device)
                is_known = is_explained(spec, known, Finding(failure, sample, request.dtype))
                return IsolatedRefusal(tried=True, failure=None if is_known else failure)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                lack = Failure(kind=FailureKind.OUT_OF_MEMORY, message=f"{refusal.title}: {summary(error)}")
                return IsolatedRefusal(tried=True, failure=lack)
            return IsolatedRefusal(tried=True)
    return IsolatedRefusal(tried=False)


_RUNNERS: dict[type, Callable[[Any], Any]] = {
    EnvironmentRequest: _environment,
    DeviceRequest: _device,
    ProfileRequest: _profile,
    SurveyRequest: _survey,
    SweepRequest: _sweep,
    CompiledRequest: _compiled,
    ReplayRequest: _replay,
    ReplaysRequest: _replays,
    AskRequest: _ask,
    TimingRequest: _timing,
    LapRequest: _lap,
    CountRequest: _count,
    IsolatedRefusalRequest: _isolated_refusal,
}
"""The function that answers each type of request."""
