"""What the generator makes of a specification, and whether what it accepts is of use."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import yaml
from nimnet_gen.commands.specification import checked_spec
from nimnet_gen.project.configuration import Configuration
from nimnet_gen.project.folders import Project
from nimnet_gen.render.build import build
from nimnet_gen.source.diagnostics import CODES, Diagnostics

from fuzzing.mutations import Tree

TESTS: Final = Path(__file__).parents[1]

Verdict = Literal["refused", "accepted", "wrong"]


@dataclass(frozen=True)
class Subject:
    """A project whose specification is mutated."""

    name: str
    project: Project
    tree: Tree
    runtime: Path

    @property
    def runtime_package(self) -> str:
        """The name of the runtime package."""
        package = self.tree["package"]
        assert isinstance(package, dict)
        return str(package["runtime"])


@dataclass(frozen=True)
class Outcome:
    """What became of one specification; `why` says what is wrong, or has the codes of faults."""

    verdict: Verdict
    why: str = ""


def read_subject(name: str, root: Path, configuration: Configuration) -> Subject:
    """Return a project with its specification as plain data."""
    project = Project(root, configuration)
    tree: Tree = {
        path.relative_to(project.spec).with_suffix("").as_posix(): yaml.load(
            path.read_bytes(), Loader=_AsMeant
        )
        for path in sorted(project.spec.rglob("*.yaml"))
    }
    return Subject(name, project, tree, project.runtime)


class _AsMeant(yaml.CSafeLoader):
    """Reads plain scalars as a specification has them, in which `on` is a text, and a key."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # the base class has it as its own, too


for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null", "n"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+", "-0123456789"),
):
    _AsMeant.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), list(first)
    )


def write_specification(tree: Mapping[str, object], folder: Path) -> None:
    """Write a specification as YAML, in place of what the folder has."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob("*.yaml"):
        path.unlink()
    for stem, content in tree.items():
        text = yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000)
        path = folder / f"{stem}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


class _Plain(yaml.CSafeDumper):
    """Writes what every version of YAML reads alike, and no alias, as a specification has to be."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: _Plain, text: str) -> yaml.ScalarNode:
    style = '"' if text[:1] in "+-.0123456789" else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Plain.add_representer(str, _text)


def judge(subject: Subject, folder: Path, made: Path) -> Outcome:
    """Let the generator judge the specification in a folder, and write what it accepts.

    Args:
        subject: The project, but for its specification.
        folder: The specification.
        made: Where the package and its tests go, as packages below this one.
    """
    try:
        # The configuration's own paths are those of the project; its specification is another.
        project = _Elsewhere(subject.project.root, subject.project.configuration, folder)
        spec, found = checked_spec(project)
        if spec is None or found:
            return _refused(found)
        result = build(spec, project)
    except Exception as error:  # that there is none is what this is about
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = "/".join(Path(frame.filename).parts[-2:])
        return Outcome("wrong", f"{type(error).__name__} in {place}:{frame.lineno}: {error}")
    if result.faults:
        first = next(iter(result.faults))
        return Outcome("wrong", f"{first.code} {first.message} ({first.at.file}:{first.at.line})")
    for output in result.outputs:
        relative = (
            output.path.relative_to("generated") if "generated" in output.path.parts else None
        )
        if output.path.suffix == ".py" and relative is not None:
            text = _moved(output.content.decode(), spec.package.name, made.name)
            if f"from {spec.stage.module} import " in text:
                continue  # the stage gives it objects of the package that has not been moved
            path = made / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return Outcome("accepted")


@dataclass(frozen=True)
class _Elsewhere(Project):
    """A project whose specification is in another folder."""

    folder: Path

    @property
    def spec(self) -> Path:
        return self.folder


def _refused(found: Diagnostics) -> Outcome:
    """Check that each fault has a code, and a place in a file that is there."""
    codes = set()
    for fault in found:
        codes.add(fault.code)
        lines = found.sources.get(fault.at.file, ())
        if fault.code not in CODES or not fault.at.file or fault.at.column < 1:
            return Outcome("wrong", f"a fault without a place: {fault.render()}")
        if lines and not 1 <= fault.at.line <= len(lines) + 1:
            return Outcome("wrong", f"a fault outside of its file: {fault.render()}")
    found.render()
    return Outcome("refused", " ".join(sorted(codes)))


def _moved(text: str, package: str, home: str) -> str:
    """Return a file with its imports as they are where the package is inside of another."""
    name = re.escape(package)
    text = re.sub(rf"^(\s*)from {name}(\.| )", rf"\1from {home}.{package}\2", text, flags=re.M)
    text = re.sub(rf"^(\s*)import {name}$", rf"\1from {home} import {package}", text, flags=re.M)
    return re.sub(r"^from conformance\.", rf"from {home}.conformance.", text, flags=re.M)


_IMPORTING: Final = """
import importlib, os, sys
for name in sys.argv[1:]:
    pid = os.fork()
    if not pid:
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
            os._exit(1)
        os._exit(0)
    os.waitpid(pid, 0)
"""


def not_importable(packages: Iterable[str], home: Path, runtime: Path) -> dict[str, str]:
    """Return the packages that do not import, each with the reason."""
    command = [sys.executable, "-c", _IMPORTING, *packages]
    ran = subprocess.run(
        command, env=_paths(home, runtime), capture_output=True, text=True, check=False
    )
    told = [line.partition(": ") for line in ran.stdout.splitlines() if ": " in line]
    return {name: why for name, _, why in told}


_CONFIGURATION: Final = """\
[mypy]
strict = true
exclude = typing_rejected_
# A value of the runtime, of whose types nothing is known here, is returned as what it must be.
warn_return_any = false

# What a runtime's annotations say beyond the simplest types, its project's own type check compares.
[mypy-{runtime}.*]
follow_imports = skip

[mypy-{runtime}.platform]
follow_imports = normal
"""


_UNKNOWN: Final = 'error: Expression is of type "Any"'


def ill_typed(
    homes: Sequence[str], home: Path, runtime: Path, runtime_package: str, cache: Path
) -> dict[str, str]:
    """Return the packages below `home` that mypy finds fault with, each with its first error."""
    if not homes:
        return {}
    config = cache / "mypy.ini"
    cache.mkdir(parents=True, exist_ok=True)
    config.write_text(_CONFIGURATION.format(runtime=runtime_package), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--no-error-summary"]
    command += ["--cache-dir", str(cache), "--no-pretty", "--show-error-codes"]
    for package in homes:
        command += ["-p", package]
    ran = subprocess.run(
        command,
        cwd=home,
        env=_paths(home, runtime, mypy=True),
        capture_output=True,
        text=True,
        check=False,
    )
    wrong: dict[str, str] = {}
    for line in ran.stdout.splitlines():
        where = line.partition("/")[0]
        # The same of what exceptions carry, whose classes are the runtime's.
        if ": error:" in line and _UNKNOWN not in line and where in homes:
            wrong.setdefault(where, line)
    if ran.returncode not in (0, 1) or (ran.returncode and not ran.stdout):
        raise RuntimeError(f"mypy failed: {ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return wrong


def _paths(home: Path, runtime: Path, *, mypy: bool = False) -> dict[str, str]:
    paths = [home, runtime, TESTS]
    key = "MYPYPATH" if mypy else "PYTHONPATH"
    return {**os.environ, key: os.pathsep.join(map(str, paths))}
