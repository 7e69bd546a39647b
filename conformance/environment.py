"""What a run ran on: the first record of its results, and the terms on which two runs may be compared."""

from __future__ import annotations

import platform
import sys
from typing import Any

import hypothesis
import numpy as np
import torch

THREADS = 2
"""Threads that torch uses in a run whatever the machine has, so that results are the same on all of them and the
parallel code is met."""


def describe() -> dict[str, Any]:
    """The environment of this process as plain data."""
    return {
        "torch": str(torch.__version__),
        "torch_git": str(torch.version.git_version),
        "torch_build": torch.__config__.show().strip(),
        "cpu_capability": str(torch.backends.cpu.get_cpu_capability()),
        "threads": THREADS,
        "numpy": np.__version__,
        "hypothesis": hypothesis.__version__,
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "platform": platform.platform(),
    }
