"""A run's sweeps: which child process makes them, and each cell's record once its sweep is done. Knows no pytest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis.database import ExampleDatabase

from conformance import results
from conformance.engine import deviations
from conformance.execution.evidence import Evidence, cell_record
from conformance.plugin.failure_database import Remembered
from conformance.processes.client import ChildDied, ChildFailed, Worker, reason_of
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import Alone, DeviceQuestion, EnvironmentQuestion, Script, Task, Timing
from conformance.spec import loader
from conformance.spec.cells import PERF, Cell
from conformance.spec.contract import Spec, SpecError


class SetupError(Exception):
    """A run that cannot start; the message is one line that says what to do."""


@dataclass(frozen=True)
class Plan:
    """How a run searches: samples per sweep, and the seed that they are drawn from."""

    examples: int
    seed: int


class Session:
    """Loads specs, runs their sweeps in one child process, and hands out records."""

    def __init__(self, patience: float, database: ExampleDatabase | None = None) -> None:
        self._worker = Worker(patience)
        self._timer = Worker(patience, Interpreter().to_be_timed)
        """times are taken in a process of one thread on one core, which must make no sweeps"""
        self._remembered = Remembered(database)
        self._specs: dict[Path, Spec] = {}
        self._checked: set[Path] = set()

    def environment(self, devices: list[str]) -> dict[str, Any]:
        """What the run runs on; `devices` are those named, none meaning those there are. Raises `SetupError`."""
        named = tuple(dict.fromkeys(devices))
        try:
            for device in named:
                problem = self._worker.ask(DeviceQuestion(device))
                if problem:
                    raise SetupError(f"--device: {problem}")
            found: dict[str, Any] = self._worker.ask(EnvironmentQuestion(named))
        except ChildDied:
            raise SetupError(
                "torch cannot be imported here: install the torch to be tested beside torch-conformance"
            ) from None
        return found

    def spec(self, path: Path) -> Spec:
        """The spec of a file; raises `SpecError`, or `DeviationError` for the deviations that go with it."""
        spec = self._load(path)
        self._check_deviations(loader.deviations_file(path))
        return spec

    def _load(self, path: Path) -> Spec:
        if path not in self._specs:
            self._specs[path] = loader.load(path)
        return self._specs[path]

    def _check_deviations(self, file: Path) -> None:
        if file in self._checked or not file.exists():
            return
        try:
            specs = [self._load(path) for path in loader.spec_files(file.parent)]
        except SpecError:
            return  # that spec is told where it is collected itself
        deviations.validate(deviations.load(file), specs)
        self._checked.add(file)

    def sweep(self, path: Path, device: str, cells: Mapping[Cell, str], plan: Plan) -> dict[str, dict[str, Any]]:
        """Run one sweep; the records of its cells by id. `cells` maps each cell to its id."""
        digest = loader.digest([path])
        keys = {cell: f"{digest}::{name}" for cell, name in cells.items()}
        remembered = self._remembered.samples(keys.values())
        operation = self.spec(path).operation
        records = {}
        for record in self._worker.sweep(Task(str(path), device, tuple(cells), plan.examples, plan.seed, remembered)):
            self._remembered.update(keys[record["check"], record["subject"]], record)
            name = cells[record["check"], record["subject"]]
            records[name] = _of_cell(record, name, operation)
        refusals = [record for record in records.values() if record["check"] == "refusals"]
        if device != "cpu" and refusals:
            self._ask_alone(path, refusals[0], plan)
        return records

    def _ask_alone(self, path: Path, record: dict[str, Any], plan: Plan) -> None:
        """Ask what a process may not survive on this device, in one dtype; the answers go into that cell's record."""
        for refusal in self.spec(path).refusals:
            if not refusal.poisons or record["verdict"] in results.FAILED:
                continue
            request = Alone(str(path), record["device"], refusal.title, record["subject"], plan.seed)
            try:
                broken = self._worker.ask_alone(request)
            except ChildDied as death:
                broken = f"{refusal.title}: {death}"
            if broken is None:
                continue
            record["evidence"]["comparisons"] += 1
            record["evidence"]["notes"].append(f"{refusal.title}: in a process of its own")
            if broken:
                record.update(verdict=results.BROKEN, message=broken, call=refusal.call, promised="a RuntimeError")

    def time(self, path: Path, device: str, name: str, cell_id: str) -> dict[str, Any]:
        """The record of one workload; what is broken must break again in a fresh process."""
        request = Timing(str(path), device, name)
        try:
            record = self._timer.ask(request)
            if record["verdict"] == results.BROKEN:
                self._timer.end()
                record = self._timer.ask(request)
        except ChildDied as death:
            record = cell_record(device, (PERF, name), results.CRASHED, Evidence(), f"{death} while it was timed")
        except ChildFailed as problem:
            message = f"could not be timed: {reason_of(problem)}"
            record = cell_record(device, (PERF, name), results.BROKEN, Evidence(), message)
        return _of_cell(record, cell_id, self.spec(path).operation)

    def script(self, path: Path, record: dict[str, Any]) -> str:
        """The script that reproduces a record's failure, or "" where there is none to write."""
        if record["verdict"] not in results.FAILED or not (record["call"] or record["sample"]):
            return ""
        try:
            return str(self._worker.ask(Script(str(path), record)))
        except (ChildDied, ChildFailed) as problem:
            return "".join(f"# {line}\n" for line in f"no script could be written: {problem}".splitlines())

    def close(self) -> None:
        self._worker.close()
        self._timer.close()


def _of_cell(record: dict[str, Any], cell_id: str, operation: str) -> dict[str, Any]:
    """What a child says of a cell, with the name that the cell has in the run."""
    return {
        **record,
        "type": "cell",
        "id": cell_id,
        "file": cell_id.split("::")[0],
        "operation": operation,
        "repro": "",
    }
