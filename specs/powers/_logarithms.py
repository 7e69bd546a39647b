"""What the logarithms have in common."""

import numpy as np

from conformance.spec import AT_MOST, Law, contents, wide
from conformance.spec.families import unary


def laws_of_logarithm(name, of_both_sides):
    """Laws of torch.`name`, of which two results may differ by `of_both_sides`."""
    return (
        *unary.float_result_laws(name),
        *unary.conjugate_laws(name, of_both_sides),
        Law(
            "the function never falls",
            f"torch.{name}(input.abs().flatten().sort().values)[:-1]",
            f"torch.{name}(input.abs().flatten().sort().values)[1:]",
            AT_MOST,
            when=unary.REAL,
            bound=of_both_sides,
        ),
        Law(
            "one gives 0",
            f"torch.{name}(torch.where(input == 1, input, 1))",
            f"torch.zeros_like(torch.{name}(input))",
            when="'complex' not in dtype and dtype not in ('uint16', 'uint32', 'uint64') and input.numel > 0",
        ),
    )


def gradient_bound_with_base(dtype, input):
    """The quotient rounds, and its divisor twice, which count double; complex ones round in each part."""
    return unary.unless_far_out(dtype, input, 12 if unary.is_complex(dtype) else 6)


def gradient_leaves_the_range_midway(dtype, input):
    """Somewhere x times the logarithm of the base leaves the range, or is a subnormal number that has lost digits."""
    size = np.abs(wide(contents(input, dtype)))
    smallest, largest = {"float16": (2.0**-13, 2.0**14), "float64": (2.0**-1021, 2.0**1022)}.get(
        dtype, (2.0**-125, 2.0**126)
    )
    return bool(np.any((size > 0) & np.isfinite(size) & ((size < smallest) | (size > largest))))
