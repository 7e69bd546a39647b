"""What the ways to round to a whole number have in common."""

import numpy as np

from conformance.spec import INTEGERS, WIDE_UNSIGNED, Law, Refusal
from conformance.spec.families import unary
from conformance.spec.families.copies import scratch_of_clone


def gradient(incoming, results, input, **rest):
    """A step function has the slope 0 everywhere."""
    return {"input": np.zeros_like(input)}


def scratch(dtype, input, **rest):
    """Whole numbers are copied."""
    return scratch_of_clone(dtype, input) if dtype in INTEGERS + WIDE_UNSIGNED else ()


def refusals_of_rounding(name):
    """Misuses of torch.`name`."""
    return (
        *unary.every_refusal(name),
        Refusal("a boolean tensor", f"torch.{name}(torch.ones(2, dtype=torch.bool))", NotImplementedError),
        Refusal(
            "a tensor of complex numbers", f"torch.{name}(torch.ones(2, dtype=torch.complex64))", NotImplementedError
        ),
        Refusal("an out of whole numbers for floats", f"torch.{name}(torch.ones(3), out=out.long())", RuntimeError),
    )


def laws_of_rounding(name):
    """Whole numbers stay as they are, in any dtype."""
    return (
        Law("a whole number is left alone", f"torch.{name}(torch.{name}(input))", f"torch.{name}(input)"),
        Law("whole numbers are copied", f"torch.{name}(input)", "input", when="'int' in dtype"),
    )
