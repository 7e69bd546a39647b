"""Samples made small: other choices are tried for a sample, as long as they give a smaller one that still shows the
same. Needs no torch.

The spec itself draws each sample that is tried, so the spec's conditions hold for it. The choices are changed at
random, sometimes all and sometimes one, and at the end each by itself. What is small is judged by the sample. So the
search does not depend on the order of a table, nor on which of several choices was made first. It also gets past
samples that do not show what others of their size do, for instance because a check asks one of several questions of
each sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from random import Random
from typing import Any

from conformance.drawing.choices import Choice, Drawn, redrawn
from conformance.results.model import Cell
from conformance.samples.sample import Sample, SliceSample, TensorSample
from conformance.samples.vocabulary import LAYOUTS, VALUES
from conformance.spec.cells import is_compiled
from conformance.spec.contract import Spec

MOST_ASKS = 200
"""The number of samples that are asked at most."""

_MOST_ASKS_COMPILED = 12
"""The same for a cell whose calls are compiled, because each sample takes seconds."""

_FEW_ASKS = 25
"""The same on a device that compiles each call for each new shape."""

_MISSES = 25
"""The number of random changes in a row that are asked and do not show it. Then single changes are tried in order."""

_REDRAWS = 400
"""The number of random changes in a row that are not smaller, or were asked already, with the same effect."""

_WHOLE_RANGE = 64
"""The size of a range of which every number is tried. Of a larger range a few are."""


def most_asks(cell: Cell, few: bool = False) -> int:
    """The number of samples that a cell may be asked to find the smallest one: a `few` if each is compiled."""
    if is_compiled(cell):
        return _MOST_ASKS_COMPILED
    return _FEW_ASKS if few else MOST_ASKS


def smallest(spec: Spec, first: Drawn, shows: Callable[[Sample], bool], most: int = MOST_ASKS) -> Sample:
    """The smallest sample that was found for which `shows` is true. `first` is one for which it is. At most `most`
    samples are asked."""
    search = _Search(spec, first, shows, most)
    search.change_at_random()
    while search.change_one():
        search.change_at_random()
    return search.best.sample


class _Search:
    """The smallest sample so far, and the samples that were asked."""

    def __init__(self, spec: Spec, first: Drawn, shows: Callable[[Sample], bool], most: int) -> None:
        self.best = first
        self._spec, self._shows, self._most = spec, shows, most
        self._asked = {first.sample}
        self._random = Random(0)
        self._count = len(first.choices)

    def change_at_random(self) -> None:
        """Change many choices or few, until that gives nothing smaller."""
        misses = redraws = 0
        while misses < _MISSES and redraws < _REDRAWS and not self._over:
            found = redrawn(self._spec.arguments, _changed(self._random, self.best.choices, self._count), self._random)
            if found is None or not self._is_news(found):
                redraws += 1
            elif self._accept(found):
                misses = redraws = 0
                continue
            else:
                misses, redraws = misses + 1, 0
            self._count = self._count // 2 or len(self.best.choices)

    def change_one(self) -> bool:
        """Accept the smallest sample that differs in a single choice, if there is one."""
        found = (redrawn(self._spec.arguments, choices) for choices in _with_one_changed(self.best.choices))
        smaller = sorted((one for one in found if one is not None and self._is_news(one)), key=size_of)
        return any(self._accept(one) for one in smaller if self._is_news(one) and not self._over)

    @property
    def _over(self) -> bool:
        return len(self._asked) > self._most

    def _is_news(self, found: Drawn) -> bool:
        """Whether a sample is smaller than the best one, and was not asked."""
        return found.sample not in self._asked and size_of(found) < size_of(self.best)

    def _accept(self, found: Drawn) -> bool:
        self._asked.add(found.sample)
        shown = self._shows(found.sample)
        if shown:
            self.best = found
        return shown


def size_of(drawn: Drawn) -> tuple[int, ...]:
    """The size of a sample. Smaller ones are easier to read: first fewer elements, then fewer tensors, dimensions,
    empty tensors, plain values with few landmarks, usual layouts, smaller other arguments, and simpler choices.

    A size of 0 counts as 1, because one element is plainer than none. A landmark that is named is plainer than a pool
    of them.
    """
    tensors = drawn.sample.tensors
    return (
        sum(prod(max(size, 1) for size in tensor.shape) for tensor in tensors),
        len(tensors),
        sum(tensor.rank for tensor in tensors),
        sum(tensor.numel == 0 for tensor in tensors),
        sum(len(tensor.values.edits) + _place(tensor.values.kind, VALUES) for tensor in tensors),
        sum(tensor.layout.kind != "contiguous" for tensor in tensors),
        sum(_place(tensor.layout.kind, LAYOUTS) for tensor in tensors),
        sum(_magnitude(value) for _, value in drawn.sample.arguments),
        sum(choice.value != choice.simplest for choice in drawn.choices),
    )


def _place(word: str, words: tuple[str, ...]) -> int:
    return words.index(word) if word in words else 0


def _magnitude(argument: Any) -> int:
    """How far the whole numbers of an argument are from 0, negative ones further."""
    if isinstance(argument, tuple):
        return sum(1 + _magnitude(part) for part in argument if not isinstance(part, TensorSample))
    if isinstance(argument, SliceSample):
        parts = (argument.start, argument.stop, argument.step)
        return sum(1 + _magnitude(part) for part in parts if part is not None)
    return 2 * abs(argument) + (argument < 0) if isinstance(argument, int) else 0


def _changed(random: Random, choices: tuple[Choice, ...], count: int) -> list[Choice]:
    """The choices with `count` of them changed. Sometimes a few are left out."""
    changed = list(choices)
    for place in random.sample(range(len(changed)), min(count, len(changed))):
        changed[place] = changed[place]._replace(value=_other(random, changed[place]))
    if changed and random.random() < 0.3:
        place = random.randrange(len(changed))
        del changed[place : place + random.randint(1, 3)]
    return changed


def _other(random: Random, choice: Choice) -> int:
    """Another number for a choice: the simplest, a simpler one, or any."""
    way = random.random()
    if way < 0.4:
        return choice.simplest
    low, high = sorted((choice.simplest, choice.value))
    return random.randint(low, high) if way < 0.7 else random.randint(choice.low, choice.high)


def _with_one_changed(choices: tuple[Choice, ...]) -> Iterator[list[Choice]]:
    """The choices, with each in turn changed to each of its other numbers."""
    for place, choice in enumerate(choices):
        numbers = {choice.simplest, max(choice.low, choice.value // 2)}
        if choice.high - choice.low < _WHOLE_RANGE:
            numbers.update(range(choice.low, choice.high + 1))
        for number in sorted(numbers - {choice.value}):
            yield [*choices[:place], choice._replace(value=number), *choices[place + 1 :]]
