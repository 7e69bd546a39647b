"""The fixtures of real runs and of a second device, as the tests of the whole system have them."""

from tests.system.conftest import checkout, collect
from tests.system.test_devices import fictive

__all__ = ["checkout", "collect", "fictive"]
