"""What zeros and ones have in common, a tensor of a size, filled with one number; and in part empty."""

from conformance.spec import Draw, Form, Law, Refusal
from conformance.spec.families.creation import (
    DEFAULT,
    keyword_forms,
    keyword_refusals,
    new_forms,
    out_refusals,
    size_forms,
    size_refusals,
    spread_size_forms,
    surrounding_forms,
)


def arguments(draw: Draw):
    return {"size": draw.shape()}


def workload(size):
    return {"size": (size // 64, 64)}


def forms_of_filled(name):
    """Calls of torch.`name`, and of the method `new_...`."""
    return (
        Form(f"torch.{name}(size, dtype=dtype, device=device)"),
        Form(f"torch.{name}(size)", when=DEFAULT),
        *size_forms(name),
        *spread_size_forms(name),
        *keyword_forms(name, "size"),
        *surrounding_forms(name, "size"),
        *new_forms(name),
        Form(f"torch.empty(0, dtype=dtype, device=device).new_{name}(*size)", when="size"),
    )


def refusals_of_filled(name):
    """Misuses of `forms_of_filled`."""
    return (
        *size_refusals(name),
        *keyword_refusals(name, "size"),
        *out_refusals(name, "size"),
        Refusal("True as the size", f"torch.{name}(True)", TypeError),
        Refusal("a tuple and a number as the size", f"torch.{name}((2, 3), 4)", TypeError),
        Refusal("a negative size, by the method", f"torch.ones(2).new_{name}((-1,))", RuntimeError),
    )


def laws_of_filled(name):
    """What is asked for is what comes."""
    return (
        Law(
            "requires_grad is as asked for",
            f"torch.{name}(size, dtype=dtype, requires_grad=True).requires_grad",
            "True",
            when="'float' in dtype",
        ),
        Law("the shape is the size", f"tuple(torch.{name}(size, dtype=dtype).shape)", "size"),
        Law("no gradient is required unless asked for", f"torch.{name}(size, dtype=dtype).requires_grad", "False"),
    )
