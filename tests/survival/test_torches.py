"""Torches that cannot be asked: what is wrong with each is one line, and no cell is blamed for it."""

from __future__ import annotations

import importlib.metadata
import os

import pytest
from packaging.version import Version

from tests.needs import applies

WITHOUT_NUMPY = """
import torch


def no_numpy(*arguments, **keywords):
    raise RuntimeError("Numpy is not available")


def start():
    torch.from_numpy = torch.Tensor.numpy = no_numpy
"""

DIES = """
import os


def start():
    os.abort()
"""

FAULTS = {
    "without NumPy": (
        WITHOUT_NUMPY,
        "torch cannot be asked here: *torch takes and gives no NumPy arrays *",
    ),
    "dies when imported": (DIES, "torch cannot be asked here: the process was killed by SIGABRT"),
}


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_torch_that_cannot_be_asked_is_one_line(checkout, tmp_path, fault, workers):
    applies(Version(importlib.metadata.version("torch")) >= Version("2.5"), "torch runs entry points from 2.5 on")
    code, told = FAULTS[fault]
    (tmp_path / "planted.py").write_text(code)
    info = tmp_path / "planted-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[torch.backends]\nplanted = planted:start\n")
    checkout.spec(dtypes='("float32",)')
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    run = checkout.run("-n", workers, "-k", "values", PYTHONPATH=path)
    assert run.ret == 4
    lines = [line for line in (*run.run.outlines, *run.run.errlines) if "torch cannot be asked" in line]
    assert lines and "Traceback" not in run.stdout.str() + run.stderr.str()
    (run.stderr if lines[0] in run.run.errlines else run.stdout).fnmatch_lines([f"*{told}*"])
