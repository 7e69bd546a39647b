"""Which devices there are and what each can do; asked of torch, never assumed."""

from __future__ import annotations

import torch


def available() -> list[str]:
    """The devices a run takes when none is named: cpu, and cuda where there is one."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def problem(device: str) -> str | None:
    """Why a device cannot be used, in one line, or None."""
    try:
        torch.empty(1, device=device)
    except Exception as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        return f"device {device!r} cannot be used by this torch: {reason}"
    return None
