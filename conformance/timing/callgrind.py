"""Calls whose instructions valgrind's callgrind counts, in a process that runs under it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import torch

from conformance.execution.gc_paused import gc_paused

CALLS = 10
"""The number of calls that are counted."""


def run_counted(call: Callable[[], Any]) -> int:
    """Make callgrind write the instructions of some calls to its file. Returns the number of calls.

    Counting slows a process down tenfold, so it is switched on for these calls alone. Raises RuntimeError if torch was
    built without valgrind's requests.
    Source: Valgrind manual, section 6.2.3; torch.utils.benchmark, `Timer.collect_callgrind`.
    """
    if not torch._C._valgrind_supported_platform():
        raise RuntimeError("this torch was built without valgrind's requests")
    call()
    _switch("on")
    with gc_paused():
        torch._C._valgrind_toggle()
        for _ in range(CALLS):
            call()
        torch._C._valgrind_toggle_and_dump_stats()
    _switch("off")
    return CALLS


def _switch(state: str) -> None:
    subprocess.run(["callgrind_control", f"--instr={state}", str(os.getpid())], check=True, capture_output=True)
