"""Plants the faults that TEST_DEVICE_WRONG names, with commas between them: for `--import`, which comes after torch."""

import os

from fictive.wrong import plant

for fault in os.environ["TEST_DEVICE_WRONG"].split(","):
    plant(fault)
