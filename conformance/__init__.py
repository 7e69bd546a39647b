"""torch-conformance: does the installed torch keep the contracts of its tensor operations?"""

__version__ = "0.2.0"
