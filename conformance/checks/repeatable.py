"""Bits that must repeat where torch is asked for deterministic algorithms, though the device adds in no fixed order."""

from __future__ import annotations

from conformance.execution.broken import Broken

DETERMINISTIC = "with torch.use_deterministic_algorithms(True)"


def is_no_deterministic_kernel(broken: Broken) -> bool:
    """Whether a call was refused because it has no deterministic implementation, as torch says it may be.

    Source: torch.use_deterministic_algorithms; at::Context::alertNotDeterministic.
    """
    return broken.error == "RuntimeError" and "deterministic" in str(broken)
