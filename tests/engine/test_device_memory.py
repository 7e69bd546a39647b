"""How it is told that a device has no memory left, from what devices and their libraries say."""

from __future__ import annotations

import pytest
import torch

from conformance.execution.device_memory import DeviceLacksMemory, is_out_of_memory, require_memory

OUT_OF_MEMORY = getattr(torch, "OutOfMemoryError", torch.cuda.OutOfMemoryError)

SAID = [
    OUT_OF_MEMORY("anything"),
    RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("MPS backend out of memory (MPS allocated: 8 GiB)"),
    RuntimeError("UR error: UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY"),
    RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 4 bytes"),
]

NOT_SAID = [
    RuntimeError("CUDA error: device-side assert triggered"),
    RuntimeError("index 5 is out of bounds for dimension 0 with size 3"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]


@pytest.mark.parametrize("error", SAID, ids=str)
def test_that_there_is_no_memory_left_is_recognised(error):
    assert is_out_of_memory(error) and is_out_of_memory(caused(error))
    with pytest.raises(DeviceLacksMemory, match="gpu has no memory left: ") as raised:
        require_memory(caused(error), "gpu")
    assert raised.value.error is error
    with pytest.raises(DeviceLacksMemory) as again:
        require_memory(caused(raised.value), "gpu")
    assert again.value is raised.value


def caused(error):
    """Another exception that it caused."""
    try:
        raise ValueError("the backend failed") from error
    except ValueError as other:
        return other


@pytest.mark.parametrize("error", NOT_SAID, ids=str)
def test_other_errors_are_answers(error):
    assert not is_out_of_memory(error)
    require_memory(error, "gpu")


def test_the_cpu_answers_with_its_own_errors():
    require_memory(OUT_OF_MEMORY("anything"), "cpu")
