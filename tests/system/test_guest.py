"""The plugin is a guest: installed it changes nothing, and asked for it keeps to its specs."""

from __future__ import annotations

import importlib.metadata
import re
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from conformance import results
from conformance.cli.main import main
from conformance.engine.deviations import DeviationError
from conformance.engine.known_deviations import known_deviations
from conformance.plugin.xdist import scope_of
from conformance.results.status import Status
from conformance.spec import catalogue
from conformance.spec.claims import sections_below
from tests.system.team import ALWAYS, LARGE, cells, conformance, deviation, files, told, verdicts, write_spec

ROOT = Path(__file__).parents[2]
PLUGINS = ("pytest-cov", "pytest-randomly", "pytest-rerunfailures", "pytest-timeout", "pytest-xdist")


def test_the_package_and_the_plugins_are_installed_here():
    """What the tests below say of an environment, they say of one that has all of these."""
    for name in ("torch-conformance", *PLUGINS):
        assert importlib.metadata.version(name)


# --- installed, and not asked for ---------------------------------------------------------------------------------

PROFILE = """
    import sys

    import hypothesis
    from hypothesis.database import DirectoryBasedExampleDatabase

    own = hypothesis.settings(
        max_examples=7,
        deadline=200,
        derandomize=False,
        database=DirectoryBasedExampleDatabase("own"),
        suppress_health_check=(),
    )
    hypothesis.settings.register_profile("own", own)
    hypothesis.settings.load_profile("own")


    def pytest_sessionfinish():
        print("LOADED", [name for name in sys.modules if name.split(".")[0] == "conformance"])
"""
DRAWS = """
    import hypothesis
    from hypothesis import strategies as st

    drawn = []


    @hypothesis.given(st.integers())
    def test_draws(number):
        drawn.append(number)


    def test_settings():
        found = hypothesis.settings()
        assert (found.max_examples, found.derandomize, found.deadline.total_seconds()) == (7, False, 0.2)
        assert found.database is not None and not found.suppress_health_check
        assert 0 < len(drawn) <= 7
"""


def test_a_projects_own_hypothesis_profile_is_kept_and_nothing_of_the_package_is_loaded(pytester):
    files(pytester, conftest=textwrap.dedent(PROFILE), test_own=textwrap.dedent(DRAWS))
    run = pytester.runpytest_subprocess("-p", "no:randomly", "-s")
    run.assert_outcomes(passed=2)
    run.stdout.fnmatch_lines(["*LOADED []*"])


def test_files_below_a_folder_named_specs_are_not_run(pytester):
    files(pytester, specs__model="raise SystemExit('it was run')", specs__test_model="def test_model(): pass")
    run = pytester.runpytest_subprocess()
    run.assert_outcomes(passed=1)
    assert run.ret == 0


OPTIONS = """
    def pytest_addoption(parser):
        parser.addoption("--device", default="none")
        parser.addoption("--specs", "--deviations", "--shard", "--patience", "--report-dir", default="")


    def pytest_configure(config):
        config.addinivalue_line("markers", "perf: a benchmark of the project")
"""
MARKED = """
    import pytest


    @pytest.mark.perf
    def test_marked(request):
        assert request.config.getoption("--device") == "tpu"


    def test_unmarked():
        raise AssertionError
"""


def test_options_and_markers_of_a_project_are_its_own(pytester):
    files(pytester, conftest=textwrap.dedent(OPTIONS), test_own=textwrap.dedent(MARKED))
    own = ("--device=tpu", "-m", "perf", "--strict-markers", "--hypothesis-seed=random", "-n", "2")
    run = pytester.runpytest_subprocess(*own)
    run.assert_outcomes(passed=1)
    assert run.ret == 0


FLAKY = """
    import os, pathlib


    def test_passes():
        pass


    def test_fails():
        raise AssertionError


    def test_passes_the_second_time():
        mark = pathlib.Path(__file__).with_name("mark")
        was_there = mark.exists()
        mark.touch()
        assert was_there
"""


