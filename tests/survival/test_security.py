"""What SECURITY.md says of what is trusted, and of what is not. Other tests prove the rest of its lines: those of
results files, hidden characters and messages here, and of pages in tests/unit/test_report.py."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis.database import InMemoryExampleDatabase

from conformance.plugin.failure_database import FailureDatabase
from conformance.results.status import Status
from conformance.samples.sample import Sample
from conformance.samples.serial import sample_text
from tests import ROOT
from tests import fake_results as fake
from tests.survival.strangers import command, sound
from tests.system.team import conformance, deviation, told, verdicts, write_spec

PACKAGE = ROOT / "conformance"


def touch(path: Path) -> str:
    """An expression that makes a file, and is false."""
    return f"bool(__import__('pathlib').Path({str(path)!r}).touch())"


def test_specs_are_code(tmp_path: Path) -> None:
    """Specs are code: a command that takes specs imports them."""
    mark, spec = tmp_path / "mark", write_spec(tmp_path / "specs" / "neg.py")
    spec.write_text(f"{touch(mark)}\n{spec.read_text()}")
    assert command("list", spec).exit_code == Status.KEPT and mark.exists()


def test_deviations_and_calls_are_code_with_the_rights_of_the_run(pytester: pytest.Pytester) -> None:
    """Deviations are code; torch runs in child processes, which are no sandbox."""
    witness, call = pytester.path / "witness", pytester.path / "call"
    write_spec(Path("my_specs/neg.py"), fault=f"{touch(call)} or input.numel() > 3")
    entry = deviation().replace('"torch.ones(4)"', json.dumps(f"{touch(witness)} or torch.ones(4)"), 1)
    Path("team.toml").write_text(entry)
    run = conformance("run", "my_specs", "-k", "values", "--deviations", "team.toml")
    assert run.returncode == Status.KEPT and verdicts() == {"values[cpu-float32]": "deviates"}, told(run)
    assert witness.exists() and call.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter is a shell script")
def test_interpreters_are_run(tmp_path: Path) -> None:
    """Interpreters are run: the gate starts what it is given."""
    mark, interpreter = tmp_path / "mark", tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
    interpreter.chmod(0o755)
    spec = write_spec(tmp_path / "specs" / "neg.py")
    two = ("--baseline", interpreter, "--candidate", interpreter, "--report-dir", tmp_path / "out")
    assert command("gate", *two, spec).exit_code == Status.WRONG_OPTION and mark.exists()


UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "yaml", "multiprocessing"}
EVALUATING = {"eval", "exec", "__import__"}
EVALUATORS = {"spec/expressions.py", "spec/modules.py", "checks/claim_helpers.py"}
"""The modules that may evaluate text: that of specs and of deviations."""


def calls(tree: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def imports(tree: ast.AST) -> set[str]:
    """The top-level packages that a module imports."""
    named = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in named}


def test_nothing_is_unpickled_and_only_specs_and_deviations_are_evaluated() -> None:
    """Answers are data; results files are data; accepted changes are data."""
    modules = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}
    assert len(modules) > 100
    assert {name for name, tree in modules.items() if imports(tree) & UNPICKLING} == set()
    assert {name for name, tree in modules.items() if calls(tree) & EVALUATING} <= EVALUATORS


def test_accepted_changes_are_data(tmp_path: Path) -> None:
    """Accepted changes: no text of the file is evaluated."""
    mark, path, run = tmp_path / "mark", tmp_path / "accepted.toml", sound(tmp_path / "run")
    text = json.dumps(touch(mark))
    fields = "".join(f"{name} = {text}\n" for name in ("operation", "reason", "link", "owner", "change"))
    path.write_text(f'[[accepted]]\nid = "one"\nkind = "broke"\nchecks = [{text}]\nexpires = 2999-01-01\n{fields}')
    ended = command("compare", run, run, "--accepted", path, "--report-dir", tmp_path / "out")
    assert "matches nothing" in ended.output and not mark.exists()


STRANGE = (
    b"\x80\x04\x95",
    b"[" * 100_000,
    b"1",
    b"{}",
    b'{"type": "Sample"}',
    b'{"type": "Sample", "evil": 1}',
    b'{"type": "os.system", "command": "id"}',
    b'{"type": "float", "hex": "ff"}',
    b'{"type": []}',
    b'{"type": "Sample", "arguments": 1e999}',
)


def test_kept_samples_are_data_and_what_is_none_is_passed_over() -> None:
    """Failing samples that are kept are JSON; what is no sample is passed over."""
    database = InMemoryExampleDatabase()
    failures = FailureDatabase(database)
    sample = msgspec.to_builtins(sample_text(Sample((("dim", -1), ("p", 0.5)))))
    result = fake.typed(fake.cell("torch.neg", "values", "int8", "broken", sample=sample))
    failures.update("key", result)
    (kept,) = failures.samples(["key"])
    for data in STRANGE:
        database.save(b"key", data)
    assert failures.samples(["key"]) == (kept,)
