"""A pytest plugin: the Hypothesis profile `samples`, which is `gate` with `SAMPLES` samples, a variable."""

import os

import hypothesis

from conformance.engine import profiles

profiles.register()
hypothesis.settings.register_profile(
    "samples", hypothesis.settings.get_profile("gate"), max_examples=int(os.environ["SAMPLES"])
)
