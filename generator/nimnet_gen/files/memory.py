"""What `generate` has found in order, so that it need not plan everything again to say so.

It is remembered by a digest of all that decides what is generated: the generator itself, the
project's configuration, its specification with the data files, its runtime; and of what is there.
Only `generate` goes by it. `check` looks for itself, always.

The file is a cache, in a folder that git ignores: where it cannot be read or written, or is not
right, everything takes its time.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final

from nimnet_gen.files.places import is_reported
from nimnet_gen.project.configuration import FILE
from nimnet_gen.project.folders import Project
from nimnet_gen.render.output import Output

FOLDER: Final = PurePosixPath(".nimnet-gen_cache")
"""Where it is, below the root of a project."""
_GENERATOR: Final = Path(__file__).parents[1]


class Memory:
    """What was found in order last, for one project, as its sources are now."""

    def __init__(self, project: Project) -> None:
        """Look at the sources: a change from here on is none of what will be generated.

        Raises:
            OSError: A source cannot be read; whoever reads it as one will say so.
        """
        self._project = project
        self._path = project.root / FOLDER / "in_order.json"
        self._sources = _digest(self._source_parts())

    def recall(self) -> int | None:
        """Return how many files are up to date; None if anything is not as it was then."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            digest, count = found["digest"], found["count"]
            return int(count) if digest == self._all(self._there()) else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def remember(self, outputs: Iterable[Output]) -> None:
        """Remember that these are what is there, and nothing else."""
        wanted = {output.path: output.content for output in outputs}
        with suppress(OSError):
            folder = self._path.parent
            folder.mkdir(exist_ok=True)
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
            temporary = self._path.with_suffix(f".{os.getpid()}")
            text = json.dumps({"digest": self._all(wanted), "count": len(wanted)})
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(self._path)

    def _all(self, outputs: Mapping[PurePosixPath, bytes]) -> str:
        parts = [self._sources.encode()]
        for path in sorted(outputs):
            parts += str(path).encode(), outputs[path]
        return _digest(parts)

    def _source_parts(self) -> Iterator[bytes]:
        yield f"{sys.version} {_GENERATOR}".encode()
        for path in (*_files(_GENERATOR), *_libraries()):
            # Installed, and not written while it runs.
            known = path.stat()
            yield f"{path} {known.st_size} {known.st_mtime_ns}".encode()
        project = self._project
        yield from _contents([project.root / FILE])
        yield from _contents(path for path in _files(project.spec))
        data = project.data
        others = (data.stage, data.types, data.oracle, data.facts)
        yield from _contents(path for path in others if path is not None)
        yield from _contents(path for path in _files(project.runtime) if path.suffix == ".py")

    def _there(self) -> dict[PurePosixPath, bytes]:
        project = self._project
        paths = [project.root / project.schema, *_files(project.root / project.output)]
        found = {PurePosixPath(path.relative_to(project.root).as_posix()): path for path in paths}
        return {
            below: path.read_bytes()
            for below, path in found.items()
            if not is_reported(below, project.output)
        }


def _files(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if "__pycache__" not in path.parts and path.is_file()
    )


def _libraries() -> Iterator[Path]:
    """Yield the file that each library begins with, in which it also has its version.

    Asking for the versions by name would load more than all of the rest here.
    """
    for found in map(find_spec, ("jinja2", "yaml")):
        if found is not None and found.origin is not None:  # pragma: no branch - none runs without
            yield Path(found.origin)


def _contents(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        yield str(path).encode()
        yield path.read_bytes() if path.exists() else b""


def _digest(parts: Iterable[bytes]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
