"""The specification as it was at a git revision."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from nimnet_gen.model.load import load_spec
from nimnet_gen.model.surface import Spec
from nimnet_gen.project.folders import EVIDENCE_FOLDER, DataFiles, Project
from nimnet_gen.source.nodes import MAX_ALL_BYTES


class RevisionError(Exception):
    """The specification cannot be had as it was at a revision; the message says why."""


def spec_at(revision: str, project: Project) -> Spec:
    """Return the specification as it was at a revision, read through a temporary folder.

    Raises:
        RevisionError: There is no git, no such revision, or no readable specification in it.
    """
    wanted = f"{revision}^{{commit}}"
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if commit is None:
        raise RevisionError(f"git knows no revision '{revision}' in {project.root}")
    name = commit.decode().strip()
    listed = b"".join(
        _git(project, "ls-tree", "-z", "--long", name, folder) or b""
        for folder in ("./", f"./{EVIDENCE_FOLDER}/")
    )
    files: list[str] = []
    size = 0
    for entry in listed.split(b"\0"):
        about, _, listed_name = entry.partition(b"\t")
        if listed_name.endswith((b".yaml", b".yml")):
            files.append(os.fsdecode(listed_name))
            # A folder has no size.
            size += int(about.split()[-1].replace(b"-", b"0"))
    if not files:
        raise RevisionError(f"there is no {project.source} at {revision}")
    if size > MAX_ALL_BYTES:
        raise RevisionError(
            f"the specification at {revision} has {size} bytes; at most {MAX_ALL_BYTES} are read"
        )
    with tempfile.TemporaryDirectory(prefix="nimnet-gen-") as parent:
        folder = Path(parent, project.source)
        (folder / EVIDENCE_FOLDER).mkdir(parents=True)
        for file in files:
            content = _git(project, "show", f"{name}:./{file}")
            if content is None:
                raise RevisionError(f"git cannot show {file} at {revision}")
            (folder / file).write_bytes(content)
        spec, found = load_spec(folder, _data(project, name, Path(parent, "data")))
    if spec is None or found:
        first = next(iter(found))
        raise RevisionError(
            f"the specification at {revision} cannot be read by this generator: "
            f"{first.at.file}:{first.at.line}: {first.message}"
        )
    return spec


def _data(project: Project, commit: str, folder: Path) -> DataFiles:
    """Return the files beside the specification as they were at a commit, in a folder of their own.

    One that was not there yet is today's: what it says was then in the generator.
    """
    folder.mkdir()

    def then(today: Path | None) -> Path | None:
        if today is None:
            return None
        content = _git(project, "show", f"{commit}:./{os.path.relpath(today, project.spec)}")
        if content is None:
            return today
        path = folder / today.name
        path.write_bytes(content)
        return path

    today = project.data
    return DataFiles(*map(then, (today.stage, today.types, today.oracle, today.facts)))


def _git(project: Project, *arguments: str) -> bytes | None:
    """Return what git prints, or None if it fails."""
    try:
        ran = subprocess.run(
            ["git", "-C", str(project.spec), *arguments], capture_output=True, check=False
        )
    except FileNotFoundError:
        raise RevisionError("there is no `git` here; the diff needs it to see the past") from None
    if ran.returncode == 0:
        return ran.stdout
    if b"not a git repository" in ran.stderr:
        raise RevisionError(f"{project.root} is not in a git repository")
    return None
