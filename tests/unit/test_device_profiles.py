"""Device profiles as files: what they may say, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue, devices


@pytest.fixture(autouse=True)
def no_profiles_given() -> Iterator[None]:
    yield
    devices.use(())


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_built_in_profiles_are_of_known_devices() -> None:
    kinds = sorted(path.parent.name for path in catalogue.DEVICES.glob(f"*/{devices.PROFILE}"))
    assert kinds == ["cpu", "cuda", "xla"]
    assert devices.profile_of("xla:1").module == "torch_xla" and devices.profile_of("xla").compiles_per_shape
    assert devices.profile_of("cpu").adds_in_fixed_order and not devices.profile_of("cuda:1").adds_in_fixed_order
    assert devices.profile_of("npu") == devices.UNKNOWN


def test_a_given_profile_takes_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    devices.use([written(tmp_path, "xla", 'module = "other"'), written(tmp_path, "npu", "compiles_per_shape = true")])
    assert devices.profile_of("xla").module == "other" and devices.profile_of("npu:3").compiles_per_shape
    devices.use([])
    assert devices.profile_of("xla").module == "torch_xla"


def test_a_child_learns_of_profiles_and_modules_by_its_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "npu", 'module = "torch_npu"')
    devices.use([path])
    variables = dict(devices.environment([path], ["other", "torch_npu"], ["cpu", "npu:1", "xla"]))
    assert variables == {devices.GIVEN: str(path), devices.IMPORTS: "other,torch_npu,torch_xla"}
    assert devices.environment([], [], ["cpu"]) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("adresses = true", "unknown field `adresses`"),
        ('addresses = "yes"', "field 'addresses': Expected `bool | null`"),
        ('lacks = "float64"', "field 'lacks'"),
        ("addresses = ", "not valid TOML"),
        ('compile_backend = "aot_eager"', "compile_backend: 'aot_eager' is a mode that is asked anyway"),
        (
            '[[gap]]\nid = "a"\noperations = ["torch.mul"]\nreason = "none"',
            "gap 'a': it names neither dtypes nor checks",
        ),
        ('[[gap]]\nid = "a"\nreason = "none"', "missing required field `operations`"),
    ],
)
def test_a_wrong_profile_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, "npu", text)
    with pytest.raises(SpecError) as error:
        devices.use([path])
    assert str(path) in str(error.value) and told in str(error.value) and "\n" not in str(error.value)
