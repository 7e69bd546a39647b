"""How pytest-xdist shares out a run: all cells of one spec go to one worker, all compiled cells, and all of one
accelerator.

The children of the workers say what the run runs on; the controller starts none, and sees to it that they agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from conformance.plugin.items import RUN
from conformance.processes.client import PATIENCE
from conformance.results.codec import from_json, to_json
from conformance.results.file import parts_of
from conformance.results.model import Cell, Environment
from conformance.spec.cells import is_compiled

COMPILED = "compiled cells on the CPU"
"""The scope of the compiled cells."""


def scope_of(cell_id: str) -> str:
    """Cells of one scope go to one worker: those of a sweep; the compiled ones, whose calls are compiled together; and
    on devices other than the CPU all of one device, which several processes would fight for."""
    parts = parts_of(cell_id)
    device: str = parts["device"]
    if device != "cpu":
        return device
    compiled = is_compiled(Cell(parts["check"], parts["subject"]))
    return COMPILED if compiled else f"{parts['file']}::{device}"


class SweepScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps the cells of a scope together; other tests are shared out one by one. The compiled cells take longest, so
    they are begun first.

    xdist looks through all ids for the place of each, and through all that a worker has done whenever it has done one
    more. With many cells that would take longer than to ask them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid) if self.config.stash[RUN].is_cell(nodeid) else nodeid

    def _assign_work_unit(self, node: Any) -> None:
        if COMPILED in self.workqueue:
            self.workqueue.move_to_end(COMPILED, last=False)
        super()._assign_work_unit(node)

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        super().add_node_collection(node, collection)
        if node in self.registered_collections:
            self.registered_collections[node] = _Ids(collection)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
        super().mark_test_complete(node, item_index, duration)
        scopes = self.assigned_work[node]
        for scope in [scope for scope, done in scopes.items() if all(done.values())]:
            del scopes[scope]


class _Ids(list[str]):
    """The ids of a collection, which knows the place of each."""

    def __init__(self, ids: Iterable[str]) -> None:
        super().__init__(ids)
        self._places = {name: place for place, name in enumerate(self)}

    def index(self, name: str, *_: Any) -> int:
        return self._places[name]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Used for `-n` alone; a `--dist` that was named is left to xdist."""
    if any(str(argument).startswith("--dist") for argument in config.invocation_params.args):
        return None
    return SweepScheduling(config, log)


def pytest_configure_node(node: Any) -> None:
    """Give a worker the controller's specs and seed, and a channel on which it tells its environment."""
    node.workerinput["conformance"] = {
        "specs": node.config.stash[RUN].named,
        "seed": node.config.stash[RUN].seed,
        "environment": node.gateway.newchannel(),
    }


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """In a worker, once its child was asked: tell the controller the environment, or why there is none."""
    given = getattr(session.config, "workerinput", {}).get("conformance")
    if given:
        run = session.config.stash[RUN]
        given["environment"].send((run.setup_problem, "" if run.setup_problem else to_json(run.environment)))


def pytest_xdist_node_collection_finished(node: Any) -> None:
    """Take the environment from the worker, which told it before it collected. Raises `UsageError`."""
    problem, text = node.workerinput["conformance"]["environment"].receive(PATIENCE)
    if problem:
        raise pytest.UsageError(problem)
    run = node.config.stash[RUN]
    run.worker_told(node.gateway.id, from_json(text, Environment))
