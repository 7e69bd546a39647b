"""What a run leaves: the definition of its records, the file, its verdict. Needs no torch and no pytest."""

from conformance.results.file import *  # noqa: F403
