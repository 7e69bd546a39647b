"""Records of the first schema, which wrote as prose what are fields now: made into those of today."""

from __future__ import annotations

from typing import Any

from conformance.results.codec import DataError

_OF_FAILURE = ("message", "call", "promised", "dtype", "sample", "repeats", "repro")


def upgraded(record: dict[str, Any]) -> dict[str, Any]:
    """The record as schema 2 has it. Raises `DataError`."""
    try:
        return _upgraded(record)
    except (TypeError, LookupError, AttributeError):
        raise DataError("its fields are not those of schema 1") from None


def _upgraded(record: dict[str, Any]) -> dict[str, Any]:
    if record.get("type") == "environment":
        return {**record, "schema": 2}
    return _cell(record) if record.get("type") == "cell" else record


def _cell(record: dict[str, Any]) -> dict[str, Any]:
    told = {name: record[name] for name in _OF_FAILURE if name in record}
    cell = {name: value for name, value in record.items() if name not in _OF_FAILURE}
    if record.get("verdict") in ("broken", "crashed", "vacuous"):
        kind = {"crashed": "process died", "vacuous": "nothing compared"}.get(record["verdict"], "untold")
        cell["failure"] = {"message": "", **told, "kind": kind}
    evidence = record.get("evidence")
    if isinstance(evidence, dict) and isinstance(evidence.get("notes"), list):
        answers = {f"known deviation {one['id']}: {one['witness']} gave ": one for one in record.get("deviations", ())}
        given = {note: opening for note in evidence["notes"] for opening in answers if note.startswith(opening)}
        cell["evidence"] = _evidence(evidence, [note for note in evidence["notes"] if note not in given])
        gave = {answers[opening]["id"]: note[len(opening) :] for note, opening in given.items()}
        cell["deviations"] = [{**one, "gave": gave.get(one["id"], "")} for one in record.get("deviations", ())]
    return cell


def _evidence(evidence: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Refusals and gains were notes: "dim past the end: IndexError", "gain: it is taken"."""
    pairs = {note: note.rpartition(": ") for note in notes}
    gains = [note for note in pairs if note.startswith("gain:")]
    refusals = {note: pair for note, pair in pairs.items() if pair[0] and pair[2].isidentifier() and note not in gains}
    return {
        **evidence,
        "refusals": {title: name for title, _, name in refusals.values()},
        "gain": bool(gains),
        "notes": [note for note in pairs if note not in refusals and note not in gains],
    }
