"""Numbers of a program beside how far each may be off, if every operation rounds once.

An oracle that computes with them in a wide dtype, step by step as the program does, has a bound for each result without
any more work. Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.3, running error
analysis. The analysis is of first order; twice its bound is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.numeric.accuracy import Sums
from conformance.numeric.dtypes import Array

FIRST_ORDER = 2.0
"""How many times the bound of first order a result may be off."""


@dataclass(frozen=True, eq=False)
class Running:
    """Numbers, and how far each may be off, in units of rounding: half the spacing of numbers at 1."""

    value: Array
    error: Array

    # --- by element -----------------------------------------------------------------------------------------------

    def __add__(self, other: Running | float) -> Running:
        one = running(other)
        value = self.value + one.value
        return Running(value, self.error + one.error + np.abs(value))

    def __sub__(self, other: Running | float) -> Running:
        return self + -running(other)

    def __neg__(self) -> Running:
        return Running(-self.value, self.error)

    def __mul__(self, other: Running | float) -> Running:
        one = running(other)
        value = self.value * one.value
        carried = np.abs(self.value) * one.error + self.error * np.abs(one.value)
        return Running(value, carried + np.abs(value))

    def __truediv__(self, other: Running | float) -> Running:
        one = running(other)
        value = self.value / one.value
        carried = (self.error + np.abs(value) * one.error) / np.abs(one.value)
        return Running(value, carried + np.abs(value))

    def __radd__(self, other: float) -> Running:
        return running(other) + self

    def __rsub__(self, other: float) -> Running:
        return running(other) - self

    def __rmul__(self, other: float) -> Running:
        return running(other) * self

    def __rtruediv__(self, other: float) -> Running:
        return running(other) / self

    def apply(self, function: Callable[[Array], Array], slope: Callable[[Array], Array], units: float = 1.0) -> Running:
        """A function of each number, which is itself off by so many units. `slope` is its derivative."""
        value = function(self.value)
        return Running(value, np.abs(slope(self.value)) * self.error + units * np.abs(value))

    def where(self, mask: Array, other: Running | float = 0.0) -> Running:
        """These numbers where the mask is true, and others elsewhere. Nothing is rounded."""
        one = running(other)
        return Running(np.where(mask, self.value, one.value), np.where(mask, self.error, one.error))

    # --- sums and products of matrices, added up in any order -------------------------------------------------------

    def sum(self, axis: Any = None, keepdims: bool = False) -> Running:
        """The sum along axes, in any order."""
        value = np.sum(self.value, axis=axis, keepdims=keepdims)
        sizes = np.sum(np.abs(self.value), axis=axis, keepdims=keepdims)
        terms = self.value.size // max(np.size(value), 1)
        return Running(value, np.sum(self.error, axis=axis, keepdims=keepdims) + max(terms - 1, 0) * sizes)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Running:
        """The mean along axes."""
        total = self.sum(axis, keepdims)
        return total / float(self.value.size // max(np.size(total.value), 1))

    def __matmul__(self, other: Running) -> Running:
        """The product of two matrices, or of stacks of them."""
        carried = np.abs(self.value) @ other.error + self.error @ np.abs(other.value)
        sizes = np.abs(self.value) @ np.abs(other.value)
        return Running(self.value @ other.value, carried + self.value.shape[-1] * sizes)

    # --- shapes ---------------------------------------------------------------------------------------------------

    @property
    def T(self) -> Running:
        """The transpose."""
        return Running(self.value.T, self.error.T)

    def reshape(self, *shape: int) -> Running:
        """The same numbers in another shape."""
        return Running(self.value.reshape(*shape), self.error.reshape(*shape))

    def sums(self) -> Sums:
        """What an oracle answers: the numbers, and how far those of a computation may be off."""
        magnitude = np.maximum(self.error, np.abs(self.value))
        return Sums(self.value, magnitude, np.ones(np.shape(self.value)), bound=FIRST_ORDER)


def exact(array: Array) -> Running:
    """Numbers that are not off: the arguments of a program."""
    return Running(array, np.zeros(np.shape(array)))


def running(number: Running | float) -> Running:
    """A number of a program's text, which is rounded where it is no whole one."""
    if isinstance(number, Running):
        return number
    return Running(np.asarray(number), np.asarray(0.0 if float(number).is_integer() else abs(number)))
