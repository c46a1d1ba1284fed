"""What the mypy plugin costs, on a project of 10,000 lines that uses nimnet throughout.

mypy without the plugin and with it take turns, in the environment that has nimnet's wheel. Each
round begins with no cache, then changes nothing, then edits the body of one function; all three are
measured at once, because each needs the cache that the one before it has left.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

from benchmarks.samples import Pair, Sample
from benchmarks.starting import run

Phase: TypeAlias = Literal["no cache", "no change", "one line edited"]
PHASES: Final[tuple[Phase, ...]] = ("no cache", "no change", "one line edited")

_TEMPLATE: Final = Path(__file__).parent / "estate"
_COPIES: Final = 9
_EDITED: Final = "estate/s4/client.py"
_PLACE: Final = "        removed = 0\n"


class Projects:
    """The project twice, for mypy without the plugin and with it."""

    def __init__(self, python: Path, folder: Path) -> None:
        """Writes both.

        Args:
            python: The interpreter that has nimnet and mypy.
            folder: Where to write.
        """
        self._command = [str(python), "-m", "mypy"]
        self._without, self._with = folder / "without", folder / "with"
        _write(self._without, plugin=False)
        _write(self._with, plugin=True)
        self._rounds = 0

    def round(self) -> Mapping[Phase, Pair]:
        """Measures one round of all phases; the first one compiles, and fills caches."""
        self._rounds += 1
        pairs: dict[Phase, Pair] = {}
        for phase in PHASES:
            # Who is first has what the other has left in the system's caches.
            if self._rounds % 2:
                mine = self._sample(self._with, phase)
                pairs[phase] = Pair(0, self._sample(self._without, phase), mine)
            else:
                theirs = self._sample(self._without, phase)
                pairs[phase] = Pair(0, theirs, self._sample(self._with, phase))
        return pairs

    def _sample(self, project: Path, phase: Phase) -> Sample:
        """Brings about what the phase is about, and measures one run, which finds nothing wrong."""
        if phase == "no cache":
            shutil.rmtree(project / ".mypy_cache", ignore_errors=True)
        elif phase == "one line edited":
            file = project / _EDITED
            before, place, after = file.read_text().partition(_PLACE)
            after = after.removeprefix(f"        removed += {self._rounds - 1}\n")
            file.write_text(f"{before}{place}        removed += {self._rounds}\n{after}")
        return run(self._command, project)


def _write(project: Path, *, plugin: bool) -> None:
    """Writes copies of the service, each of which calls the one before it, and a configuration."""
    (project / "estate").mkdir(parents=True)
    (project / "estate" / "__init__.py").touch()
    for number in range(_COPIES):
        package = project / "estate" / f"s{number}"
        package.mkdir()
        for template in _TEMPLATE.glob("*.py"):
            text = template.read_text()
            for module in ("client", "errors"):
                text = text.replace(
                    f"from benchmarks.estate import {module} as upstream",
                    f"from estate.s{max(0, number - 1)} import {module} as upstream",
                )
            text = text.replace("benchmarks.estate", f"estate.s{number}")
            (package / template.name).write_text(text)
    lines = ["[tool.mypy]", "strict = true", 'files = ["estate"]']
    if plugin:
        lines.append('plugins = ["nimnet_effects.mypy"]')
    (project / "pyproject.toml").write_text("\n".join([*lines, ""]))
