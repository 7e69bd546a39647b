"""A time that is tripled is noticed with one torch alone, and a sound one is not called slow, under a load.

The bounds are twice the ratios that a first process measures, as those of times.toml are. A sound workload turns red if
its ratio doubles from one process to the next; even one that takes all that it may is called slow less than once in 500
times, since each of four intervals lies above the true median once in 2,000.
"""

from __future__ import annotations

import pytest

from conformance.processes.client import ChildProcess
from conformance.processes.interpreter import Interpreter
from conformance.processes.requests import TimingRequest
from tests import SPECS
from tests.slowness import load, repeated

WORKLOADS = (
    ("arithmetic/add", "medium"),
    ("arithmetic/div", "backward"),
    ("joining/cat", "strided"),
    ("shape/view", "small"),
    ("statistics/norm", "medium"),
    ("statistics/topk", "medium"),
)
"""One of each kind of work: elementwise, backward, copy, view, reduction, sort."""


def results_of(files):
    """The results of the workloads of some files, by one process that takes times."""
    child = ChildProcess(60.0, Interpreter().to_be_timed)
    try:
        return [
            child.ask(TimingRequest(file=str(file), name=file.name, device="cpu", workload=workload))
            for file, (_, workload) in zip(files, WORKLOADS)
        ]
    finally:
        child.close()


def write_bounds(root, results):
    """The table of bounds that goes with the specs below a folder."""
    rows = "".join(
        f'[[bound]]\nid = "{one.operation} {one.subject}"\nagainst = "{one.timing.against[0]}"\n'
        f"measured = {one.timing.middle}\nspread = 1.0\nbound = {2 * one.timing.middle}\n"
        for one in results
    )
    (root / "specs" / "times.toml").write_text(rows)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The results of sound workloads and of tripled ones, by the number of calls."""
    root = tmp_path_factory.mktemp("slow")
    files = {
        times: [repeated(root / str(times), SPECS / f"{spec}.py", times) for spec, _ in WORKLOADS] for times in (1, 3)
    }
    with load():
        first = results_of(files[1])
        for times in files:
            write_bounds(root / str(times), first)
        return {times: results_of(some) for times, some in files.items()}


@pytest.mark.parametrize("place", range(len(WORKLOADS)), ids=["-".join(one) for one in WORKLOADS])
@pytest.mark.parametrize("times, verdict", [(1, "held"), (3, "broken")])
def test_a_tripled_time_is_noticed_and_a_sound_one_holds(found, place, times, verdict):
    result = found[times][place]
    assert result.verdict == verdict, result.evidence.notes
