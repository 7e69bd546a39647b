"""The workers of pytest-xdist, on this machine or on others: what they are given, and what they tell.

The children of the workers say what the run runs on. The controller starts none, and sees to it that the workers agree
with each other and with itself; a worker that cannot start ends the run with one line.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import execnet
import pytest

from conformance import __version__
from conformance.plugin.run import Run
from conformance.processes.client import PATIENCE
from conformance.results.codec import from_json, one_line, to_json
from conformance.results.model import Environment
from conformance.spec import catalogue

NOT_STARTED = (OSError, EOFError, execnet.HostNotFound, execnet.RemoteError)
"""What execnet raises where a process cannot be started, or nobody answers."""

OTHER_CONTRACT = "has other specs, known deviations or device profiles than this machine, or another torch-conformance"


class Worker:
    """The plugin of pytest in a worker."""

    def __init__(self, run: Run) -> None:
        self._run, self._channel = run, run.config.workerinput["conformance"]["channel"]  # type: ignore[attr-defined]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Once the worker's child was asked, tell the environment, or why there is none."""
        problem = self._run.setup_problem
        self._channel.send((problem, contract_of(self._run), "" if problem else to_json(self._run.environment)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        """Before the worker's collection is told, tell how many cells were deselected."""
        self._channel.send(self._run.deselected)


class Workers:
    """The plugin of pytest in the controller."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._collected: set[str] = set()
        """the ids of the workers that have told what they collected"""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self) -> Generator[None, Any, Any]:
        """Raise `UsageError` where a worker cannot be started. One that is lost later is replaced, if need be beside
        another."""
        try:
            told = yield
        except NOT_STARTED as error:
            option = self._run.config.option
            where = ", ".join((*getattr(option, "px", ()), *option.tx))
            raise pytest.UsageError(f"the workers cannot be started ({where}): {_last_line(error)}") from None
        distributed = self._run.config.pluginmanager.getplugin("dsession")
        if distributed is not None:  # as with --collect-only
            distributed._clone_node = partial(_replaced, distributed, distributed._clone_node)
        return told

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """A run whose workers are all lost ends here, with the answers that it has."""
        try:
            return (yield)
        except RuntimeError as error:
            if "no active workers" not in str(error):
                raise
            if not self._collected:
                raise pytest.UsageError("no worker could be started") from None
            return True

    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """execnet ends by an error where it cannot end a worker on a machine that was lost."""
        if gateway.spec.via:
            gateway._io.kill = partial(_unless_lost, gateway._io.kill)

    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker the controller's specs and seed, and a channel on which it tells what it finds."""
        node.workerinput["conformance"] = {
            "specs": self._run.named,
            "seed": self._run.seed,
            "channel": node.gateway.newchannel(),
        }

    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        """Take what the worker told before: its environment, and what it deselected. Raises `UsageError`."""
        self._collected.add(node.gateway.id)
        channel = node.workerinput["conformance"]["channel"]
        problem, contract, text = channel.receive(PATIENCE)
        if problem:
            raise pytest.UsageError(problem)
        if contract != contract_of(self._run):
            raise pytest.UsageError(f"the workers are not alike: {name_of(node)} {OTHER_CONTRACT}")
        self._run.worker_told(name_of(node), from_json(text, Environment))
        self._run.deselected = channel.receive(PATIENCE)

    @pytest.hookimpl(tryfirst=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Raise `UsageError` where an exception ended a worker before it had collected anything: the next one would
        end likewise."""
        if isinstance(error, execnet.RemoteError) and node.gateway.id not in self._collected:
            raise pytest.UsageError(f"worker {name_of(node)} cannot start: {_last_line(error)}")


def _replaced(distributed: Any, clone: Callable[[Any], Any], lost: Any) -> None:
    """Start another worker for one that died: where it was, or where one of the others runs, or not at all."""
    living = [node.gateway.spec for node in distributed.sched.nodes]
    for spec in dict.fromkeys(map(str, (lost.gateway.spec, *living))):
        try:
            clone(SimpleNamespace(gateway=SimpleNamespace(spec=execnet.XSpec(spec))))
            return
        except NOT_STARTED as error:
            distributed.report_line(f"no worker can be started there ({_short(spec)}): {_last_line(error)}")


def _unless_lost(kill: Callable[[], None]) -> None:
    with suppress(OSError):
        kill()


def contract_of(run: Run) -> str:
    """What must be the same in every process of a run: the version of this package, the specs, the known deviations
    and the profiles of devices."""
    return f"{__version__} {catalogue.digest(run.selection.files, (*run.deviations, *run.profiles))}"


def name_of(node: Any) -> str:
    """A worker by its id, and by how it was started if that was not for `-n`."""
    spec = _short(str(node.gateway.spec))
    return str(node.gateway.id) if spec == "popen" else f"{node.gateway.id} ({spec})"


def _short(spec: str) -> str:
    """A specification of execnet without what xdist adds to it."""
    return spec.removeprefix("execmodel=main_thread_only//")


def _last_line(error: BaseException) -> str:
    """The last line of an error, which names it; without the class of a usage error."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return one_line(lines[-1].split("UsageError: ", 1)[-1].partition(": <Gateway")[0])
