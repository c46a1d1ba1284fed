"""Registers the plugins of every test; `-p` would come before `pythonpath`."""

pytest_plugins = (
    "harness.watchdog.plugin",
    "nimnet_gen.testing.plugin",
    "harness.plugin",
    "pytester",
)
