"""The tests of the project itself."""
