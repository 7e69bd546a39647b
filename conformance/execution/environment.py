"""The environment of a run: the first record of its results, which also decides whether two runs can be compared."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

import numpy as np
import torch

from conformance.execution import devices
from conformance.execution.broken import summary
from conformance.results.model import Environment
from conformance.spec.certified import uncertified

THREADS = 2
"""The number of threads that torch uses in a run. It is the same on every machine, so that results are the same too; it
is more than 1, so that parallel code runs."""


def describe(asked: list[str], named: bool) -> Environment:
    """The environment of this process, for a run on the devices `asked`. If the user did not name them and there is no
    CUDA device, that is noted as absent. Raises `RuntimeError` if torch cannot be compared with NumPy."""
    _require_numpy()
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
        uncertified=tuple(dict.fromkeys(filter(None, (uncertified(torch.__version__, device) for device in asked)))),
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


def _require_numpy() -> None:
    try:
        torch.from_numpy(np.ones(1)).numpy()
    except Exception as error:
        reason = "install a NumPy that this torch can use, or a torch that was built with NumPy"
        raise RuntimeError(f"torch takes and gives no NumPy arrays ({summary(error)}): {reason}") from None


def _version(distribution: str) -> str:
    """The version of a distribution; empty if it is not installed, as the parent process may have drawn the samples."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
