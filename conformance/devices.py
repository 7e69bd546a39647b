"""Which devices there are and what each can do; asked of torch, never assumed."""

from __future__ import annotations

from functools import cache

import torch

from conformance.dtypes import DTYPES


def available() -> list[str]:
    """The devices a run takes when none is named: cpu, and cuda where there is one."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def absent() -> list[str]:
    """What a run that names no device would have asked as well, were it there."""
    return [] if torch.cuda.is_available() else ["no CUDA device"]


def problem(device: str) -> str | None:
    """Why a device cannot be used, in one line, or None."""
    try:
        if torch.empty(1, device=device).is_meta:
            return f"device {device!r} holds no values to compare; it is asked as a mode of every device"
    except Exception as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        return f"device {device!r} cannot be used by this torch: {reason}"
    return None


@cache
def missing_dtypes(device: str) -> frozenset[str]:
    """The dtypes that the device cannot hold."""
    return frozenset(name for name in DTYPES if device != "cpu" and not _holds(device, name))


def _holds(device: str, name: str) -> bool:
    try:
        return bool(torch.zeros(1, dtype=getattr(torch, name)).to(device).cpu().numel())
    except (RuntimeError, TypeError):
        return False


def synchronize(device: str) -> None:
    """Wait until the device has done what it was asked, so that its errors come to light."""
    wait = getattr(getattr(torch, device.split(":")[0], None), "synchronize", None)
    if device != "cpu" and wait is not None:
        wait()


def full_precision() -> None:
    """Switch off what a device may do at less than the precision of the dtype (TF32, reduced-precision reductions)."""
    matmul = torch.backends.cuda.matmul
    matmul.allow_tf32 = False
    matmul.allow_fp16_reduced_precision_reduction = False
    matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cudnn.allow_tf32 = False
