"""A run's sweeps: which child process makes them, and each cell's result once its sweep is done. Knows no pytest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis.database import ExampleDatabase
from msgspec.structs import replace

from conformance.engine.known_deviations import KnownDeviations, known_deviations
from conformance.plugin.failure_database import FailureDatabase
from conformance.processes.client import ChildDied, ChildFailed, ChildProcess, Spent, reason_of
from conformance.processes.halves import Halves
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import (
    DeviceRequest,
    EnvironmentRequest,
    IsolatedRefusal,
    IsolatedRefusalRequest,
    SweepRequest,
    TimingRequest,
)
from conformance.processes.survivor import Survived, Survivor
from conformance.results.model import Cell, CellResult, Environment, Evidence, Failure, FailureKind, Verdict
from conformance.samples.serial import sample_text
from conformance.spec import catalogue
from conformance.spec.catalogue import Selection
from conformance.spec.cells import PERF, cell_id, result_of
from conformance.spec.contract import Refusal, Spec


class SetupError(Exception):
    """A run that cannot start; the message is one line that says what to do."""


@dataclass(frozen=True)
class Plan:
    """How a run searches: samples per sweep, the seed that they are drawn from, and whether each is asked in every
    dtype."""

    examples: int
    seed: int
    thorough: bool = False


class Runner:
    """Loads specs, runs their sweeps in one child process, and hands out results.

    `selection` are the specs of the run, `deviations` the files of known deviations beside the built-in one,
    `variables` the environment variables of child processes.
    """

    def __init__(
        self,
        patience: float,
        database: ExampleDatabase | None = None,
        selection: Selection | None = None,
        deviations: Sequence[Path] = (),
        variables: tuple[tuple[str, str], ...] = (),
    ) -> None:
        interpreter = Interpreter(environment=variables)
        self._child = ChildProcess(patience, interpreter)
        self._timer = ChildProcess(patience, interpreter.to_be_timed)
        """times are taken in a process of one thread on one core, which must make no sweeps"""
        self._failures = FailureDatabase(database)
        self._digests: dict[Path, str] = {}
        self._selection = selection or Selection(())
        self._deviations = tuple(deviations)
        self._known: KnownDeviations | None = None

    def environment(self, devices: list[str], timed: bool = False) -> Environment:
        """What the run runs on; `devices` are those named, none meaning those there are. Raises `SetupError`.

        The child is asked that then makes the sweeps, or takes the times.
        """
        named = tuple(dict.fromkeys(devices))
        child = self._timer if timed else self._child
        try:
            for device in named:
                problem = child.ask(DeviceRequest(device=device))
                if problem:
                    raise SetupError(f"--device: {problem}")
            return child.ask(EnvironmentRequest(devices=named))
        except ChildDied as death:
            if "No module named 'torch'" in str(death):
                raise SetupError(
                    "there is no torch here: install the one to be tested beside torch-conformance"
                ) from None
            raise SetupError(f"torch cannot be asked here: {death}") from None
        except ChildFailed as problem:
            raise SetupError(f"torch cannot be asked here: {reason_of(problem)}") from None

    def spec(self, path: Path) -> Spec:
        """The spec of a file; raises `SpecError`, or `DeviationError` for the known deviations of the run."""
        spec = catalogue.load(catalogue.spec_file(path))
        self._known_deviations()
        return spec

    def _known_deviations(self) -> KnownDeviations:
        if self._known is None:
            self._known = known_deviations(self._deviations, self._selection.files, self._selection.whole)
        return self._known

    # --- sweeps ---------------------------------------------------------------------------------------------------

    @property
    def spent(self) -> Spent:
        """What all sweeps so far took in the child process."""
        return self._child.spent

    def sweep(self, path: Path, name: str, device: str, cells: tuple[Cell, ...], plan: Plan) -> dict[Cell, CellResult]:
        """Run one sweep; `name` is how the run calls the spec's file."""
        request = self._request(path, name, device, cells, plan)
        survivor = Survivor(self._child, request)
        survivor.begin()
        results = {result.cell: result for result in self._results(request, survivor.finish())}
        if device != "cpu":
            self._ask_in_isolation(path, results, plan)
        return results

    def compiled(
        self, cells: dict[tuple[Path, str], tuple[Cell, ...]], device: str, plan: Plan
    ) -> dict[str, list[CellResult] | ChildFailed]:
        """Run the sweeps of compiled cells, by the path and the name of the spec's file. Returns by the same name the
        results, or an error of the suite."""
        requests = [self._request(path, name, device, some, plan) for (path, name), some in cells.items()]
        outcomes = Halves(self._child).ask(tuple(requests))
        return {
            request.name: outcome if isinstance(outcome, ChildFailed) else self._results(request, outcome)
            for request, outcome in zip(requests, outcomes)
        }

    def _request(self, path: Path, name: str, device: str, cells: tuple[Cell, ...], plan: Plan) -> SweepRequest:
        file = catalogue.spec_file(path)
        return SweepRequest(
            file=str(path),
            name=name,
            device=device,
            cells=cells,
            examples=plan.examples,
            seed=plan.seed,
            thorough=plan.thorough,
            deviations=self._known_deviations().of(file, self.spec(path)),
            remembered=self._failures.samples(self._key(path, cell_id(name, cell, device)) for cell in cells),
        )

    def _key(self, path: Path, cell: str) -> str:
        """The key of a cell in the failure database, by its id."""
        if path not in self._digests:
            self._digests[path] = catalogue.digest([catalogue.spec_file(path)], self._deviations)
        return f"{self._digests[path]}::{cell}"

    def _results(self, request: SweepRequest, survived: Survived[tuple[CellResult, ...]]) -> list[CellResult]:
        """The results of a sweep's cells; what ended the process is "crashed", and so is what was not reached then. If
        the device does not work any more, what was not reached is "not run". The failure database is brought up to
        date."""
        found = list(survived.answer or ())
        found += [
            self._ended(request, crash.cell, Verdict.CRASHED, replace(crash.failure, sample=sample_text(crash.sample)))
            for crash in survived.crashes
        ]
        given_up = f"the sweep was given up after {len(survived.crashes)} crashes"
        failure = Failure(kind=FailureKind.NOT_REACHED, message=f"not reached: {survived.reason or given_up}")
        verdict = Verdict.NOT_RUN if survived.reason else Verdict.CRASHED
        found += [self._ended(request, cell, verdict, failure) for cell in survived.not_reached]
        for result in found:
            self._failures.update(self._key(Path(request.file), result.id), result)
        return found

    def _ended(self, request: SweepRequest, cell: Cell, verdict: Verdict, failure: Failure) -> CellResult:
        operation = self.spec(Path(request.file)).operation
        return result_of(request.name, operation, request.device, cell, verdict, failure)

    def _ask_in_isolation(self, path: Path, results: dict[Cell, CellResult], plan: Plan) -> None:
        """Ask what a process may not survive on this device, in one dtype; the answers go into that cell's result."""
        for refusal in self.spec(path).refusals:
            result = next((one for one in results.values() if one.check == "refusals"), None)
            if result is None or result.verdict.failed or not refusal.poisons:
                continue
            request = IsolatedRefusalRequest(
                file=str(path),
                device=result.device,
                title=refusal.title,
                dtype=result.subject,
                seed=plan.seed,
                deviations=self._known_deviations().of(catalogue.spec_file(path), self.spec(path)),
            )
            try:
                answer = self._child.ask_in_isolation(request)
            except ChildDied as death:
                answer = IsolatedRefusal(tried=True, failure=_died_of(refusal, death))
            if answer.tried:
                results[result.cell] = _with_isolated(result, refusal, answer.failure)

    # --- times ----------------------------------------------------------------------------------------------------

    def time(self, path: Path, name: str, device: str, workload: str) -> CellResult:
        """The result of one workload. What does not hold is timed again in a fresh process, whose result counts."""
        request = TimingRequest(file=str(path), name=name, device=device, workload=workload)
        operation, cell = self.spec(path).operation, Cell(PERF, workload)
        try:
            result = self._timer.ask(request)
            if result.verdict in (Verdict.BROKEN, Verdict.NOT_RUN):
                self._timer.end()
                result = self._timer.ask(request)
            return result
        except ChildDied as death:
            failure = Failure(kind=death.kind, message=f"{death} while it was timed")
            return result_of(name, operation, device, cell, Verdict.CRASHED, failure)
        except ChildFailed as problem:
            message = f"could not be timed: {reason_of(problem)}"
            failure = Failure(kind=FailureKind.CHECK_FAILED, message=message)
            return result_of(name, operation, device, cell, Verdict.BROKEN, failure)

    def close(self) -> None:
        self._child.close()
        self._timer.close()


def _with_isolated(result: CellResult, refusal: Refusal, failure: Failure | None) -> CellResult:
    """The result of the refusals of a dtype, with what came of one that was tried in a process of its own."""
    evidence = result.evidence
    told: Evidence = replace(
        evidence,
        comparisons=evidence.comparisons + 1,
        notes=(*evidence.notes, f"{refusal.title}: in a process of its own"),
    )
    if failure is None:
        return replace(result, evidence=told)
    verdict = Verdict.CRASHED if failure.kind.ended_the_process else Verdict.BROKEN
    if failure.kind is FailureKind.OUT_OF_MEMORY:
        verdict = Verdict.NOT_RUN
    return replace(result, evidence=told, verdict=verdict, failure=failure)


def _died_of(refusal: Refusal, death: ChildDied) -> Failure:
    """The failure of a refusal that ended its process."""
    return Failure(
        kind=death.kind,
        message=f"{refusal.title}: {death}",
        about=refusal.title,
        call=refusal.call,
        promised="an exception, and a process that lives",
    )
