"""What Hypothesis draws. Specs see only `Draw`, through `conformance.spec`."""

from conformance.strategies.draw import Draw

__all__ = ["Draw"]
