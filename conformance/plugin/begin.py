"""How a run of specs begins: its plugins are registered where the command line asks for specs, and nowhere else."""

from __future__ import annotations

import pytest

from conformance.plugin.interruption import Interruption
from conformance.plugin.items import RUN
from conformance.plugin.options import refuse_unusable_machines, refuse_what_spoils_times, selection_of
from conformance.plugin.run import Run
from conformance.plugin.telling import Telling
from conformance.spec.cells import PERF


def begin(config: pytest.Config) -> None:
    """Register the run of the specs that the command line asks for; none, and nothing is done."""
    if config.getoption("help"):  # pytest has then not read the arguments
        return
    selection = selection_of(config)
    if not selection.files:
        return
    config.addinivalue_line("markers", f"{PERF}: a workload to be timed; needs a core to itself")
    refuse_what_spoils_times(config)
    refuse_unusable_machines(config)
    run = Run(config, selection)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "conformance-run")
    config.pluginmanager.register(Telling(run), "conformance-telling")
    if run.is_xdist_worker:
        from conformance.plugin.workers import Worker

        config.pluginmanager.register(Worker(run), "conformance-worker")
        return
    config.pluginmanager.register(Interruption(), "conformance-interruption")
    if getattr(config.option, "dist", "no") != "no":
        from conformance.plugin import xdist as schedule
        from conformance.plugin.workers import Workers

        config.pluginmanager.register(schedule, "conformance-schedule")
        config.pluginmanager.register(Workers(run), "conformance-workers")
