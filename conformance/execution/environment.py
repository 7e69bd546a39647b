"""What a run ran on: the first record of its results, and the terms on which two runs may be compared."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

import numpy as np
import torch

from conformance.execution import devices
from conformance.results.model import Environment

THREADS = 2
"""Threads that torch uses in a run whatever the machine has, so that results are the same on all of them and the
parallel code is met."""


def describe(asked: list[str], named: bool) -> Environment:
    """The environment of this process, for a run on the devices `asked`. A CUDA device is absent unless the devices
    were `named`."""
    uncounted = [device for device in asked if not devices.counts_allocations(device)]
    reasons = {device: devices.without_inductor(device) for device in asked}
    no_cuda = [] if named or "cuda" in asked else ["no CUDA device"]
    return Environment(
        devices=tuple(asked),
        absent=(
            *no_cuda,
            *dict.fromkeys(reason for reason in reasons.values() if reason),
            *(f"{device} counts no allocations" for device in uncounted),
        ),
        without_inductor=tuple(device for device, reason in reasons.items() if reason),
        without_counts=tuple(uncounted),
        torch=str(torch.__version__),
        torch_git=str(torch.version.git_version),
        torch_build=torch.__config__.show().strip(),
        cpu_capability=str(torch.backends.cpu.get_cpu_capability()),
        threads=THREADS,
        numpy=np.__version__,
        hypothesis=_version("hypothesis"),
        python=".".join(str(part) for part in sys.version_info[:3]),
        platform=platform.platform(),
    )


def _version(distribution: str) -> str:
    """The version of a distribution, or nothing where it is not installed: samples may have been drawn elsewhere."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
