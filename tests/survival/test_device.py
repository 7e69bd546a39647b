"""A device that is lost in a process, as after an assertion in a kernel: the cell that lost it is told, and every other
cell is answered by a device that works. No error of a lost device is taken for a refusal."""

from __future__ import annotations

import pytest

from tests import SPECS
from tests.system.test_devices import suite

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
    assert all("fictive no longer works in this process: RuntimeError: fictive error" in one.message for one in told)
    assert any(one.sample is not None for one in told)
