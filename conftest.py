"""Registers the plugins of every test; `-p` would come before `pythonpath`."""

pytest_plugins = (
    "harness.watchdog.plugin",
    "nimnet_gen.testing.plugin",
    "nimnet_gen.testing.oracle.plugin",
    "harness.plugin",
    "pytester",
)
