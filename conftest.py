"""Turns the plugin on for `pytest` in a checkout. An installed package turns it on nowhere."""

pytest_plugins = ["conformance.plugin.hooks"]
