"""When a step of a child counts as hung: by the processor time that it had, as steps wait on a busy machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

IDLE = 0.02
"""The share of a core that a process which waits for a processor still gets. One that has less waits for something
else."""

WINDOW = 5.0
"""The seconds over which it is seen whether a step that is late goes on."""

MOST = 20
"""A step that takes so many times its patience counts as hung, whatever it does."""


class StepWatch:
    """Decides whether a step hangs: once it had `patience` seconds of processor time, or has taken as long by the clock
    and does nothing. `used` gives the processor time of the child so far, or None if the system does not tell it; then
    the clock decides."""

    def __init__(
        self, patience: float, used: Callable[[], float | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience, self._used, self._clock = patience, used, clock
        self.begin()

    def begin(self) -> None:
        """A step begins."""
        self._since = self._clock()
        self._looks: list[tuple[float, float | None]] = []

    def hangs(self) -> bool:
        """Whether the step hangs. It is asked about every second."""
        now = self._clock()
        late = now - self._since > self._patience
        if self._looks and not late:
            return False
        look = now, self._used()
        if not late:
            self._looks = [look]  # the first one
            return False
        return self._has_had_enough(look)

    def _has_had_enough(self, look: tuple[float, float | None]) -> bool:
        now, used = look
        first = self._looks[0] if self._looks else look
        if used is None or first[1] is None or now - self._since > MOST * self._patience:
            return True
        if used - first[1] >= self._patience - (first[0] - self._since):
            return True
        if len(self._looks) < 2:
            self._looks = [first, look]
            return used - first[1] < IDLE * (now - first[0])
        seen = self._looks[1]
        if seen[1] is None or now - seen[0] < min(WINDOW, self._patience):
            return False
        self._looks[1] = look
        return used - seen[1] < IDLE * (now - seen[0])


def processor_seconds(group: int) -> float | None:
    """The processor time of a process group, with that of the processes that its members started and that ended. None
    if the group is not known, or if the system does not tell it (Linux does)."""
    total = None
    for file in Path("/proc").glob("[0-9]*/stat") if group else ():
        with suppress(OSError, ValueError, IndexError):
            fields = file.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                total = (total or 0.0) + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total
