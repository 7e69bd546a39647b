"""Which cells a spec has on a device."""

from __future__ import annotations

from conformance.results.model import Environment
from conformance.spec import loader
from conformance.spec.cells import cells_on
from tests import SPECS


def test_elsewhere_only_views_are_held_to_allocations():
    def counted_cells(name, device, **without):
        terms = Environment(torch="2.13.0", devices=(device,), **without)
        return [cell for cell in cells_on(loader.load(SPECS / f"{name}.py"), device, terms) if cell.check == "cost"]

    assert counted_cells("joining/cat", "cpu") and not counted_cells("joining/cat", "cuda")
    assert counted_cells("shape/view", "cuda")
    assert not counted_cells("shape/view", "cuda", without_counts=("cuda",))
