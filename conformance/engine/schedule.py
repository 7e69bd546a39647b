"""The schedule: which samples a check or a mode is asked of, and in which dtypes.

The first samples teach most: they go to every check in every dtype. A later sample is asked in a few dtypes only, since
a fault that is left needs another sample and not another dtype of the same one. `benchmarks/detection.py` measures what
a schedule costs and which planted faults it notices; the table below was chosen by that.

Compiled cells are never due: `conformance.engine.compiled` asks them, of as many samples as the table says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from conformance.checks import WHOLE, Question, modes, question
from conformance.execution.devices import changed_dtypes, missing_dtypes
from conformance.results.model import Cell
from conformance.samples.sample import Sample
from conformance.spec.cells import SAMPLED, cell_on, cells_of, is_compiled
from conformance.spec.contract import Spec


@dataclass(frozen=True)
class Turns:
    """The turns of a check or a mode."""

    every: int = 2
    """n: one sample in n is asked"""
    dtypes: int = 1
    """the number of dtypes in which a later sample is asked"""
    until: int | None = None
    """the number of the last sample that is asked; None if all are"""
    least: int = 6
    """the number of samples that each cell is asked of at least"""
    of_layout: int = 1
    """the number of samples of each kind of layout that each cell is asked of at least"""
    of_part: int = 2
    """the number of samples that each form, law or refusal is asked of at least, in each cell"""


FULL = 50
"""The number of samples that are asked in every dtype, and at most a quarter of them all."""

MIXED = 4
"""The factor by which a later sample with tensors of two dtypes is asked in more dtypes: in each it is another pair."""

TABLE = {
    #                 one in   dtypes later   up to sample   at least   of each layout   of each part
    "values":      Turns(1,         4,            None,         16,           2,              0),
    "memory":      Turns(1,         1,            None,         12,           2,              0),
    "cost":        Turns(2,         1,            None,          4,           0,              0),
    "forms":       Turns(1,         1,            None,          8,           1,              2),
    "refusals":    Turns(6,         1,              36,          3,           0,              1),
    "laws":        Turns(2,         1,            None,          6,           1,              2),
    "gradients":   Turns(1,         1,            None,         10,           1,              0),
    "determinism": Turns(2,         1,              24,          6,           0,              0),
    "distribution": Turns(8,        1,              40,          2,           0,              0),
    "vmap":        Turns(6,         1,            None,         24,           2,              0),
    "forward":     Turns(6,         1,            None,         16,           1,              0),
    "meta":        Turns(4,         1,            None,         24,           2,              0),
    "fake":        Turns(6,         1,            None,         16,           2,              0),
    "functionalize": Turns(6,       1,            None,         16,           1,              0),
    "aot_eager":   Turns(33,        1,            None,          2,           0,              0),
    "inductor":    Turns(50,        1,            None,          2,           0,              0),
}  # fmt: skip
"""The turns of each check, and of each mode. What is not in the table has the defaults of `Turns`."""


def turns_of(cell: Cell) -> Turns:
    """The turns of a cell. The backend of a device profile has those of inductor."""
    name = cell.subject if cell.check == modes.NAME else cell.check
    return TABLE.get(name, TABLE["inductor"] if is_compiled(cell) else Turns())


class Plan:
    """Which samples each cell of a spec is asked of, and in which dtypes.

    It depends on the spec and on its samples alone, not on the cells that were selected. If `thorough`, later samples
    are asked in every dtype too.
    """

    def __init__(self, spec: Spec, samples: Sequence[Sample], thorough: bool = False) -> None:
        self.samples = tuple(samples)
        self._spec, self._thorough = spec, thorough
        self._full = len(samples) if thorough else min(FULL, max(len(samples) // 4, 1))
        self._known: dict[tuple[Cell, tuple[str, ...]], list[tuple[int, str]]] = {}
        self._layouts: dict[tuple[int, int, int], dict[str, int]] = {}
        self._first: dict[tuple[tuple[str, ...], int], list[str]] = {}
        self._dtypes: dict[str, tuple[str, ...]] = {}
        for check, subject in cells_of(spec):
            self._dtypes[check] = (*self._dtypes.get(check, ()), subject)

    def of(self, cell: Cell, asked: Question) -> list[tuple[int, str]]:
        """The samples, by their place, that a cell is asked of, and the dtype of each."""
        key = cell, asked.dtypes
        if key not in self._known:
            turns = turns_of(cell)
            places = [place for place in range(len(self.samples)) if self._is_due(cell, turns, place)]
            places += self._lacking(turns, places, asked)
            self._known[key] = [(place, _in_turn(asked.dtypes, turn)) for turn, place in enumerate(places)]
        return self._known[key]

    def _is_due(self, cell: Cell, turns: Turns, place: int) -> bool:
        if place % turns.every:
            return False
        if place < self._full or self._thorough:
            return True
        if turns.until is not None and place >= turns.until:
            return False
        count = turns.dtypes * (MIXED if self.samples[place].is_mixed else 1)
        return cell.check == modes.NAME or cell.subject in self._preferred(cell.check, place)[:count]

    def _preferred(self, check: str, place: int) -> list[str]:
        """The dtypes of a check, those first in which a sample is asked. All checks of a sample prefer the same."""
        key = self._dtypes[check], place
        if key not in self._first:
            digest = self.samples[place].digest
            self._first[key] = sorted(self._dtypes[check], key=lambda name: crc32(f"{name} {digest}".encode()))
        return self._first[key]

    def _lacking(self, turns: Turns, places: list[int], asked: Question) -> list[int]:
        """Further samples, as far as there are any, until the cell is asked everything often enough."""
        met = Counter(aspect for place in places for aspect in self._aspects(turns, place, asked))
        known, found = set(places), []
        for place in range(len(self.samples)):
            aspects = {} if place in known else self._aspects(turns, place, asked)
            if any(met[aspect] < least for aspect, least in aspects.items()):
                met.update(aspects.keys())
                found.append(place)
        return found

    def _aspects(self, turns: Turns, place: int, asked: Question) -> dict[str, int]:
        """What a cell learns from a sample, and how often it must at least."""
        parts = asked.parts(self._spec, self.samples[place], asked.dtypes[0])
        if not parts:
            return {}
        same = self._same_for_all(turns, place)
        return same if parts == WHOLE else {**same, **dict.fromkeys(parts, turns.of_part)}

    def _same_for_all(self, turns: Turns, place: int) -> dict[str, int]:
        """What is the same in all cells of a check."""
        key = turns.least, turns.of_layout, place
        if key not in self._layouts:
            layouts = (f"layout {kind}" for kind in self.samples[place].layouts)
            self._layouts[key] = {"": turns.least, **dict.fromkeys(layouts, turns.of_layout)}
        return self._layouts[key]


def _in_turn(dtypes: tuple[str, ...], turn: int) -> str:
    return dtypes[turn % len(dtypes)]


class Schedule:
    """The cells of a spec that are asked of samples on a device, as they are due.

    `not_held` are the cells that need a dtype which the device cannot hold, `changed` those whose numbers it changes.
    They are not asked.
    """

    def __init__(self, spec: Spec, device: str, cells: list[Cell]) -> None:
        missing, changed = missing_dtypes(device), changed_dtypes(device)
        asked = {cell: question(spec, cell, missing | changed) for cell in cells if cell.check in SAMPLED}
        self.changed = [cell for cell in cells if cell.subject in changed]
        # The spec is without what needs a missing dtype.
        left = cells if device == "cpu" else [cell_on(device, cell) for cell in cells_of(spec)]
        self.not_held = [
            cell
            for cell in cells
            if cell not in self.changed
            and (cell.subject in missing or cell not in left or (cell in asked and not asked[cell].dtypes))
        ]
        self._asked = {cell: asked[cell] for cell in asked if cell not in (*self.not_held, *self.changed)}
        self._planned: list[dict[str, list[Cell]]] = []
        self._finished: set[Cell] = set()
        self._due_again: set[Cell] = set()

    @property
    def cells(self) -> list[Cell]:
        """The cells that are asked of samples."""
        return list(self._asked)

    def __getitem__(self, cell: Cell) -> Question:
        return self._asked[cell]

    def follow(self, plan: Plan) -> None:
        """Take the turns of the cells from a plan."""
        self._planned = [{} for _ in plan.samples]
        for cell, asked in self._asked.items():
            for place, dtype in plan.of(cell, asked) if not is_compiled(cell) else ():
                self._planned[place].setdefault(dtype, []).append(cell)

    def due(self, place: int | None = None) -> dict[str, list[Cell]]:
        """The cells to ask of the sample at a place of the plan, by dtype. Without a place: all that are not
        finished."""
        by_dtype: dict[str, list[Cell]] = {}
        if place is None:
            turns = [(asked.dtypes[0], [cell]) for cell, asked in self._asked.items() if not is_compiled(cell)]
        else:
            planned = self._planned[place]
            again = self._due_again.difference(*planned.values())
            turns = [*planned.items(), *((_in_turn(self._asked[cell].dtypes, place), [cell]) for cell in sorted(again))]
        for dtype, cells in turns:
            by_dtype.setdefault(dtype, []).extend(cell for cell in cells if cell not in self._finished)
        return {dtype: cells for dtype, cells in by_dtype.items() if cells}

    def answered(self, cell: Cell, used: bool) -> None:
        """If a cell could not use its sample, the next sample is due too."""
        (self._due_again.discard if used else self._due_again.add)(cell)

    def finish(self, cell: Cell) -> None:
        """Stop asking a cell."""
        self._finished.add(cell)
