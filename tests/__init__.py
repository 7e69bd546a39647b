"""The tests of the project itself, by what they start: `unit` no torch, `engine` torch in their own process, `system`
processes as users start them; `faults` plants wrong implementations in torch."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SPECS = ROOT / "specs"
