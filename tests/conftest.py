"""Fixtures for the engine's own tests."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import hypothesis
import pytest

from conformance.engine import profiles

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: threads that wait do not spin

# pytester forgets the modules that a test is the first to import, and this one cannot be imported twice.
import torch._dynamo.backends.registry  # noqa: F401

pytest_plugins = ["pytester"]

profiles.register()
hypothesis.settings.load_profile(profiles.DEFAULT)  # for what these tests draw themselves

PLUGIN = ("-p", "conformance.plugin.hooks", "--specs", "-p", "no:randomly")
"""Turns the plugin on in a pytest run of specs; what other tests need installed must not disturb it."""

SPEC = """
import numpy as np

from conformance.spec import *


def arguments(draw):
    return {{"input": draw.tensor(draw.shape(max_rank=2), layout={layouts})}}


def oracle(input):
    return np.negative(input)


def large(dtype, input):
    return input.numel > 3


{extra}

spec = Spec(
    operation="{operation}",
    summary="The negative of each element.",
    documentation="https://docs.pytorch.org/docs/stable/generated/torch.neg.html",
    arguments={arguments},
    forms=({forms},),
    dtypes={dtypes},
    oracle=oracle,
    memory=PRESERVED,
    predicates=(large,),
    modes={modes},
    {fields}
)
"""


class Checkout:
    """A small checkout with specs of `torch.neg`, sound unless told otherwise, in which pytest is run for real."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root = pytester.path

    def spec(
        self,
        name: str = "neg",
        *,
        operation: str = "torch.neg",
        forms: str = 'Form("torch.neg(input)"), Form("input.neg()")',
        dtypes: str = '("int32", "float32")',
        fields: str = "",
        extra: str = "",
        arguments: str = "arguments",
        layouts: str = "LAYOUTS",
        modes: str = "()",
    ) -> Path:
        """Write a spec file; the arguments are the parts of it that a test breaks."""
        path = self.root / "specs" / "small" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = SPEC.format(
            operation=operation,
            forms=forms,
            dtypes=dtypes,
            fields=fields,
            extra=extra,
            arguments=arguments,
            layouts=layouts,
            modes=modes,
        )
        path.write_text(text)
        return path

    def deviation(self, **changes: str) -> None:
        """Add a deviation; each value is TOML, and None leaves a field out."""
        fields = {
            "id": '"neg-differs"',
            "operation": '"torch.neg"',
            "checks": '["values"]',
            "dtypes": '["float32"]',
            "torch": '">=2.2"',
            "witness": '"torch.neg(torch.tensor(1.0))"',
            "promised": '"torch.tensor(1.0)"',
            "reason": '"planted"',
            "expires": "2999-01-01",
        }
        fields.update(changes)
        lines = [f"{name} = {value}" for name, value in fields.items() if value is not None]
        path = self.root / "specs" / "deviations.toml"
        before = path.read_text() if path.exists() else ""
        path.write_text(before + "[[deviation]]\n" + "\n".join(lines) + "\n")

    def document(self, id: str, title: str) -> None:
        """Add a document that claims may name."""
        path = self.root / "specs" / "documents.toml"
        before = path.read_text() if path.exists() else ""
        path.parent.mkdir(exist_ok=True)
        entry = f'[[document]]\nid = "{id}"\ntitle = "{title}"\nauthor = ""\naddress = ""\n'
        path.write_text(before + entry)

    def run(self, *arguments: str, target: str = "specs") -> pytest.RunResult:
        """Run pytest in a process of its own, with the quick profile unless one is named."""
        profile = [] if any("profile" in argument for argument in arguments) else ["--hypothesis-profile=quick"]
        options = [*PLUGIN, *self.deviations, *profile, "--report-dir=out"]
        return self.pytester.runpytest_subprocess(*options, target, *arguments)

    def collect(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process: for what is wrong before any torch is asked."""
        return self.pytester.runpytest_inprocess(*PLUGIN, *self.deviations, "specs", "--report-dir=out", *arguments)

    @property
    def deviations(self) -> list[str]:
        """The option that names the file of deviations, where there is one."""
        path = self.root / "specs" / "deviations.toml"
        return [f"--deviations={path}"] if path.exists() else []

    @property
    def out(self) -> Path:
        return self.root / "out"


@pytest.fixture
def checkout(pytester: pytest.Pytester) -> Checkout:
    """An empty checkout."""
    pytester.makepyprojecttoml(
        textwrap.dedent(
            """
            [tool.pytest.ini_options]
            testpaths = ["specs"]
            """
        )
    )
    return Checkout(pytester)
