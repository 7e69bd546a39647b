"""The words of the page, explained where they stand."""

from __future__ import annotations

from conformance.numeric.dtypes import DTYPES

CHECKS = {
    "support": "Does torch take every dtype that the spec names, and refuse every other one as the spec says?",
    "values": "Does the call return what NumPy works out, as close as the spec promises?",
    "memory": "Does the result lie in memory as promised: its strides, what it shares with the arguments and keeps?",
    "cost": "Does the call allocate no more memory than promised?",
    "forms": "Does every way to make the call (method, alias, operator, out=, in-place) give the same?",
    "refusals": "Is each kind of misuse refused with the promised class of exception, with nothing changed behind it?",
    "laws": "Do several calls relate to each other as they must, for every sample?",
    "gradients": "Are the gradients those of the closed form, and the second derivatives those of finite differences?",
    "modes": "Does the call give the same under vmap, in forward mode, on meta and fake tensors, and compiled?",
    "determinism": "Do equal calls return the same bits, and leave the global state as it was?",
    "distribution": "Are random numbers distributed as promised?",
    "claims": "Is what a document says of the operation still as true, or as untrue, as it was found to be?",
    "perf": "Is the call no slower than a plain call of the same kind of work, and does its time grow as promised?",
}
"""What each check asks, in the order of the columns."""

VALUES = {
    "counting": "0, 1, 2, …",
    "few": "few distinct values, so that ties are frequent",
    "normal": "normally distributed numbers; integers uniform over the full range",
    "log_uniform": "numbers over the whole range of exponents",
    "landmarks": "special values among few others: NaN, infinities, zeros of both signs, largest and smallest numbers",
    "constant": "one value everywhere",
    "with nan at 3": "a special value was put at that place: nan, inf, max, lowest, subnormal, tiny, next_after_one",
    "index, distinct, mask": "numbers that are valid as indices, as indices without repeats, as true and false",
    "spaced, nonzero, fraction": "numbers apart from each other, divisors, numbers that are not negative",
    "partner 10": "the tensor has another dtype than the cell: number 10 of those that promote with it",
}
"""What a sample's text says of values."""

LAYOUTS = {
    "contiguous": "the elements lie one after the other",
    "permuted": "the dimensions are in another order in memory",
    "sliced": "a part of a larger tensor, with steps between its elements",
    "expanded": "one element stands for many: a stride of 0",
    "offset": "the tensor begins in the middle of its storage",
    "head": "the beginning of a larger table: rows lie apart",
    "channels_last": "the channels of a picture lie next to each other",
    "overlapping": "elements share memory with others",
    "lazy": "the conjugate bit or the negative bit is set: torch is to conjugate or negate when it reads",
}
"""What a sample's text says of the layout in memory."""


def column_order(checks: set[str]) -> tuple[str, ...]:
    """Checks in the order of the columns; unknown ones come last."""
    return (*(name for name in CHECKS if name in checks), *sorted(checks - CHECKS.keys()))


_DTYPES = tuple(DTYPES)


def subject_order(subject: str) -> tuple[int, str]:
    """The key that sorts dtypes as torch lists them, before other subjects by name."""
    return _DTYPES.index(subject) if subject in _DTYPES else len(_DTYPES), subject


def spec_order(file: str) -> tuple[bool, str]:
    """The key that sorts spec files by name; the claims of documents that no operation has come last."""
    return is_document(file), file


def is_document(file: str) -> bool:
    """Whether a file of a run has the claims of a document, and no operation."""
    return "claims" in file.split("/")[:-1]