@pytest.mark.parametrize(
    ("options", "outcomes"),
    [
        ((), {"passed": 1, "failed": 2}),
        (("--randomly-seed=3", "--timeout=300"), {"passed": 1, "failed": 2}),
        (("--reruns=1",), {"passed": 2, "failed": 1, "rerun": 2}),
        (("--cov=.",), {"passed": 1, "failed": 2}),
        (("-p", "no:xdist", "-p", "no:randomly", "-x"), {"passed": 1, "failed": 1}),
        (("--junitxml=out.xml",), {"passed": 1, "failed": 2}),
        (("-n2", "--dist=loadfile"), {"passed": 1, "failed": 2}),
        (("--collect-only",), {}),
    ],
)
def test_beside_other_plugins_and_options_a_project_is_tested_as_ever(pytester, options, outcomes):
    files(pytester, test_own=textwrap.dedent(FLAKY))
    run = pytester.runpytest_subprocess(*options)
    found = {name: count for name, count in run.parseoutcomes().items() if name not in ("warnings", "tests", "items")}
    assert found == outcomes
    assert "conformance" not in run.stdout.str() and not Path("reports").exists()


def test_last_failed_of_a_project(pytester):
    files(pytester, test_own=textwrap.dedent(FLAKY))
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=1, failed=2)
    pytester.runpytest_subprocess("-p", "no:randomly", "--lf").assert_outcomes(passed=1, failed=1)


# --- asked for, in a foreign project ------------------------------------------------------------------------------

HOSTILE = """
    import pytest


    def pytest_addoption(parser):
        parser.addoption("--device", default="none")


    @pytest.fixture(autouse=True)
    def nothing_works():
        raise RuntimeError


    def pytest_collection_modifyitems(items):
        items.clear()
"""
HOSTILE_SETTINGS = """
    [tool.pytest.ini_options]
    addopts = "--strict-markers --an-option-that-nobody-has -m slow"
    testpaths = ["nowhere"]
"""


def test_a_run_heeds_nothing_of_the_project_in_whose_folder_it_happens(pytester):
    files(pytester, conftest=textwrap.dedent(HOSTILE), cat__model="raise SystemExit('it was run')")
    Path("pyproject.toml").write_text(textwrap.dedent(HOSTILE_SETTINGS))
    write_spec(Path("my_specs/small/neg.py"))
    files(pytester, my_specs___helper="raise SystemExit('it was run')")
    run = conformance("run", "my_specs", "cat::values[cpu-int8]", "--device", "cpu")
    assert run.returncode == 0, told(run)
    found = results.read(Path("out/results.ndjson"))
    assert {cell.file for cell in found.cells} == {"my_specs/small/neg.py", "specs/joining/cat.py"}
    assert "specs/joining/cat.py::values[cpu-int8]" in {cell.id for cell in found.cells}
    assert found.counts[results.Verdict.HELD] > 5 and not found.incomplete


PLUGIN_WITH_THE_OPTION = "def pytest_addoption(parser): parser.addoption('--device')"


def test_an_installed_plugin_with_the_same_option_is_one_clear_line(pytester, monkeypatch):
    files(pytester, other__other_plugin=PLUGIN_WITH_THE_OPTION)
    info = pytester.path / "other" / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest11]\nother = other_plugin\n")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "other"))
    run = conformance("run", "cat")
    assert run.returncode in (3, 4) and "Traceback" not in run.stderr, told(run)
    assert "--device" in run.stderr and ("other_plugin" in run.stderr or "-p no:NAME" in run.stderr)
    assert conformance("run", "cat", "-p", "no:other", "--collect-only", "-q").returncode == 0


# --- asked for, beside other plugins ------------------------------------------------------------------------------

HELD = {"values[cpu-float32]", "memory[cpu-float32]", "cost[cpu-float32]", "determinism[cpu-float32]"}
"""What a sound spec of one form and one dtype has beside support."""
SAMPLED = ("-k", "not support")


@pytest.fixture
def plain(pytester) -> dict[str, tuple[str, str]]:
    """Verdict and fingerprint of each cell of a sound spec, as a run beside nothing else gives them."""
    write_spec(Path("my_specs/neg.py"))
    run = conformance("run", "my_specs", *SAMPLED, "-p", "no:randomly", "-p", "no:xdist", "--report-dir=plain")
    assert run.returncode == 0, told(run)
    return {name: (cell.verdict, cell.evidence.fingerprint) for name, cell in cells("out").items()}


def test_beside_other_plugins_and_options_every_cell_has_the_same_verdict_and_bits(plain):
    assert set(plain) == HELD
    for options in (
        ("--randomly-seed=3", "--cov=conformance", "--timeout=300", "--reruns=1"),
        ("-n2", "--dist=loadfile", "--junitxml=out.xml"),
    ):
        run = conformance("run", "my_specs", *SAMPLED, *options)
        assert run.returncode == 0, told(run)
        assert {name: (cell.verdict, cell.evidence.fingerprint) for name, cell in cells().items()} == plain
    cases = [case.get("name") for case in ElementTree.parse("out.xml").iter("testcase")]
    assert set(cases) == HELD


