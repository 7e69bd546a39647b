"""The functions that a claim's check or a witness may use: raises, close, shares, allocated, survives. They need torch
alone, because a script that reproduces a claim contains this file's text."""

from __future__ import annotations

import faulthandler
import os
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # or every start and stop of the profiler is reported on stderr


def profiled(call: Callable[[], Any]) -> tuple[Any, list[int]]:
    """The result of a call, and the bytes of each allocation on the CPU. Freed bytes are negative."""
    with torch.autograd.profiler.profile(profile_memory=True) as found:
        result = call()
    return result, [event.nbytes() for event in found.kineto_results.events() if event.name() == "[memory]"]


def close(a: Any, b: Any, tolerance: float = 1e-5) -> bool:
    """Whether two tensors, numbers or lists agree in shape and, within `tolerance`, in value."""
    first, second = (torch.as_tensor(value).detach().cpu().to(torch.float64) for value in (a, b))
    return first.shape == second.shape and bool(torch.allclose(first, second, rtol=tolerance, atol=tolerance))


def shares(a: Any, b: Any) -> bool:
    """Whether two tensors use one storage: by its address, or where there is none by a write to one that shows in the
    other."""
    try:
        return bool(a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr())
    except RuntimeError:
        with torch.no_grad():
            before = b.detach().clone()
            a.detach().add_(1)
            return not torch.equal(before, b.detach())


def helpers(names: dict[str, Any]) -> dict[str, Any]:
    """The helpers by name; expressions are evaluated in `names`."""

    def raises(expression: str, *classes: type[Exception]) -> bool:
        """Whether evaluating `expression` raises one of `classes`."""
        try:
            eval(expression.strip(), names)
        except Exception as error:
            return isinstance(error, classes or Exception)
        return False

    def allocated(expression: str) -> int:
        """The bytes that evaluating `expression` allocates on the CPU, in all."""
        _, sizes = profiled(partial(eval, expression.strip(), names))
        return sum(size for size in sizes if size > 0)

    def survives(expression: str) -> bool:
        """Whether a process outlives evaluating `expression`. A copy of this one tries it."""
        import resource  # not on Windows, where no copy can be made either

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python warns where there are threads
            copy = os.fork()
        if copy == 0:
            try:
                faulthandler.disable()
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
                eval(expression.strip(), names)
            finally:
                os._exit(0)
        return os.waitpid(copy, 0)[1] == 0

    return {"survives": survives, "raises": raises, "close": close, "shares": shares, "allocated": allocated}
