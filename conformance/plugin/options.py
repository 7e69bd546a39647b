"""What the options and arguments of a run of specs ask for. What they cannot ask for is refused by `UsageError`."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest.mark.expression import Expression

from conformance.engine import profiles
from conformance.plugin import sharding
from conformance.processes import patience
from conformance.report import read_run
from conformance.results.codec import one_line
from conformance.results.file import ResultsError
from conformance.results.verdict import Results
from conformance.results.visible import visible
from conformance.samples.vocabulary import SpecError
from conformance.spec import catalogue, devices
from conformance.spec.catalogue import Selection, UnknownSpec
from conformance.spec.cells import PERF


def selection_of(config: pytest.Config) -> Selection:
    """With --specs what the arguments name. Without it, as in a checkout, the built-in specs among the paths given."""
    if config.getoption("--specs"):
        given = getattr(config, "workerinput", {}).get("conformance")
        try:
            return catalogue.select(given["specs"] if given else config.getoption("file_or_dir"))
        except (UnknownSpec, SpecError) as error:
            raise pytest.UsageError(str(error)) from None
    here = config.invocation_params.dir
    places = {(here / str(argument).split("::")[0]).resolve() for argument in config.args}
    found = [file for file in catalogue.built_in_files() if places & {file.path, *_folders(file.path)}]
    return Selection(tuple(found))


def _folders(path: Path) -> list[Path]:
    """The folders of a built-in spec, up to that of the checkout: one that merely holds an environment in which the
    package is installed asks for no specs."""
    checkout = catalogue.BUILT_IN.parent
    return [parent for parent in path.parents if parent == checkout or checkout in parent.parents]


def deviations_of(config: pytest.Config) -> tuple[Path, ...]:
    """The files of known deviations that were given."""
    files = [config.invocation_params.dir / file for file in config.getoption("--deviations") or ()]
    for file in files:
        if not file.is_file():
            raise pytest.UsageError(f"--deviations: there is no file {file}")
    return tuple(files)


def baseline_of(config: pytest.Config) -> Results | None:
    """The earlier run that the report is to be held against."""
    named = config.getoption("conformance_baseline")
    if named is None:
        return None
    try:
        return read_run(config.invocation_params.dir / named)
    except ResultsError as error:
        raise pytest.UsageError(f"--baseline: {visible(str(error))}") from None


def profiles_of(config: pytest.Config) -> tuple[Path, ...]:
    """The files of device profiles that were given."""
    files = tuple(config.invocation_params.dir / file for file in config.getoption("--device-profile") or ())
    for file in files:
        if not file.is_file():
            raise pytest.UsageError(f"--device-profile: there is no file {file}")
    return files


def variables_of(config: pytest.Config, profiles: tuple[Path, ...]) -> tuple[tuple[str, str], ...]:
    """The environment variables of the children of a run with the device profiles of files."""
    try:
        return devices.environment(profiles, config.getoption("--import") or (), config.getoption("--device") or ())
    except SpecError as error:
        raise pytest.UsageError(f"--device-profile: {error}") from None


def settings_of(config: pytest.Config) -> hypothesis.settings:
    """How much the run searches, by the profile that it names; no profile is loaded for it."""
    name = config.getoption("--hypothesis-profile", default=None)
    found = profiles.registered(name) if name else profiles.default()
    if found is None:
        known = ", ".join(profiles.names())
        raise pytest.UsageError(
            f"--hypothesis-profile: there is no profile {name!r}; take {known}, or register it by a plugin (-p)"
        )
    return found


def seed_of(config: pytest.Config, settings: hypothesis.settings) -> int:
    """The seed that is given, or else 0, or another one in each run if the profile is not derandomized."""
    given = getattr(config, "workerinput", {}).get("conformance")
    if given:
        return int(given["seed"])
    seed = config.getoption("--hypothesis-seed", default=None)
    if seed is None:
        return 0 if settings.derandomize else int(time.time())
    if not re.fullmatch("[0-9]{1,19}", str(seed)):  # int() and isdigit() take other digits, and disagree on some
        raise pytest.UsageError(f"--hypothesis-seed: {one_line(str(seed), 40)!r} is no whole number of up to 19 digits")
    return int(seed)


def patience_of(config: pytest.Config) -> float:
    """How long one call may take, in seconds."""
    try:
        return patience.parse(config.getoption("--patience"))
    except ValueError as error:
        raise pytest.UsageError(f"--patience: {error}") from None


def shard_of(config: pytest.Config) -> sharding.Shard | None:
    """The part of the plan that was asked for: one of everything, so that the shards add up."""
    text = config.getoption("--shard")
    if not text:
        return None
    try:
        shard = sharding.parse(text)
    except ValueError as error:
        raise pytest.UsageError(f"--shard: {error}") from None
    for option, value in (("-k", config.option.keyword), ("-m", config.option.markexpr)):
        if value:
            raise pytest.UsageError(f"--shard: is a part of the whole plan; leave out {option} {value!r}")
    if any("::" in str(argument) for argument in config.args):
        raise pytest.UsageError("--shard: is a part of the whole plan; name spec files or folders, not cells")
    return shard


def asks_for_times(config: pytest.Config) -> bool:
    """Whether times were asked for: by the marker, or by the name of a cell or of the check."""
    words = config.option.markexpr
    try:
        marked = bool(words) and PERF in words and Expression.compile(words).evaluate(_is_times)
    except Exception:  # what is wrong with the expression pytest says itself
        marked = False
    return marked or any(_names_times(str(argument)) for argument in config.args)


def _names_times(argument: str) -> bool:
    return argument.partition("::")[2].partition("[")[0] == PERF


def _is_times(name: str, /, **_: Any) -> bool:
    return name == PERF


def refuse_what_spoils_times(config: pytest.Config) -> None:
    """Raise `UsageError` where times were asked for and could not be taken."""
    if not asks_for_times(config):
        return
    if not config.pluginmanager.hasplugin("benchmark"):
        raise pytest.UsageError("-m perf: pytest-benchmark is not installed: pip install 'torch-conformance[perf]'")
    if getattr(config.option, "numprocesses", None) or getattr(config.option, "dist", "no") != "no":
        raise pytest.UsageError("-m perf: a workload needs a core to itself; leave out -n")
    for option in ("benchmark_disable", "benchmark_skip"):
        if getattr(config.option, option, False):
            raise pytest.UsageError(f"-m perf: nothing would be timed; leave out --{option.replace('_', '-')}")


def refuse_unusable_machines(config: pytest.Config) -> None:
    """Raise `UsageError` where --tx says where the workers are to run, and they would not run there."""
    named = getattr(config.known_args_namespace, "tx", None)
    if not named or hasattr(config, "workerinput"):
        return
    if config.option.dist == "no" or config.option.tx != named:
        raise pytest.UsageError(f"--tx: nothing would run there; write -d --tx {named[0]}, without -n")
    proxies = {word for spec in getattr(config.option, "px", ()) for word in _words(spec) if word.startswith("id=")}
    for spec in named:
        words = _words(spec)
        if "popen" not in words or any(word.startswith("chdir=") for word in words):
            # xdist would copy itself there, refuse every path, and let a socket server end with its worker.
            raise pytest.UsageError(
                f"--tx {spec}: workers elsewhere are started by way of a proxy: write --px id=a//socket=HOST:PORT or "
                "--px id=a//ssh=HOST//execmodel=thread//chdir=FOLDER, and -d --tx popen//via=a"
            )
        for word in words:
            if word.startswith("via=") and word.replace("via=", "id=", 1) not in proxies:
                raise pytest.UsageError(f"--tx {spec}: there is no --px {word.replace('via=', 'id=', 1)}//…")


def _words(spec: str) -> list[str]:
    """The words of a specification of execnet, such as popen and via=a of 2*popen//via=a."""
    count, _, one = spec.partition("*")
    return (one if count.isdigit() else spec).split("//")
