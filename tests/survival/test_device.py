"""A device that is lost, or has no memory left. The cell that lost it is told, and every other cell is answered by a
device that works. No error of a lost or full device is taken for a refusal, or for a break."""

from __future__ import annotations

import pytest

from conformance.results.model import FailureKind
from tests import SPECS
from tests.system.test_devices import suite

GONE = "fictive no longer works in this process: RuntimeError: fictive error"
SIGMOID, VIEW = SPECS / "activation/sigmoid.py", SPECS / "shape/view.py"
ASKED = ("--device=fictive", "-k", "support or (float32 or int16) and (values or memory)")


@pytest.fixture(scope="module")
def sound(fictive, tmp_path_factory):
    """A run on the device without a fault."""
    run = suite(tmp_path_factory.mktemp("sound"), SIGMOID, VIEW, *ASKED, **fictive)
    assert run.ret == 0
    return run


@pytest.mark.parametrize("fault", ["sigmoid-loses-the-device", "sigmoid-loses-the-device-later"])
def test_a_device_that_is_lost_is_a_crash_of_the_cell_that_lost_it(sound, fictive, tmp_path, fault):
    lost = suite(tmp_path, SIGMOID, VIEW, *ASKED, TEST_DEVICE_WRONG=fault, **fictive)
    assert lost.ret == 1
    before, after = ({cell.id: cell.verdict for cell in run.results.cells} for run in (sound, lost))
    changed = {name for name in before if after[name] != before[name]}
    assert {after[name] for name in changed} == {"crashed"}
    assert {name.split("::")[1] for name in changed} >= {"values[fictive-float32]", "memory[fictive-float32]"}
    assert all("float32" in name for name in changed)
    told = [cell.failure for cell in lost.results.cells if cell.failure]
    assert all(GONE in one.message for one in told)
    assert any(one.sample is not None for one in told)


def verdicts(run):
    return {cell.id: cell.verdict for cell in run.results.cells}


@pytest.mark.parametrize("allocations", ["301", "302"])
def test_a_device_that_is_lost_once_costs_the_cell_that_was_asked(sound, fictive, tmp_path, allocations):
    """Whether it is lost in a call or between calls."""
    when = {"TEST_DEVICE_MARK": str(tmp_path / "lost"), "TEST_DEVICE_LOST_AFTER": allocations}
    lost = suite(tmp_path, SIGMOID, VIEW, *ASKED, TEST_DEVICE_WRONG="device-is-lost-once", **when, **fictive)
    assert lost.ret == 1
    (changed,) = [cell for cell in lost.results.cells if cell.verdict != verdicts(sound)[cell.id]]
    assert changed.verdict == "crashed" and GONE in changed.message


def test_a_device_that_is_lost_before_it_is_asked_cannot_be_asked(fictive, tmp_path):
    when = {"TEST_DEVICE_MARK": str(tmp_path / "lost"), "TEST_DEVICE_LOST_AFTER": "1"}
    lost = suite(tmp_path, SIGMOID, *ASKED, TEST_DEVICE_WRONG="device-is-lost-once", **when, **fictive)
    assert lost.ret == 4
    reason, told = filter(None, lost.stderr.lines)
    assert reason == f"{GONE}: device-side assert triggered" and told.startswith("ERROR: torch cannot be asked here: ")


def test_a_device_that_is_lost_for_good_leaves_what_was_settled(sound, fictive, tmp_path):
    """It is lost in the second spec."""
    fault = {"TEST_DEVICE_WRONG": "cat-loses-the-device-for-good", "TEST_DEVICE_MARK": str(tmp_path / "lost")}
    lost = suite(tmp_path, SIGMOID, SPECS / "joining/cat.py", *ASKED, "-p", "no:randomly", **fault, **fictive)
    assert lost.ret == 1
    settled = {name: verdict for name, verdict in verdicts(lost).items() if "sigmoid" in name}
    assert settled and settled.items() <= verdicts(sound).items()
    others = [cell for cell in lost.results.cells if cell.id not in settled]
    assert sorted(cell.verdict for cell in others) == ["crashed"] + ["not run"] * (len(others) - 1)
    assert all(GONE in cell.message for cell in others)
    lost.stdout.fnmatch_lines(["BROKEN, INCOMPLETE: * 1 crashed, * not run; *"])


