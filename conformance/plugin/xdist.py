"""How pytest-xdist shares out a run: all cells of one spec go to one worker, and all of one accelerator."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from xdist.scheduler import LoadScopeScheduling

from conformance.plugin.items import RUN


def scope_of(cell_id: str) -> str:
    """Cells of one scope go to one worker: those of a sweep, and on devices other than the CPU all of one device, which
    several processes would fight for."""
    file, _, cell = cell_id.partition("::")
    device = cell.partition("[")[2].partition("-")[0]
    return f"{file}::{device}" if device == "cpu" else device


class SweepScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps the cells of a scope together; other tests are shared out one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid) if self.config.stash[RUN].is_cell(nodeid) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Used for `-n` alone; a `--dist` that was named is left to xdist."""
    if any(str(argument).startswith("--dist") for argument in config.invocation_params.args):
        return None
    return SweepScheduling(config, log)


def pytest_configure_node(node: Any) -> None:
    """Give a worker the controller's specs and environment, so that all run the same on the same terms."""
    node.workerinput["conformance"] = {
        "specs": list(node.config.getoption("file_or_dir")),
        "environment": msgspec.to_builtins(node.config.stash[RUN].environment),
    }


def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    node.config.stash[RUN].planned(ids)
