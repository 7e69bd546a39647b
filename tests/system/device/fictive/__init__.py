"""Two devices for tests, from outside torch, that need no hardware: they compute on the CPU, in memory of their own.

With the folder above on PYTHONPATH, `import torch` registers them as it does every package with an entry point
`torch.backends` (torch 2.5 or later). `fictive.planted` makes them wrong.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from types import ModuleType

import torch

SOURCE = Path(__file__).with_name("backend.cpp")
FOLDER = "TEST_DEVICE_FOLDER"
"""The environment variable that says where the built library is kept; default: the user's cache."""


def register(name: str = "fictive") -> None:
    """Make the device known to torch, once in a process."""
    torch.utils.rename_privateuse1_backend(name)
    library = build()
    torch.ops.load_library(library)
    torch._register_device_module(name, _module(name, ctypes.CDLL(str(library))))
    torch.utils.generate_methods_for_privateuse1_backend()


def _module(name: str, library: ctypes.CDLL) -> ModuleType:
    """What torch looks for in `torch.<name>`."""
    module = ModuleType(f"torch.{name}")
    for function in (library.fictive_allocated, library.fictive_current):
        function.restype = ctypes.c_int64
    library.fictive_is_lost.restype = ctypes.c_bool
    library.fictive_limit.argtypes = (ctypes.c_int64, ctypes.c_bool)
    library.fictive_lose_after.argtypes = (ctypes.c_int64,)

    def index_of(device: object) -> int:
        index = torch.device(device).index if device is not None else None
        return int(library.fictive_current()) if index is None else index

    def memory_allocated(device: object = None) -> int:
        return int(library.fictive_allocated(ctypes.c_int64(index_of(device))))

    def synchronize(device: object = None) -> None:
        if library.fictive_is_lost():
            raise RuntimeError("fictive error: device-side assert triggered")

    vars(module).update(
        is_available=lambda: True,
        is_initialized=lambda: True,
        _is_in_bad_fork=lambda: False,
        device_count=lambda: 2,
        current_device=library.fictive_current,
        set_device=lambda device: library.fictive_make_current(ctypes.c_int64(index_of(device))),
        synchronize=synchronize,
        memory_allocated=memory_allocated,
        lose=library.fictive_lose,
        lose_after=library.fictive_lose_after,
        limit=library.fictive_limit,
        forget_float64=library.fictive_forget_float64,
        manual_seed_all=lambda seed: None,
        get_amp_supported_dtype=lambda: [],
    )
    return module


def build() -> Path:
    """The library, compiled first where this source has not been yet for this torch; one process compiles at a time."""
    digest = hashlib.sha256(SOURCE.read_bytes() + torch.__version__.encode()).hexdigest()[:16]
    library = _folder() / f"fictive-{digest}.so"
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        with open(library.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go by the system even where the process is killed
            if not library.exists():
                _compile(library)
    return library


def _compile(library: Path) -> None:
    """Write the library under another name first: nobody may load half of it."""
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        compiled = Path(folder) / library.name
        subprocess.run(_command(compiled), check=True)
        compiled.replace(library)


def _folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get(FOLDER) or Path(cache) / "torch-conformance")


def _command(library: Path) -> list[str]:
    """torch's headers and libraries are all that is needed: neither Python's nor ninja."""
    root = Path(torch.__file__).parent
    return [
        os.environ.get("CXX", "c++"),
        *("-std=c++20", "-O1", "-shared", "-fPIC"),
        f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}",
        *(f"-I{root / 'include'}", f"-I{root / 'include' / 'torch' / 'csrc' / 'api' / 'include'}"),
        *(str(SOURCE), "-o", str(library)),
        *(f"-L{root / 'lib'}", "-lc10", "-ltorch_cpu"),
    ]
