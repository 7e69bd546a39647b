"""What a device, or an older torch, lacks of a spec."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue, loader
from conformance.spec.contract import Form, Law, Refusal
from conformance.spec.devices import PROFILE, load_profile, on_device, without_dtypes
from conformance.spec.gaps import load_gaps
from conformance.spec.releases import is_within
from tests import SPECS

MUL = loader.load(SPECS / "arithmetic" / "mul.py")
WIDE = {"uint16", "uint32", "uint64"}


def test_dtypes_without_a_kernel_are_left_out_on_the_device_that_lacks_them():
    assert on_device(MUL, "cpu", "2.13.0") is MUL
    narrow = on_device(MUL, "cuda:1", "2.13.0")
    assert set(MUL.dtypes) - set(narrow.dtypes) == WIDE == set(narrow.lacking)


def test_a_gap_ends_with_the_version_that_fills_it():
    gather = loader.load(SPECS / "indexing" / "gather.py")
    before, after = (set(on_device(gather, "cpu", version).dtypes) for version in ("2.13.0+cpu", "2.14.0a0"))
    assert after - before == WIDE


def test_a_refusal_of_other_devices_is_left_out():
    spec = replace(MUL, refusals=(Refusal("a", "torch.mul(1)", TypeError, devices=("cpu",)), *MUL.refusals))
    assert on_device(spec, "cpu", "2.13.0").refusals == spec.refusals
    assert on_device(spec, "npu", "2.13.0").refusals == MUL.refusals


def test_what_names_a_dtype_that_a_device_cannot_hold_is_left_out():
    spec = replace(
        MUL,
        forms=(Form("torch.mul(input, other)"), Form("input.double().mul(other)"), Form("input.mul(other)")),
        laws=(Law("wide", "input * other", "(input.to(torch.float64) * other).to(dtype)"), *MUL.laws),
        refusals=(Refusal("wide", "torch.mul(input, other, dtype=torch.double)", TypeError), *MUL.refusals),
    )
    narrow = without_dtypes(spec, {"float64"})
    assert set(spec.dtypes) - set(narrow.dtypes) == {"float64"} == set(narrow.lacking)
    assert narrow.forms == (spec.forms[0], spec.forms[2])
    assert (narrow.laws, narrow.refusals) == (MUL.laws, MUL.refusals)
    assert without_dtypes(spec, ()) is spec


def test_every_built_in_gap_is_one_of_a_spec():
    operations = {catalogue.load(file).operation: catalogue.load(file) for file in catalogue.built_in_files()}
    profiles = [load_profile(path) for path in catalogue.DEVICES.glob(f"*/{PROFILE}")]
    for gap in (*load_gaps(catalogue.GAPS), *(gap for profile in profiles for gap in profile.gap)):
        for operation in gap.operations:
            assert gap.checks or set(gap.dtypes) <= set(operations[operation].dtypes), gap.id


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('dtypes = ["uint17"]', "gap 'a': there is no dtype 'uint17'"),
        ('dtypes = ["int8"]\ntorch = "two"', "is no version range"),
        ("dtypes = []", "gap 'a': it names neither dtypes nor checks"),
        ('checks = "values"', "field 'checks'"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path, line, told):
    path = tmp_path / "gaps.toml"
    path.write_text(f'[[gap]]\nid = "a"\noperations = ["torch.mul"]\nreason = "none"\n{line}\n')
    with pytest.raises(SpecError) as error:
        load_gaps(path)
    assert told in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("version", "versions", "within"),
    [
        ("2.13.0+cpu", ">=2.13", True),
        ("2.14.0a0", ">=2.14", True),
        ("2.14.0a0", "<2.14", False),
        ("2.9.1", "", True),
        ("2.9.1", ">=2.10", False),
    ],
)
def test_the_release_number_alone_decides(version, versions, within):
    assert is_within(version, versions) is within
