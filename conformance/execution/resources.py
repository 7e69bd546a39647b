"""What the system, and not torch, is to blame for: a full disk, no further process, thread or open file."""

from __future__ import annotations

import errno
import os

from conformance.execution.broken import message_of, summary

_LACKS = tuple(os.strerror(number) for number in (errno.EAGAIN, errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.EDQUOT))
_WORDS = (*_LACKS, "can't start new thread")


class SystemLacks(Exception):
    """The system lacks something that the suite needs, so that nothing can be said of torch. The message says what."""


def require_resources(error: BaseException | None) -> None:
    """Raise `SystemLacks` if an exception, or one that caused it, says that the system lacks something."""
    while error is not None:
        text = message_of(error)
        word = next((word for word in _WORDS if word in text), None)
        if word is not None:
            raise SystemLacks(f"the system lacks something, which says nothing of torch: {word} ({summary(error)})")
        error = error.__cause__ or error.__context__
