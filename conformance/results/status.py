"""The exit statuses of every command. They are a contract: see docs/exit-statuses.md."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """How a command ended. 0 to 5 are those of pytest, in its meaning."""

    KEPT = 0
    """every answer that was asked for is there, and good: contracts are kept, an upgrade is safe, a file is written"""
    BROKEN = 1
    """torch does not keep a contract, or an upgrade is unsafe; never said for any other reason"""
    WRONG_INPUT = 2
    """a spec, a file of deviations or accepted changes, or a results file cannot be used; or a person ended the run"""
    SUITE_FAILED = 3
    """the suite failed, which says nothing of torch"""
    WRONG_OPTION = 4
    """the command line asks for what there is not"""
    NOTHING = 5
    """nothing was selected, or there was nothing to compare"""
    INCOMPLETE = 6
    """nothing is known to be broken, and an answer that was asked for is missing"""
