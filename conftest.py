"""Registers the plugins of every test; `-p` would come before `pythonpath`."""

pytest_plugins = ("harness.watchdog.plugin", "harness.plugin", "pytester")
