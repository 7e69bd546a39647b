"""How a run of specs begins: its plugins are registered where the command line asks for specs, and nowhere else."""

from __future__ import annotations

import pytest

from conformance.plugin.interruption import Interruption
from conformance.plugin.items import RUN
from conformance.plugin.options import refuse_what_spoils_times, selection_of
from conformance.plugin.run import Run
from conformance.plugin.telling import Telling
from conformance.spec.cells import PERF


def begin(config: pytest.Config) -> None:
    """Register the run of the specs that the command line asks for; none, and nothing is done."""
    selection = selection_of(config)
    if not selection.files:
        return
    config.addinivalue_line("markers", f"{PERF}: a workload to be timed; needs a core to itself")
    refuse_what_spoils_times(config)
    run = Run(config, selection)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "conformance-run")
    config.pluginmanager.register(Telling(run), "conformance-telling")
    if not run.is_xdist_worker:
        config.pluginmanager.register(Interruption(), "conformance-interruption")
    if getattr(config.option, "dist", "no") != "no" or run.is_xdist_worker:
        from conformance.plugin import xdist as distribution

        config.pluginmanager.register(distribution, "conformance-distribution")
