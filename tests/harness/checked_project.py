"""A small project that mypy checks with the plugin of effects: cold, from cache, by the daemon."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

RUN_WITHIN: Final = 100.0
"""Seconds that one run of mypy may take on a small project, on a machine that does much else."""

CONFIGURATION: Final = """\
[tool.mypy]
strict = true
plugins = ["nimnet_effects.mypy"]
"""

_AROUND: Final = ("Found", "Success", "Daemon started", "Restarting: plugins", "Daemon stopped")
_LINE: Final = re.compile(r"\S+?: (error|note): ")


class CheckedProject:
    """A folder with Python files and a `pyproject.toml`.

    Args:
        root: the folder, which is empty.
        configuration: what stands in the `pyproject.toml` besides that the plugin is used.
        interpreter: the Python whose mypy it is.
        within: seconds that one run of mypy may take.
    """

    def __init__(
        self,
        root: Path,
        configuration: str = "",
        *,
        interpreter: str = sys.executable,
        within: float = RUN_WITHIN,
    ) -> None:
        self.root = root
        self._within = within
        self._interpreter = interpreter
        self._age = 0
        self._environment = {
            name: value for name, value in os.environ.items() if name != "MYPY_NUM_WORKERS"
        }
        self.write({"pyproject.toml": CONFIGURATION + configuration})

    def write(self, files: Mapping[str, str]) -> None:
        """Write files; mypy sees that they changed, however soon after its last run that is."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self._age += 2
            status = path.stat()
            os.utime(path, (status.st_atime, status.st_mtime + self._age))

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace the one place in a file where a text stands."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write({name: text.replace(old, new)})

    def mypy(self, *arguments: str) -> list[str]:
        """What mypy says, line by line, without its summary."""
        return self._said("-m", "mypy", *arguments)

    def cold(self, *arguments: str) -> list[str]:
        """The same, without any cache."""
        return self.mypy(f"--cache-dir={os.devnull}", *arguments)

    def daemon(self, *arguments: str) -> list[str]:
        """What mypy's daemon says, which is started by the first call: end it with `end_daemon`."""
        return self._said("-m", "mypy.dmypy", "run", "--", *arguments)

    def daemon_again(self, command: str, *arguments: str) -> list[str]:
        """What the daemon that runs says to another of its commands: `check` or `recheck`."""
        return self._said("-m", "mypy.dmypy", command, *arguments)

    def end_daemon(self) -> None:
        """End the daemon, if one runs."""
        self.python("-m", "mypy.dmypy", "kill")

    def rechecked(self, *arguments: str) -> set[str]:
        """The modules that mypy does not take from its cache."""
        log = self.python("-m", "mypy", "-v", *arguments).stderr
        return set(re.findall(r"Parsing \S+ \((\S+)\)", log))

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the folder of the project."""
        return subprocess.run(
            [self._interpreter, *arguments],
            cwd=self.root,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=self._within,
            check=False,
        )

    def _said(self, *arguments: str) -> list[str]:
        done = self.python(*arguments)
        lines = (done.stdout + done.stderr).splitlines()
        unknown = [line for line in lines if not _LINE.match(line) and not line.startswith(_AROUND)]
        assert unknown == []
        return [line for line in lines if _LINE.match(line)]
