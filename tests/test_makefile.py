"""The Makefile removes its own results alone, whatever it is told; it lists what it can do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from harness.programs import find, need_module, run

ROOT = Path(__file__).parents[1]


def make(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run make as from a terminal, whatever runs these tests."""
    return subprocess.run(
        [find("make"), *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not _is_from_make(name)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _is_from_make(name: str) -> bool:
    """Tell whether make has set a variable, for itself or because it was given one."""
    return name.startswith("MAKE") or name in ("PYTHON", "VENV", "WORKERS", "ORACLE_WORKERS")


def planned(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what make would do; it does nothing."""
    return make("--dry-run", *arguments)


def targets() -> list[str]:
    """Return the names of all targets, in their order."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", "")
    (names,) = re.findall(r"^\.PHONY: (.*)", makefile, re.M)
    return str(names).split()


@pytest.mark.parametrize("target", ["clean", "conformance"])
def test_what_is_removed_is_fixed(target: str) -> None:
    usual, told = planned(target), planned(target, "REFERENCE=", "RESULTS=/")
    assert usual.returncode == told.returncode == 0, usual.stderr + told.stderr
    assert "rm -rf " in usual.stdout
    assert told.stdout == usual.stdout


@pytest.mark.parametrize("environment", ["", "two words"])
def test_an_environment_that_make_cannot_have_is_refused(environment: str) -> None:
    done = planned("install", f"VENV={environment}")
    assert done.returncode == 2
    assert f"VENV is '{environment}', but make needs one path without spaces" in done.stderr


def test_an_interpreter_can_be_anywhere() -> None:
    done = planned("--always-make", "install", "PYTHON=/with a space/python3", "VENV=build/other")
    assert done.returncode == 0, done.stderr
    assert '"/with a space/python3" -m venv --clear build/other' in done.stdout


def test_the_folder_may_have_a_space_in_its_name(tmp_path: Path) -> None:
    project = tmp_path / "my clone"
    for folder in ("dependencies", "generator", "examples/uri", "tests"):
        (project / folder).mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "generator/pyproject.toml", "hatch_build.py"):
        shutil.copy(ROOT / name, project / name)
    (project / "dependencies" / "lock.txt").touch()
    # Programs that do nothing: the shell has to find them.
    for environment in (".venv", ".venv-compiled"):
        programs = project / environment / "bin"
        programs.mkdir(parents=True)
        for name in ("python", "nimnet-gen", "mypy", "ruff", "stubtest", "basedpyright", "uv"):
            (programs / name).write_text("#!/bin/sh\n", encoding="utf-8")
            (programs / name).chmod(0o755)
        for made in (".locked", ".installed"):
            (project / environment / made).touch()
    # These know no paths but such as begin here, and need what the programs would have written.
    others = ("help", "lock", "upgrade", "test-lowest", "test-newest")
    names = [name for name in targets() if name not in others]
    done = make(*names, "PYTHON=.venv/bin/python", "VENV=.venv", folder=project)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_every_target_is_listed() -> None:
    assert [line.split()[1] for line in make().stdout.splitlines()] == targets()


@pytest.mark.parametrize("ends", ["lowest", "newest"])
def test_other_versions_are_tried_beside_the_environment(ends: str) -> None:
    done = planned(f"test-{ends}")
    assert done.returncode == 0, done.stderr
    installs = re.findall(r"pip install [^\n]*?--python (\S+)/bin/python", done.stdout)
    assert installs == [f".venv-{ends}"] * 2
    assert any(fnmatch(installs[0], pattern) for pattern in planned("clean").stdout.split())


def test_the_lowest_versions_are_those_of_all_that_users_install() -> None:
    extras: set[str] = set()
    for folder in (ROOT, ROOT / "generator"):
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        extras |= project["optional-dependencies"].keys()
    tried = set(re.findall(r"--extra (\S+)", planned("test-lowest").stdout))
    assert tried == extras - {"dev"}


def test_a_requirement_that_is_not_in_the_lock_stops_make(tmp_path: Path) -> None:
    need_module("pip")
    project, environment = tmp_path / "project", tmp_path / "environment"
    shutil.copytree(ROOT / "dependencies", project / "dependencies")
    (project / "generator").mkdir()
    for name in ("Makefile", "hatch_build.py"):
        shutil.copy(ROOT / name, project)
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        for folder in (".", "generator"):
            shutil.copy(ROOT / folder / name, project / folder)
    settings = project / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    assert '"hypothesis>=' in text
    settings.write_text(text.replace('"hypothesis>=', '"hypothesis>=9999.', 1), encoding="utf-8")
    # An environment that sees what the tests' own has, and could not change it.
    run([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    places = {"base": str(environment)}
    Path(sysconfig.get_path("purelib", "venv", places), "seen.pth").write_text(
        sysconfig.get_path("purelib"), encoding="utf-8"
    )
    (environment / ".locked").touch()
    done = make("install", f"VENV={environment}", folder=project)
    assert done.returncode == 2, done.stdout
    assert "hypothesis>=9999" in done.stderr
    assert "run 'make lock'" in done.stderr
    assert not (environment / ".installed").exists()
