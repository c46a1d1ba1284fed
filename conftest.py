"""Registers the plugin of the scenarios for every test; `-p` would come before `pythonpath`."""

pytest_plugins = ("harness.plugin", "pytester")
