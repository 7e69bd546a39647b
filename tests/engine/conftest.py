"""What tests that ask torch in this process need before it is imported."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait do not spin
