"""What the sine and the cosine have in common."""

from conformance.spec import AT_MOST, WITHIN, Law
from conformance.spec.families import unary


def bound(dtype, input):
    """3.5 ULP, for torch calls the faster of two kernels. A complex one takes a product in each part."""
    return 8 if unary.is_complex(dtype) else unary.in_float32(dtype, 3.5)


def of_both_sides(dtype, input):
    """What two results of these arguments may differ by."""
    return 2 * bound(dtype, input)


def gradient_bound(dtype, input):
    """The other function counts twice, with its own errors, and the product rounds; complex ones round in each part."""
    return 6 * bound(dtype, input) + 4 * unary.is_complex(dtype) + 1


def of_both_squares(dtype, input):
    """What two squares may be off by together: each result counts twice, and two squares and a sum round."""
    return 4 * bound(dtype, input) + 3


def laws_of_circle(name):
    """Laws of torch.`name` on the unit circle."""
    return (
        Law(
            "no result is above 1",
            f"torch.{name}(input).abs().nan_to_num(0)",
            f"torch.ones_like(torch.{name}(input))",
            AT_MOST,
            when=unary.REAL,
        ),
        Law(
            "the squares of sine and cosine add up to 1",
            "torch.sin(input.nan_to_num(0, 0, 0)).square() + torch.cos(input.nan_to_num(0, 0, 0)).square()",
            "torch.ones_like(input)",
            WITHIN,
            when=unary.REAL,
            bound=of_both_squares,
        ),
    )