FULL = "could not be asked: fictive has no memory left: "


def test_a_device_without_memory_for_a_moment_is_asked_again(sound, fictive, tmp_path):
    full = suite(tmp_path, SIGMOID, VIEW, *ASKED, TEST_DEVICE_WRONG="sigmoid-lacks-memory-once", **fictive)
    assert full.ret == 0
    before, after = (
        {cell.id: (cell.verdict, cell.evidence.counts, cell.evidence.notes) for cell in run.results.cells}
        for run in (sound, full)
    )
    assert before == after


@pytest.mark.parametrize(
    "fault, said",
    [
        ("sigmoid-finds-the-device-full", "OutOfMemoryError: fictive out of memory. Tried to allocate"),
        ("sigmoid-finds-the-device-full-in-other-words", "RuntimeError: fictive error: out of memory"),
    ],
)
def test_a_full_device_is_no_verdict(fictive, tmp_path, fault, said):
    asked = ("--device=fictive", "-k", "support or (float32 or int16) and (values or memory or refusals)")
    full = suite(tmp_path, SIGMOID, *asked, TEST_DEVICE_WRONG=fault, **fictive)
    assert full.ret == 6
    told = {cell.id: (cell.verdict, cell.failure and cell.failure.kind) for cell in full.results.cells}
    assert set(told.values()) == {("not run", FailureKind.OUT_OF_MEMORY)}
    assert all(FULL in cell.message and said in cell.message for cell in full.results.cells)
    full.stdout.fnmatch_lines(["INCOMPLETE: *0 cells broken*"])


def test_what_a_small_device_has_no_memory_for_is_counted(sound, fictive, tmp_path):
    small = suite(tmp_path, SIGMOID, VIEW, *ASKED, TEST_DEVICE_WRONG="device-is-small", **fictive)
    assert small.ret in (0, 6) and not small.results.broken
    left_out = [cell for cell in small.results.cells if any(FULL in note for note in cell.evidence.notes)]
    assert {cell.verdict for cell in left_out} >= {"held"}
    assert {cell.verdict for cell in small.results.cells} <= {"held", "deviates", "not run", "unsupported"}


def test_a_call_that_asks_for_memory_in_vain_is_broken(sound, fictive, tmp_path):
    vain = suite(tmp_path, SIGMOID, VIEW, *ASKED, TEST_DEVICE_WRONG="sigmoid-asks-for-memory-in-vain", **fictive)
    assert vain.ret == 1
    changed = [cell for cell in vain.results.cells if cell.verdict != verdicts(sound)[cell.id]]
    assert changed and all("float32" in cell.id and "sigmoid" in cell.id for cell in changed)
    for cell in changed:
        assert cell.verdict == "broken" and cell.failure is not None
        assert (cell.failure.kind, cell.failure.error) == (FailureKind.RAISED, OUT_OF_MEMORY)
        assert cell.message.endswith("though 256 MiB of memory were left")


OUT_OF_MEMORY = "OutOfMemoryError"


def test_times_that_need_more_memory_than_there_is_are_not_taken(fictive, tmp_path):
    options = ("--device=fictive", "-m", "perf", "-k", "perf and medium")
    small = suite(tmp_path, SPECS / "arithmetic/add.py", *options, TEST_DEVICE_WRONG="device-is-small", **fictive)
    assert small.ret == 6
    (cell,) = small.results.cells
    assert (cell.check, cell.verdict) == ("perf", "not run")
    assert cell.failure is not None and cell.failure.kind is FailureKind.OUT_OF_MEMORY
