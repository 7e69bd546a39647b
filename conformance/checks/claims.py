"""claims: does each statement of the source documents still come out as it did on the certified torch?"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from conformance.checks.allocations import counted
from conformance.execution.evidence import Evidence
from conformance.execution.execution import Broken, summary
from conformance.execution.namespace import torch_names
from conformance.spec.contract import AMBIGUOUS, UPHELD, Claim, Spec
from conformance.spec.expressions import evaluate, run_program

NAME = "claims"


def settle(spec: Spec, subject: str, device: str, evidence: Evidence) -> None:
    """Run one claim's check and hold the outcome against its verdict."""
    claim = next(claim for claim in spec.claims if claim.name == subject)
    holds, reason = outcome(claim, device)
    evidence.compared(None, np.asarray(holds))
    evidence.note(f"{'true' if holds else 'not true'} on this torch{reason}")
    if holds != (claim.verdict in (UPHELD, AMBIGUOUS)):
        now = "true" if holds else "not true"
        raise Broken(
            f"the statement is {now} on this torch{reason}", claim.check.strip(), f"the verdict {claim.verdict}"
        )


def outcome(claim: Claim, device: str) -> tuple[bool, str]:
    """Whether the statement is true on the installed torch, and why not where an error says so."""
    names = {**torch_names(), "close": close, "shares": shares}
    names["raises"] = _raises(names)
    names["allocated"] = _allocated(names)
    torch.manual_seed(0)
    with torch.device(device), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(run_program(claim.check, names)), ""
        except (NameError, SyntaxError) as error:
            raise Broken(f"the check itself is wrong: {summary(error)}", claim.check) from error
        except Exception as error:
            return False, f" ({summary(error)})"


def _raises(names: dict[str, Any]) -> Callable[..., bool]:
    def raises(expression: str, *classes: type[Exception]) -> bool:
        """Whether evaluating `expression` raises one of `classes`."""
        try:
            evaluate(expression, names)
        except Exception as error:
            return isinstance(error, classes or Exception)
        return False

    return raises


def _allocated(names: dict[str, Any]) -> Callable[[str], int]:
    def allocated(expression: str) -> int:
        """The bytes that evaluating `expression` allocates on the CPU, in all."""
        return counted("cpu", partial(evaluate, expression, names))[1].total

    return allocated


def close(a: Any, b: Any, tolerance: float = 1e-5) -> bool:
    """Whether two tensors, numbers or lists agree in shape and, within `tolerance`, in value."""
    first, second = (torch.as_tensor(value).detach().to(torch.float64) for value in (a, b))
    return first.shape == second.shape and bool(torch.allclose(first, second, rtol=tolerance, atol=tolerance))


def shares(a: Any, b: Any) -> bool:
    """Whether two tensors use one storage."""
    return bool(a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr())
