"""Results files as a stranger may make them: a text stands wherever a record of the format can hold one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from msgspec import inspect

from conformance.cli.main import main
from conformance.results.file import KINDS, SCHEMA
from tests import fake_results as fake

Record = dict[str, Any]


def filled(name: str, text: str, **changes: Any) -> Record:
    """A record in which every field is there, and every text is this one."""
    record: Record = _value(inspect.type_info(KINDS[name]), text)
    return {**record, **changes}


def _value(kind: Any, text: str) -> Any:
    match kind:
        case inspect.Metadata():
            return _value(kind.type, text)
        case inspect.StrType():
            return text
        case inspect.AnyType():
            return {"type": text, text: [text]}
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            return 1
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.EnumType():
            return next(iter(kind.cls)).value
        case inspect.UnionType():
            return _value(next(one for one in kind.types if not isinstance(one, inspect.NoneType)), text)
        case inspect.VarTupleType():
            return [_value(kind.item_type, text)]
        case inspect.DictType():
            return {_value(kind.key_type, text): _value(kind.value_type, text)}
        case inspect.StructType():
            tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
            return {**tag, **{field.encode_name: _value(field.type, text) for field in kind.fields}}
    raise TypeError(kind)


def run_of(text: str, verdict: str = "broken", shard: Record | None = None) -> list[Record]:
    """The records of a run that says the text wherever it can: one cell of each check that a page treats in its own
    way, and one cell that was not run."""
    checks = ("values", "claims", "support", "perf")
    cells = [
        filled("cell", text, id=f"{text}::{check}[{text}-{text}]", check=check, verdict=verdict) for check in checks
    ]
    ids = [cell["id"] for cell in cells]
    plan = {"type": "plan", "cells": [*ids, text], "deselected": 0, "shard": shard and {**shard, "plan": [*ids, text]}}
    spec = filled("spec", text)
    return [filled("environment", text, schema=SCHEMA), plan, spec, *cells, filled("sweep", text), filled("end", text)]


def write(path: Path, records: Iterable[Record]) -> Path:
    """Write records as they are, whether they are sound or not."""
    path.write_bytes(b"".join(json.dumps(record, separators=(",", ":")).encode() + b"\n" for record in records))
    return path


def sound(path: Path, verdict: str = "held") -> Path:
    """A results file of one cell."""
    return write(path, fake.run_of([fake.cell("torch.cat", "values", "int8", verdict)]))


def command(*arguments: str | Path) -> Result:
    """A command of the tool, run to its end in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])