def test_collect_only_lists_the_cells_and_writes_nothing(pytester):
    write_spec(Path("my_specs/neg.py"))
    run = conformance("run", "my_specs", "--collect-only", "-q")
    assert run.returncode == 0 and "my_specs/neg.py::values[cpu-float32]" in run.stdout, told(run)
    assert not Path("out").exists()


FIRST_CALL = "torch.__dict__.setdefault('CALLS', []).append(0) or len(torch.CALLS) == 1"
"""A fault that comes once in a process: whoever asks again is told that all is well."""


def test_a_cell_that_is_run_again_stays_red(pytester):
    write_spec(Path("my_specs/neg.py"), fault=FIRST_CALL)
    run = conformance("run", "my_specs", "-k", "values", "--reruns=2")
    assert run.returncode == 1 and "2 rerun" in run.stdout, told(run)
    assert verdicts() == {"values[cpu-float32]": "broken"}
    assert Path("out/results.ndjson").read_text().count('"type":"cell"') == 1


def test_a_sweep_that_is_ended_at_a_timeout_is_told_and_not_begun_again(pytester):
    write_spec(Path("my_specs/neg.py"), fault="__import__('time').sleep(600)")
    run = conformance("run", "my_specs", *SAMPLED, "--timeout=10")
    assert run.returncode == Status.INCOMPLETE and "Timeout" in run.stdout, told(run)
    assert run.stdout.count("not asked: the sweep of my_specs/neg.py was ended before") >= len(HELD) - 1
    assert verdicts() == dict.fromkeys(HELD, "not run")
    assert "INCOMPLETE" in run.stdout


def test_a_run_that_stops_at_the_first_failure_and_the_next_of_what_failed(pytester):
    write_spec(Path("my_specs/a.py"), fault=ALWAYS, operation="torch.a")
    write_spec(Path("my_specs/b.py"), operation="torch.b")
    run = conformance("run", "my_specs", "-k", "values or memory", "-x", "-p", "no:randomly")
    assert run.returncode == 1 and "BROKEN, INCOMPLETE" in run.stdout, told(run)
    counts = results.read(Path("out/results.ndjson")).counts
    assert counts[results.Verdict.BROKEN] <= 1 and counts[results.Verdict.NOT_RUN] >= 2
    again = conformance("run", "my_specs", "--lf", "-p", "no:randomly")
    assert again.returncode == 1, told(again)
    found = results.read(Path("out/results.ndjson"))
    assert [cell.id for cell in found.cells] == ["my_specs/a.py::values[cpu-float32]"] and found.broken


def test_last_failed_of_specs_that_lie_elsewhere(pytester, tmp_path_factory):
    """A failure of a spec in the folder does not hide one of a spec that lies outside it."""
    elsewhere = write_spec(tmp_path_factory.mktemp("elsewhere") / "b.py", fault=ALWAYS, operation="torch.b")
    write_spec(Path("my_specs/a.py"), fault=ALWAYS, operation="torch.a")
    for more in ((), ("--lf",)):
        run = conformance("run", "my_specs", elsewhere, "-k", "values", *more)
        assert run.returncode == 1 and len(results.read(Path("out/results.ndjson")).cells) == 2, told(run)


# --- asked for, in a checkout that has tests of its own -----------------------------------------------------------

OWN_SETTINGS = """
    import hypothesis


    def test_settings():
        assert hypothesis.settings().max_examples == 100
        assert len(hypothesis.settings().suppress_health_check) < len(list(hypothesis.HealthCheck))
"""


def test_tests_beside_specs_keep_their_hypothesis_settings(pytester):
    files(pytester, test_own=textwrap.dedent(OWN_SETTINGS))
    checkout = ("-c", ROOT / "pyproject.toml", "--rootdir", ROOT, "-p", "no:randomly", "--report-dir=out")
    cell = f"{ROOT / 'specs' / 'joining' / 'cat.py'}::values[cpu-int8]"
    run = pytester.runpytest_subprocess(*checkout, cell, pytester.path / "test_own.py")
    run.assert_outcomes(passed=2)
    found = results.read(Path("out/results.ndjson"))
    assert [cell.id for cell in found.cells] == ["specs/joining/cat.py::values[cpu-int8]"]
    assert (found.environment.profile, found.environment.examples) == ("gate", 200)


