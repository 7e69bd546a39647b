"""What an expression binds stays with it."""

from __future__ import annotations

import datetime

from conformance.engine.deviations import Deviation
from conformance.engine.witness import still_deviates
from conformance.execution.namespace import torch_names


def test_a_walrus_in_a_witness_leaves_no_name_for_later_calls():
    known = Deviation(
        id="walrus",
        operation="*",
        checks=("values",),
        torch=">=2.2",
        witness="(leaked := torch.ones(2)).sum() + leaked[0]",
        promised="torch.tensor(0.0)",
        reason="planted",
        expires=datetime.date(2999, 1, 1),
    )
    assert still_deviates(known, "cpu").deviates
    assert "leaked" not in torch_names()
