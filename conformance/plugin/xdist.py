"""How pytest-xdist shares out a run: all cells of one spec on one device go to one worker, and all compiled cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from conformance.plugin.items import RUN
from conformance.results.file import parts_of
from conformance.results.model import Cell
from conformance.spec.cells import is_compiled

MOST_RETRIES = 1
"""How often the cells of a scope are asked again if their worker dies."""

COMPILED = "compiled cells on "
"""How the scopes of compiled cells begin."""


def scope_of(cell_id: str) -> str:
    """Cells of one scope go to one worker: those of a sweep, and the compiled ones of a device, whose calls are
    compiled together."""
    parts = parts_of(cell_id)
    compiled = is_compiled(Cell(parts["check"], parts["subject"]))
    return COMPILED + parts["device"] if compiled else f"{parts['file']}::{parts['device']}"


class SweepScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps the cells of a scope together; other tests are shared out one by one. The compiled cells take longest, so
    they are begun first.

    xdist looks through all ids for the place of each, and through all that a worker has done whenever it has done one
    more. With many cells that would take longer than to ask them.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._deaths: Counter[str] = Counter()
        """how many workers died while they asked the cells of a scope"""

    def will_ask_again(self, nodeid: str) -> bool:
        """Whether the cells of an item's scope are asked by another worker, since one died."""
        return self._deaths[self._split_scope(nodeid)] <= MOST_RETRIES

    def remove_node(self, node: Any) -> str | None:
        """Forget a worker, and return the item that it ran if it died. What it had left is asked by others, but not
        again and again: cells that end their workers are not run."""
        scopes = self.assigned_work[node]
        open_ones = ((scope, name) for scope, items in scopes.items() for name, done in items.items() if not done)
        scope, name = next(open_ones, (None, None))
        if scope is not None:
            self._deaths[scope] += 1
            if self._deaths[scope] > MOST_RETRIES:
                del scopes[scope]
        super().remove_node(node)
        return name

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid) if self.config.stash[RUN].is_cell(nodeid) else nodeid

    def _assign_work_unit(self, node: Any) -> None:
        for scope in [scope for scope in self.workqueue if scope.startswith(COMPILED)]:
            self.workqueue.move_to_end(scope, last=False)
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
    """Used for `-n`, and for `-d` with `--tx`; a `--dist` that was named is left to xdist."""
    if any(str(argument).startswith("--dist") for argument in config.invocation_params.args):
        return None
    return SweepScheduling(config, log)


def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Any) -> None:
    """A worker died. That is no answer of the cell that it asked: another worker gives one, or nobody does."""
    if isinstance(sched, SweepScheduling) and sched.config.stash[RUN].is_cell(crashitem):
        report.outcome = "rerun" if sched.will_ask_again(crashitem) else "failed"  # type: ignore[assignment]
