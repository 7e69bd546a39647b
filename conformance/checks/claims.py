"""claims: does each statement of the source documents still come out as it did on the certified torch?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from conformance.checks.claim_helpers import helpers
from conformance.checks.places import cannot_say
from conformance.execution import devices, ending
from conformance.execution.broken import Broken, summary
from conformance.execution.evidence import EvidenceBuilder
from conformance.execution.global_state import GlobalState
from conformance.execution.namespace import torch_names
from conformance.results.model import FailureKind
from conformance.samples.sample import Sample
from conformance.spec.contract import AMBIGUOUS, UPHELD, Claim, Spec
from conformance.spec.expressions import evaluate

NAME = "claims"


def settle(spec: Spec, subject: str, device: str, evidence: EvidenceBuilder, sample: Sample | None) -> None:
    """Run the check of one claim and compare its outcome with the claim's verdict."""
    claim = next(claim for claim in spec.claims if claim.name == subject)
    if reason := cannot_say(claim.check, device):
        evidence.compared(None)
        evidence.refused += 1
        evidence.note(f"not asked, since {reason}")
        return
    holds, reason = outcome(claim, device)
    evidence.compared(None, np.asarray(holds))
    evidence.note(f"{'true' if holds else 'not true'} on this torch{reason}")
    if holds != (claim.verdict in (UPHELD, AMBIGUOUS)):
        now = "true" if holds else "not true"
        raise Broken(
            FailureKind.CLAIM,
            f"the statement is {now} on this torch{reason}",
            claim.check.strip(),
            f"the verdict {claim.verdict}",
        )


def outcome(claim: Claim, device: str) -> tuple[bool, str]:
    """Whether the statement is true on the installed torch, and the exception that says why not, if there is one."""
    names = torch_names()
    names.update(helpers(names))
    with _state_kept(), torch.device(device), _state_kept(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        _require_known(claim, names)
        try:
            return bool(evaluate(claim.check, names)), ""
        except (NameError, SyntaxError) as error:
            raise Broken(
                FailureKind.CHECK_FAILED, f"the check itself is wrong: {summary(error)}", claim.check
            ) from error
        except BaseException as error:
            devices.require_answer(error, device)
            return False, f" ({summary(error)})"


@contextmanager
def _state_kept() -> Iterator[None]:
    """Restore the global state afterwards: a check may set a default dtype or a seed, and leave it so. It is asked
    within a default device, which can only be undone once what was set within it has been."""
    state = GlobalState()
    try:
        yield
    finally:
        if any(left.lasts for left in state.restored()):
            ending.replace_process()


def _require_known(claim: Claim, names: dict[str, Any]) -> None:
    """Raise `Broken` where a claim names an operation that torch does not have."""
    for operation in claim.operations:
        try:
            evaluate(operation, names)
        except (NameError, AttributeError):
            message = f"the claim names {operation}, which this torch does not have"
            raise Broken(FailureKind.CHECK_FAILED, message, operation, "an operation") from None