OWN_GATE = "import hypothesis\nhypothesis.settings.register_profile('gate', max_examples=2)\n"
KEEPS_GATE = """
    import hypothesis


    def test_own():
        assert hypothesis.settings.get_profile("gate").max_examples == 2
"""


def test_a_profile_of_a_project_that_is_named_like_one_of_ours_is_kept_and_weakens_no_run(pytester):
    files(pytester, own=OWN_GATE, test_own=textwrap.dedent(KEEPS_GATE))
    write_spec(Path("my_specs/neg.py"))
    options = ("-p", "no:randomly", "-p", "own", "-p", "conformance.plugin.hooks")
    run = pytester.runpytest_subprocess(*options, "--specs", "my_specs/neg.py::values", "--report-dir=out")
    assert run.ret == 0 and cells()["values[cpu-float32]"].evidence.comparisons > 100
    pytester.runpytest_subprocess(*options, "test_own.py").assert_outcomes(passed=1)


# --- which specs are meant ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat", ["specs/joining/cat.py"]),
        ("torch.cat", ["specs/joining/cat.py"]),
        ("torch.Tensor.backward", ["specs/autograd/backward.py"]),
        ("specs/joining/cat.py", ["specs/joining/cat.py"]),
        ("specs/joining", ["specs/joining/cat.py", "specs/joining/stack.py"]),
        (str(catalogue.BUILT_IN / "joining" / "cat.py"), ["specs/joining/cat.py"]),
        ("my_specs", ["my_specs/a.py", "my_specs/small/neg.py"]),
        ("./my_specs/small/", ["my_specs/small/neg.py"]),
        ("my_specs/a.py", ["my_specs/a.py"]),
        ("../elsewhere", ["../elsewhere/b.py"]),
    ],
)
def test_a_spec_is_named_by_operation_file_or_folder(pytester, monkeypatch, text, names):
    for path in ("here/my_specs/a.py", "here/my_specs/small/neg.py", "elsewhere/b.py", "here/torch/cat.py"):
        write_spec(Path(path))
    monkeypatch.chdir("here")
    assert [file.name for file in catalogue.select([text]).files] == names
    assert catalogue.select([text, text]).files == catalogue.select([text]).files


def test_no_name_means_all_built_in_specs_and_a_cell_those_named():
    specs = (ROOT / "specs").rglob("[!_]*.py")
    assert [file.path for file in catalogue.select([]).files] == [*sorted(specs), *sections_below(ROOT / "specs")]
    chosen = catalogue.select(["cat::values[cpu-int8]", "cat::memory", "stack"])
    cat, stack = chosen.files
    assert chosen.cells_of(cat) == ("values[cpu-int8]", "memory") and chosen.cells_of(stack) == ()
    assert catalogue.select(["cat::values[cpu-int8]", "cat"]).cells == ()


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["torch.dog"], "no spec for 'torch.dog': name an operation that 'conformance list' lists"),
        (["void"], "no spec files in void"),
        (["my_specs/_helper.py"], "_helper.py is not a spec file"),
        (["my_specs::values"], "is a cell of 2 specs"),
        (["specs/joining/cat.py", "cat"], "specs/joining/cat.py is two files"),
    ],
)
def test_a_spec_that_is_not_there_is_one_clear_line(pytester, names, line):
    for path in ("my_specs/a.py", "my_specs/b.py", "specs/joining/cat.py"):
        write_spec(Path(path))
    files(pytester, my_specs___helper="")
    Path("void").mkdir()
    with pytest.raises(catalogue.UnknownSpec, match=re.escape(line)):
        catalogue.select(names)


def test_a_wrong_name_or_cell_ends_a_run_in_one_line(pytester):
    unknown = conformance("run", "torch.dog")
    assert unknown.returncode == 4 and "no spec for 'torch.dog'" in unknown.stderr
    missing = conformance("run", "cat", "--deviations", "nowhere.toml")
    assert missing.returncode == 4 and "--deviations: there is no file" in missing.stderr
    perf = conformance("run", "cat", "-m", "perf", "-p", "no:benchmark")
    assert perf.returncode == 4 and "pip install 'torch-conformance[perf]'" in perf.stderr
    cell = conformance("run", "cat::values[cpu-int99]")
    assert cell.returncode == 2 and "cat.py: has no cell 'values[cpu-int99]' on cpu" in cell.stdout
    assert "Traceback" not in unknown.stderr + missing.stderr + perf.stderr + cell.stdout + cell.stderr


