"""How pytest-xdist shares out a run: all cells of one spec go to one worker, and all of one accelerator."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from xdist.scheduler import LoadScopeScheduling

from conformance.plugin.items import RUN
from conformance.spec import loader


class SweepScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps the cells of a sweep together, and on devices other than the CPU all that is asked of one device, which
    several processes would fight for; other tests are shared out one by one."""

    def _split_scope(self, nodeid: str) -> str:
        if not loader.is_cell(nodeid):
            return nodeid
        file, _, cell = nodeid.partition("::")
        device = cell.partition("[")[2].partition("-")[0]
        return f"{file}::{device}" if device == "cpu" else device


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Used for `-n` alone; a `--dist` that was named is left to xdist."""
    named = any(str(argument).startswith("--dist") for argument in config.invocation_params.args)
    if named or not _runs_specs(config):
        return None
    return SweepScheduling(config, log)


def pytest_configure_node(node: Any) -> None:
    """Give a worker the controller's environment, so that all run on the same terms."""
    if _runs_specs(node.config):
        node.workerinput["conformance"] = msgspec.to_builtins(node.config.stash[RUN].environment)


def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    node.config.stash[RUN].planned(ids)


def _runs_specs(config: pytest.Config) -> bool:
    """Whether what was asked for on the command line holds spec files."""
    for argument in config.args:
        path = config.invocation_params.dir / str(argument).split("::")[0]
        if loader.is_spec_file(path) or (path.is_dir() and loader.spec_files(path)):
            return True
    return False
