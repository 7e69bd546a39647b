"""Calls made while valgrind's callgrind counts their instructions: in a process that runs under it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import torch

from conformance.execution.gc_paused import gc_paused

CALLS = 10


def run_counted(call: Callable[[], Any]) -> int:
    """Have callgrind write the count of some calls to its file, and return how many they are.

    Counting slows a process down tenfold, and is switched on for these calls alone. Raises RuntimeError where torch was
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
