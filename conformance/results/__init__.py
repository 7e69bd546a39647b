"""What a run leaves: the definition of its records, the file, its verdict. Needs no torch and no pytest."""

from conformance.results.file import ResultsError, Writer, read
from conformance.results.model import CellResult, Evidence, Failure, FailureKind, Verdict
from conformance.results.verdict import Results, verdict_line

__all__ = [
    "CellResult",
    "Evidence",
    "Failure",
    "FailureKind",
    "Results",
    "ResultsError",
    "Verdict",
    "Writer",
    "read",
    "verdict_line",
]
