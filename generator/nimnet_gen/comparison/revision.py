"""The specification as it was at a git revision."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from nimnet_gen.checks import check_surface
from nimnet_gen.model.load import load_spec
from nimnet_gen.model.surface import Spec
from nimnet_gen.project.configuration import (
    FILE,
    Configuration,
    ConfigurationError,
    read_configuration,
)
from nimnet_gen.project.folders import DataFiles, Project
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.nodes import MAX_ALL_BYTES

_SUFFIXES: Final = (b".yaml", b".yml")


class RevisionError(Exception):
    """The specification cannot be had as it was at a revision; the message says why."""


def spec_at(revision: str, project: Project) -> Spec:
    """Return the specification as it was at a revision, read through a temporary folder.

    The folder mirrors the project's files, at the places that its configuration named then. A
    revision without one, or with one that is wrong by now, is read with the configuration of today.
    What decides the API is checked; what its scenarios say is not, because new rules about them
    would take the past away.

    Raises:
        RevisionError: There is no git, no such revision, or no sound specification in it.
    """
    commit = _commit(revision, project)
    with tempfile.TemporaryDirectory(prefix="nimnet-gen-") as parent:
        root = Path(parent)
        then = Project(root, _configuration(project, commit, root))
        _mirror_spec(project, revision, commit, then)
        spec, found = load_spec(then.spec, _mirror_data(project, commit, then), then.root)
        if spec is not None and not found:
            found = check_surface(spec)
    if spec is None or found:
        raise RevisionError(f"the specification at {revision} has {_counted(found)}")
    return spec


def _counted(found: Diagnostics) -> str:
    """Return how many faults there are, and the first of them."""
    count, first = len(found), next(iter(found))
    many = f"{'more than ' if found.is_full else ''}{count} faults; the first is"
    what = "a fault:" if count == 1 else many
    at = first.at
    return f"{what} {at.file}:{at.line}:{at.column}: {first.code} {first.message}"


def _commit(revision: str, project: Project) -> str:
    wanted = f"{revision}^{{commit}}"
    found = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if found is None:
        raise RevisionError(f"git knows no revision '{revision}' in {project.root}")
    return found.decode().strip()


def _configuration(project: Project, commit: str, root: Path) -> Configuration:
    """Return the configuration as it was; what it did not name yet is where it is today."""
    content = _git(project, "show", f"{commit}:./{FILE}")
    if content is None:
        return project.configuration
    (root / FILE).write_bytes(content)
    try:
        then = read_configuration(root)
    except ConfigurationError:
        then = None
    today = project.configuration
    if then is None:
        return today
    return replace(
        then,
        stage=then.stage or today.stage,
        types=then.types or today.types,
        oracle=then.oracle or today.oracle,
        facts=then.facts or today.facts,
    )


def _mirror_spec(project: Project, revision: str, commit: str, then: Project) -> None:
    """Write every file of the specification's folder, and of those in it."""
    listing = ("ls-tree", "-r", "-z", "--long", commit, "--", f"{then.source}/")
    files: list[str] = []
    size = 0
    for entry in (_git(project, *listing) or b"").split(b"\0"):
        about, _, name = entry.partition(b"\t")
        if name.endswith(_SUFFIXES):
            files.append(os.fsdecode(name))
            # What is no file has no size.
            size += int(about.split()[-1].replace(b"-", b"0"))
    if not files:
        raise RevisionError(f"there is no {then.source} at {revision}")
    if size > MAX_ALL_BYTES:
        raise RevisionError(
            f"the specification at {revision} has {size} bytes; at most {MAX_ALL_BYTES} are read"
        )
    for file in files:
        if not _mirror(project, commit, PurePosixPath(file), then):
            raise RevisionError(f"git cannot show {file} at {revision}")


def _mirror_data(project: Project, commit: str, then: Project) -> DataFiles:
    """Return the files beside the specification as they were.

    One that was not there yet is today's: what it says was in the generator then.
    """

    def kept(before: PurePosixPath | None, today: Path | None) -> Path | None:
        if before is not None and _mirror(project, commit, before, then):
            return then.root / before
        return today

    chosen, today = then.configuration, project.data
    return DataFiles(
        stage=kept(chosen.stage, today.stage),
        types=kept(chosen.types, today.types),
        oracle=kept(chosen.oracle, today.oracle),
        facts=kept(chosen.facts, today.facts),
    )


def _mirror(project: Project, commit: str, path: PurePosixPath, then: Project) -> bool:
    """Write one file as it was; return whether it was there."""
    content = _git(project, "show", f"{commit}:./{path}")
    if content is None:
        return False
    target = then.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return True


def _git(project: Project, *arguments: str) -> bytes | None:
    """Return what git prints, or None if it fails."""
    try:
        ran = subprocess.run(
            ["git", "-C", str(project.root), *arguments], capture_output=True, check=False
        )
    except FileNotFoundError:
        raise RevisionError("there is no `git` here; the diff needs it to see the past") from None
    if ran.returncode == 0:
        return ran.stdout
    if b"not a git repository" in ran.stderr:
        raise RevisionError(f"{project.root} is not in a git repository")
    return None
