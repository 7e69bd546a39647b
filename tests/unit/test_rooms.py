"""The rooms of the code, and those of the tests."""

from __future__ import annotations

import subprocess
import sys

from tests import ROOT

COLLECT = """
import sys
import pytest

status = pytest.main(["tests/unit", "--collect-only", "-q", "-p", "no:cacheprovider"])
print("torch" in sys.modules, int(status))
"""


def test_no_module_of_the_unit_tests_imports_torch():
    """Their functions are kept from it by a fixture (tests/unit/conftest.py)."""
    done = subprocess.run([sys.executable, "-c", COLLECT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False 0", done.stdout
