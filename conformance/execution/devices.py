"""Which devices there are, and what each can do. torch is asked; nothing is assumed."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from msgspec import structs
from torch.utils._python_dispatch import _disable_current_modes

from conformance.execution.broken import summary
from conformance.execution.device_memory import is_out_of_memory, require_memory
from conformance.execution.ending import end_process
from conformance.numeric.dtypes import DTYPES
from conformance.results.codec import one_line
from conformance.spec.devices import ASKED, DeviceProfile, kind_of, profile_of


def available() -> list[str]:
    """The devices of a run that names none: cpu, and cuda if there is one."""
    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def problem(device: str) -> str | None:
    """The reason why a device cannot be used, in one line; None if it can."""
    try:
        made = torch.empty(1, device=device)
        if made.is_meta:
            return f"device {device!r} cannot be used: it holds no values to compare"
        if torch.device(device).index is not None and made.device.index is None:  # torch takes any number for the CPU
            return f"device {device!r} cannot be used: {made.device.type} has no numbers; name it {made.device.type!r}"
    except Exception as error:
        reason = one_line((str(error).splitlines() or ["no reason given"])[0], 100)
        known = "" if profile_of(device).module else "; --import names a module that makes it known"
        return f"device {device!r} cannot be used by this torch: {reason}{known}"
    return contradiction(device) or None


def without_inductor(device: str) -> str:
    """The reason why torch.compile's code generator, inductor, cannot be used on a device; empty if it can."""
    kind = kind_of(device)
    if profile_of(device).compile_backend:
        return ""
    if kind == "cpu":
        compilers = (os.environ.get("CXX", "g++"), "clang++", "cl")
        return "" if any(shutil.which(compiler) for compiler in compilers) else "no C++ compiler for inductor"
    return "" if _generates_code(kind) else f"inductor generates no code for {kind}"


def _generates_code(kind: str) -> bool:
    try:
        from torch._inductor.codegen import common

        common.init_backend_registration()
        return bool(common.get_scheduling_for_device(kind)) and importlib.util.find_spec("triton") is not None
    except Exception:  # other versions of torch keep their code generators elsewhere, or have none
        return False


@cache
def missing_dtypes(device: str) -> frozenset[str]:
    """The dtypes that this torch does not have, or that the device cannot hold. Raises `DeviceLacksMemory`."""
    return frozenset(
        name for name in DTYPES if not hasattr(torch, name) or (device != "cpu" and not _holds(device, name))
    )


def _holds(device: str, name: str) -> bool:
    try:
        return bool(torch.zeros(1, dtype=getattr(torch, name)).to(device).cpu().numel())
    except (RuntimeError, TypeError) as error:
        require_answer(error, device)  # a device that is lost holds no dtype either
        return False


@cache
def has_addresses(device: str) -> bool:
    """Whether the storages of tensors have addresses, by which shared memory is known."""
    try:
        return int(torch.ones(2, device=device).untyped_storage().data_ptr()) != 0
    except Exception as error:
        require_answer(error, device)
        return False


@cache
def has_strides(device: str) -> bool:
    """Whether views have strides of their own. One of them may be wrong."""
    whole = torch.ones(2, 3, device=device)
    views = (whole.t(), whole.permute(1, 0), whole.as_strided((3, 2), (1, 3)))
    return any(tuple(view.stride()) == (1, 3) for view in views)


@cache
def flushes_subnormals(device: str) -> bool:
    """Whether it takes subnormal numbers for 0, among the arguments or the results of sums, products and roots. One of
    these is enough, unless the profile denies it: then that one may be wrong, and only several contradict it."""
    smallest = torch.finfo(torch.float32).tiny
    numbers = torch.tensor([smallest / 4, smallest]).to(device)
    results = [numbers * 0.5, numbers + numbers, numbers.sqrt(), numbers * numbers.reciprocal()]
    flushing = sum(bool((result.cpu() == 0).any()) for result in results)
    enough = 2 if profile_of(device).flushes_subnormals is False else 1
    return flushing >= enough


def facts(device: str) -> DeviceProfile:
    """The profile of a device, with what the device itself says. A profile alone says whether shapes are expensive, how
    sums are added up, and what is declared not to be there."""
    return structs.replace(
        profile_of(device),
        addresses=has_addresses(device),
        strides=has_strides(device),
        counts_allocations=counts_allocations(device),
        flushes_subnormals=flushes_subnormals(device),
        lacks=tuple(sorted(missing_dtypes(device))),
    )


OR_THE_PROCESS = {
    "flushes_subnormals": ", or the process (torch.set_flush_denormal and libraries built with -ffast-math change it)"
}
"""What else than the profile may be wrong, by field."""


def contradiction(device: str) -> str:
    """What the profile of a device says otherwise than the device; empty if they agree."""
    said, found = profile_of(device), facts(device)
    for name in ASKED:
        if getattr(said, name) not in (None, getattr(found, name)):
            return (
                f"the profile of {device!r} says {name} = {getattr(said, name)}, and the device says "
                f"{getattr(found, name)}: mend the profile{OR_THE_PROCESS.get(name, '')}"
            )
    return _backend_problem(said.compile_backend)


