"""The `conformance` command."""
