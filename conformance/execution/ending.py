"""How a child process ends itself: with last words that its parent reads, or without a sound if it is a copy."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

STATUS = 70
"""The exit status of a process that ended itself (EX_SOFTWARE of sysexits.h)."""

_PROCESS = os.getpid()
_to_be_replaced = False
_writers: list[Callable[[str], None]] = []


@contextmanager
def last_words_to(write: Callable[[str], None]) -> Iterator[None]:
    """Where this process leaves its last words, for as long as the context lasts."""
    _writers.append(write)
    try:
        yield
    finally:
        _writers.remove(write)


def end_process(words: str) -> NoReturn:
    """End this process at once, as one that torch has killed. `words` say why. Where nobody keeps them, as before the
    first cell is asked, they are told on the standard error."""
    for write in _writers or [_say]:
        write(words)
    os._exit(STATUS)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def replace_process() -> None:
    """Have the parent replace this process once it has answered: a call has left it in a state that lasts."""
    global _to_be_replaced
    _to_be_replaced = True


def is_to_be_replaced() -> bool:
    return _to_be_replaced


def end_if_copy() -> None:
    """End this process if a call has made it by forking: two processes must not give one answer."""
    if os.getpid() != _PROCESS:
        os._exit(0)