def _backend_problem(backend: str) -> str:
    if not backend:
        return ""
    from torch._dynamo import list_backends  # takes more than a second, so only where needed

    known = list_backends(exclude_tags=())
    return "" if backend in known else f"torch.compile has no backend {backend!r}; known are {', '.join(known)}"


@cache
def changed_dtypes(device: str) -> frozenset[str]:
    """The dtypes of which numbers do not come back from a device as they went there. Nothing can be asked in them."""
    held = [name for name in DTYPES if device != "cpu" and name not in missing_dtypes(device)]
    return frozenset(name for name in held if not _come_back(device, getattr(torch, name)))


def _come_back(device: str, dtype: torch.dtype) -> bool:
    numbers = torch.tensor([0, 1, 1 + 2j] if dtype.is_complex else [0, 1, 1], dtype=dtype)
    try:
        return bool((numbers.to(device).cpu() == numbers).all())
    except Exception as error:
        require_answer(error, device)
        return False


def adds_in_fixed_order(device: str) -> bool:
    """Whether the terms of a sum are added in one order, so that equal calls give equal bits, as the profile of the
    device says. One that adds by atomic additions, as CUDA does in the gradients of gather, index_select and take, has
    no such order."""
    return profile_of(device).adds_in_fixed_order


def memory_allocated(device: str) -> int | None:
    """The number of bytes in use, as the device counts them; None if it does not count."""
    count = getattr(getattr(torch, kind_of(device), None), "memory_allocated", None)
    if device == "cpu" or count is None:
        return None
    synchronize(device)
    return int(count(torch.device(device)))


def counts_allocations(device: str) -> bool:
    """Whether the allocations of a call can be counted. On the CPU torch's profiler counts, elsewhere the device."""
    if device == "cpu":
        return True
    held = [torch.empty(1, device=device)]  # some devices begin to count with the first allocation
    before = allocated(device)
    held.append(torch.empty(1, device=device))
    after = allocated(device)
    # An allocator of another kind, or one that keeps nothing, may leave the counts where they are.
    return before is not None and after is not None and all(now > then for now, then in zip(after, before))


def allocated(device: str) -> tuple[int, int] | None:
    """The number of allocations that a device has made so far, and their bytes in total; None if it does not count."""
    statistics = getattr(getattr(torch, kind_of(device), None), "memory_stats", None)
    if device == "cpu" or statistics is None:
        return None
    synchronize(device)
    found = statistics(torch.device(device))
    counts = found.get("allocation.all.allocated"), found.get("allocated_bytes.all.allocated")
    return None if None in counts else (int(counts[0]), int(counts[1]))


def synchronize(device: str) -> None:
    """Wait until the device has finished its work, so that its errors are raised."""
    wait = getattr(getattr(torch, kind_of(device), None), "synchronize", None)
    if device != "cpu" and wait is not None:
        wait(torch.device(device))


def require_working(device: str) -> None:
    """End the process if a device no longer works in it, as after an assertion in a kernel. Whatever is asked of such
    a device raises, and would be taken for a refusal."""
    if device == "cpu":
        return
    try:
        with _disable_current_modes():  # a call that raised may have been made in one
            synchronize(device)
            works = bool((torch.ones(2, device=device) + 1).sum().item() == 4)
        reason = "1 + 1 is not 2 on it"
    except BaseException as error:
        # A device without memory may work: others may use it, too.
        works, reason = isinstance(error, MemoryError) or is_out_of_memory(error), summary(error)
    if not works:
        end_process(f"{device} no longer works in this process: {reason}")


def require_answer(error: BaseException, device: str) -> None:
    """What raised an exception must have been the call: not a device without memory, nor the end of the device. Raises
    `DeviceLacksMemory`, or ends the process."""
    require_memory(error, device)
    require_working(device)


@contextmanager
def required_to_answer(device: str) -> Iterator[None]:
    """An exception that is raised must be the call's answer: see `require_answer`."""
    try:
        yield
    except BaseException as error:
        require_answer(error, device)
        raise


def is_on(tensor: torch.Tensor, device: str) -> bool:
    """Whether a tensor lies on a device. A device without a number is any of its kind."""
    return tensor.device.type == kind_of(device) and torch.device(device).index in (None, tensor.device.index)


@contextmanager
def deterministic_algorithms() -> Iterator[None]:
    """torch must give equal bits for equal calls, or raise RuntimeError.

    Source: torch.use_deterministic_algorithms.
    """
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def full_precision() -> None:
    """Switch off computation at less than the precision of the dtype (TF32, reduced-precision reductions)."""
    matmul = torch.backends.cuda.matmul
    matmul.allow_tf32 = False
    matmul.allow_fp16_reduced_precision_reduction = False
    matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cudnn.allow_tf32 = False