def test_one_worker_has_all_of_a_sweep():
    for device in ("cpu", "npu:0"):
        assert scope_of(f"my_specs/a.py::values[{device}-int8]") == scope_of(f"my_specs/a.py::memory[{device}-int8]")
        assert scope_of(f"my_specs/a.py::values[{device}-int8]") != scope_of(f"specs/b.py::memory[{device}-int8]")


def test_one_worker_has_the_compiled_cells_of_all_specs():
    compiled = {scope_of(f"specs/{file}.py::modes[cpu-{mode}]") for file in "ab" for mode in ("inductor", "aot_eager")}
    assert len(compiled) == 1
    assert scope_of("specs/a.py::modes[cpu-vmap]") == scope_of("specs/a.py::values[cpu-int8]") not in compiled
    assert scope_of("specs/a.py::modes[npu-inductor]") not in {*compiled, scope_of("specs/a.py::values[npu-int8]")}


# --- known deviations of a team -----------------------------------------------------------------------------------


def test_a_teams_deviations_hold_beside_the_built_in_ones(pytester):
    write_spec(Path("my_specs/neg.py"), fault=LARGE)
    Path("team.toml").write_text(deviation())
    without = conformance("run", "my_specs", "-k", "values")
    assert without.returncode == 1 and verdicts() == {"values[cpu-float32]": "broken"}, told(without)
    hashed = results.read(Path("out/results.ndjson")).environment.spec_hash
    run = conformance("run", "my_specs", "-k", "values", "--deviations", "team.toml", "-n2")
    assert run.returncode == 0 and verdicts() == {"values[cpu-float32]": "deviates"}, told(run)
    assert "known deviation neg-of-many: planted" in run.stdout
    assert results.read(Path("out/results.ndjson")).environment.spec_hash != hashed


WRONG = (
    (deviation(operation="torch.nil"), "no spec has the operation 'torch.nil'; correct or remove it"),
    (deviation(predicate="huge"), "has no predicate 'huge'; it has "),
    (deviation("cat-leaves-a-strided-out-of-one-element"), "is there twice, in given files or built in"),
    (deviation() + "[[deviations]]", "it must be a list of [[deviation]]"),
    ("[[deviation", "not valid TOML"),
)


def test_a_wrong_file_of_deviations_is_one_clear_line(pytester):
    selection = catalogue.select([str(write_spec(Path("my_specs/neg.py")))])
    file = Path("team.toml")
    for text, line in WRONG:
        file.write_text(text)
        with pytest.raises(DeviationError, match=re.escape(line)) as raised:
            known_deviations([file], selection.files)
        assert len(str(raised.value).splitlines()) == 1
    run = conformance("run", "my_specs", "--deviations", file)
    assert run.returncode == 2 and line in run.stdout and "Traceback" not in run.stdout, told(run)
    gate = ["gate", "--baseline=this", "--candidate=this", "--deviations", str(file), "my_specs"]
    said = CliRunner().invoke(main, gate)
    assert said.exit_code == 2 and line in said.output and "Traceback" not in said.output


def test_entries_of_specs_that_were_left_out_are_passed_over(pytester):
    one = write_spec(Path("my_specs/neg.py"))
    Path("team.toml").write_text(deviation() + deviation("other", operation="torch.left_out"))
    run = conformance("run", one, "-k", "memory", "--deviations", "team.toml")
    assert run.returncode == 0, told(run)


# --- a results file is data ---------------------------------------------------------------------------------------

MARK = "from pathlib import Path\nPath('was_run').touch()\n"


def test_no_command_runs_a_file_that_a_results_file_names(pytester):
    write_spec(Path("my_specs/neg.py"), fault=LARGE)
    for path in ("evil.py", "specs/evil.py"):
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(MARK)
    assert conformance("run", "my_specs/neg.py::values").returncode == 1
    kept = Path("out/results.ndjson")
    text = kept.read_text()
    for name in ("specs/evil.py", f"{pytester.path}/evil.py"):
        kept.write_text(text.replace("my_specs/neg.py", name))
        for command in (("repro", kept, "values[cpu-float32]"), ("report", kept), ("compare", kept, kept)):
            said = CliRunner().invoke(main, [str(word) for word in command])
            assert said.exit_code == 0, said.output
    assert not Path("was_run").exists()
