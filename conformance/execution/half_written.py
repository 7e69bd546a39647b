"""What a killed process has left half-written in torch's cache of compiled code.

inductor lets the linker write a library in its place, and takes a library that is there for whole. One that is not
cannot be loaded, or ends the process with SIGBUS, in every later run. So it is removed before anything is compiled, and
is then compiled again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

_HEADER = 64
"""The bytes of the header of a 64-bit ELF file. Source: elf(5), which names its fields."""


@cache
def remove_half_written() -> None:
    """Remove the libraries of torch's cache that were written in part (Linux). A process does it once."""
    for path in _libraries() if sys.platform == "linux" else ():
        with suppress(OSError, Timeout):
            if not _is_whole(path):
                with FileLock(path.parents[1] / "locks" / f"{path.name.partition('.')[0]}.lock", timeout=0):
                    if not _is_whole(path):  # nor was it just being written
                        path.unlink()


def _libraries() -> Iterator[Path]:
    from torch._inductor.codecache import cache_dir  # takes more than a second, so only where code is compiled

    return Path(cache_dir()).glob("*/*.so")


def _is_whole(path: Path) -> bool:
    """Whether a library reaches to the end of its table of sections, which is its last part."""
    with path.open("rb") as file:
        header, size = file.read(_HEADER), os.fstat(file.fileno()).st_size
    if len(header) < _HEADER or not header.startswith(b"\x7fELF"):
        return False
    fields = ((40, 48), (58, 60), (60, 62))
    e_shoff, e_shentsize, e_shnum = (int.from_bytes(header[start:end], sys.byteorder) for start, end in fields)
    return e_shoff + e_shentsize * e_shnum <= size
