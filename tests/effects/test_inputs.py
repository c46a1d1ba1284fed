"""Whatever the analysis reads besides the project's own source: when it changes, findings follow.

From mypy's cache, and in its daemon, for each command that checks. One project has them all, and
what changes one after the other must change the findings of the module that is about it alone.
"""

from __future__ import annotations

import re
import sysconfig
import venv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import nimnet_effects
import pytest
from harness.checked_project import CheckedProject

MYPY = """\
[tool.mypy]
strict = true
plugins = ["nimnet_effects.mypy"]
python_executable = "installed/bin/python"
"""
PACKAGES = sysconfig.get_path("purelib", "venv", {"base": "installed"})
INLINE = """\
[tool.nimnet_effects.functions]
"json.loads" = {{raises = ["builtins.{}"]}}
"""
FUNCTION = "def go() -> None: ...\n"
DECLARING = "from nimnet_effects import raises\n@raises({})\ndef go() -> None: ...\n"


def effects(function: str, *exceptions: str) -> str:
    raised = [f"builtins.{name}" for name in exceptions]
    return f'format = 1\n["{function}"]\nraises = {raised}\n'


def project_table(
    inline: str, unchecked: str = "LookupError", required: str = "none", pattern: str = "c/*.toml"
) -> str:
    return f"""{MYPY}
[tool.nimnet_effects]
contracts = ["{pattern}"]
unchecked = ["builtins.{unchecked}"]
require_declared = ["{required}"]
{INLINE.format(inline)}"""


def user(module: str, call: str = "go()") -> str:
    return f"""\
import {module}
from nimnet_effects import raises


@raises()
def use() -> None:
    {module}.{call}
"""


FILES = {
    "pyproject.toml": project_table("ValueError"),
    "c/one.toml": effects("named.go", "OSError"),
    "named.py": FUNCTION,
    "further.py": FUNCTION,
    "local/__init__.py": FUNCTION,
    "local/effects.toml": effects("local.go", "OSError"),
    "public.py": "from nimnet_effects import raises as raises\n\n\n" + FUNCTION,
    "raising.py": "def go() -> None:\n    raise BufferError\n",
    f"{PACKAGES}/changed/__init__.py": FUNCTION,
    f"{PACKAGES}/changed/effects.toml": effects("changed.go", "OSError"),
    f"{PACKAGES}/appearing/__init__.py": FUNCTION,
    f"{PACKAGES}/vanishing/__init__.py": FUNCTION,
    f"{PACKAGES}/vanishing/effects.toml": effects("vanishing.go", "OSError"),
    f"{PACKAGES}/declaring/__init__.py": "from declaring.inner import go as go\n",
    f"{PACKAGES}/declaring/inner.py": DECLARING.format("OSError"),
    f"{PACKAGES}/stubbed/__init__.pyi": DECLARING.format("OSError"),
    **{
        f"{PACKAGES}/{name}/py.typed": ""
        for name in ("changed", "appearing", "vanishing", "declaring", "stubbed")
    },
    # What functions are declared with.
    f"{PACKAGES}/own.pth": f"{Path(nimnet_effects.__file__).parents[1]}\n",
    "uses/json_.py": user("json", "loads('')"),
    **{
        f"uses/{name}_.py": user(name)
        for name in (
            *("named", "further", "local", "raising"),
            *("changed", "appearing", "vanishing", "declaring", "stubbed"),
        )
    },
    "other.py": "NUMBER = 0\n",
}
AT_FIRST = {
    "json_": "ValueError",
    "named_": "OSError",
    "local_": "OSError",
    "raising_": "BufferError",
    "changed_": "OSError",
    "vanishing_": "OSError",
    "declaring_": "OSError",
    "stubbed_": "OSError",
}


class Change(NamedTuple):
    """What is written, or removed, and what is said then, by module; None for nothing any more."""

    what: str
    files: Mapping[str, str | None]
    said: Mapping[str, str | None]


CHANGES = (
    Change(
        "a contract in the configuration",
        {"pyproject.toml": project_table("KeyError", "IndexError")},
        {"json_": "KeyError"},
    ),
    Change("a named file", {"c/one.toml": effects("named.go", "EOFError")}, {"named_": "EOFError"}),
    Change(
        "a named file appears",
        {"c/two.toml": effects("further.go", "EOFError")},
        {"further_": "EOFError"},
    ),
    Change("a named file vanishes", {"c/two.toml": None}, {"further_": None}),
    Change(
        "a shipped file",
        {f"{PACKAGES}/changed/effects.toml": effects("changed.go", "EOFError")},
        {"changed_": "EOFError"},
    ),
    Change(
        "a shipped file appears",
        {f"{PACKAGES}/appearing/effects.toml": effects("appearing.go", "EOFError")},
        {"appearing_": "EOFError"},
    ),
    Change(
        "a shipped file vanishes",
        {f"{PACKAGES}/vanishing/effects.toml": None},
        {"vanishing_": None},
    ),
    Change(
        "the file of a package of the project",
        {"local/effects.toml": effects("local.go", "EOFError")},
        {"local_": "EOFError"},
    ),
    Change(
        "what an installed package declares",
        {f"{PACKAGES}/declaring/inner.py": DECLARING.format("EOFError")},
        {"declaring_": "EOFError"},
    ),
    Change(
        "that it declares nothing any more",
        {f"{PACKAGES}/declaring/inner.py": FUNCTION},
        {"declaring_": None},
    ),
    Change(
        "what a stub declares",
        {f"{PACKAGES}/stubbed/__init__.pyi": DECLARING.format("EOFError")},
        {"stubbed_": "EOFError"},
    ),
    Change(
        "what nobody has to declare",
        {"pyproject.toml": project_table("KeyError", "BufferError")},
        {"raising_": None},
    ),
    Change(
        "where everything has to declare",
        {"pyproject.toml": project_table("KeyError", "BufferError", "public")},
        {"public": "go"},
    ),
)


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Iterator[CheckedProject]:
    venv.create(tmp_path / "installed", symlinks=True)
    project = CheckedProject(tmp_path)
    project.write(FILES)
    yield project
    if (tmp_path / ".dmypy.json").exists():
        project.end_daemon()


def said(lines: list[str]) -> dict[str, str]:
    """The exception that is told of, or the function that must declare, by module."""
    found = {}
    for line in lines:
        match = re.search(r'(\w+)\.py:\d+: .*(?:may raise "(\w+)"|error: "(\w+)" is public)', line)
        assert match is not None, line
        found[match[1]] = match[2] or match[3]
    return found


def follow(project: CheckedProject, ask: Callable[[Change], list[str]]) -> None:
    """Make all changes, and compare what is said after each of them."""
    expected = dict(AT_FIRST)
    for change in CHANGES:
        project.write({name: text for name, text in change.files.items() if text is not None})
        for name in (name for name, text in change.files.items() if text is None):
            (project.root / name).unlink()
        for module, exception in change.said.items():
            if exception is None:
                del expected[module]
            else:
                expected[module] = exception
        assert (change.what, said(ask(change))) == (change.what, expected)


WHAT = ("uses", "public.py", "other.py")


def test_from_the_cache(project: CheckedProject) -> None:
    assert said(project.mypy(*WHAT)) == AT_FIRST
    follow(project, lambda _: project.mypy(*WHAT))
    assert project.mypy(*WHAT) == project.cold(*WHAT)


def test_by_the_daemon_that_starts_anew(project: CheckedProject) -> None:
    assert said(project.daemon(*WHAT)) == AT_FIRST
    follow(project, lambda _: project.daemon(*WHAT))
    assert project.daemon(*WHAT) == project.cold(*WHAT)


@pytest.mark.parametrize("command", [("check", *WHAT), ("recheck",)], ids=["check", "recheck"])
def test_by_the_daemon_as_soon_as_it_looks_at_any_file(
    project: CheckedProject, command: tuple[str, ...]
) -> None:
    assert said(project.daemon(*WHAT)) == AT_FIRST

    def ask(change: Change) -> list[str]:
        if not any(name.endswith((".py", ".pyi")) for name in change.files):
            project.write({"other.py": f"NUMBER = {CHANGES.index(change) + 1}\n"})
        return project.daemon_again(*command)

    follow(project, ask)
    assert sorted(project.daemon_again(*command)) == sorted(project.cold(*WHAT))


@pytest.mark.parametrize("folder", ["", "site-packages/"], ids=["of the project", "installed"])
def test_a_package_that_is_elsewhere(tmp_path: Path, folder: str) -> None:
    # mypy takes what its cache has of a file for what it has of the same file in another place.
    project = CheckedProject(tmp_path, f'mypy_path = "one/{folder}"\n')
    project.write({"use.py": user("lib")})
    for place, exceptions in (("one", ["OSError"]), ("two", ["EOFError"]), ("three", [])):
        project.write({f"{place}/{folder}lib/__init__.py": FUNCTION})
        if exceptions:
            contracts = {f"{place}/{folder}lib/effects.toml": effects("lib.go", *exceptions)}
            project.write(contracts)
    assert said(project.mypy("use.py")) == {"use": "OSError"}
    project.replace("pyproject.toml", "one/", "two/")
    assert said(project.mypy("use.py")) == {"use": "EOFError"}
    project.replace("pyproject.toml", "two/", "three/")
    assert project.mypy("use.py") == []
    project.replace("pyproject.toml", "three/", "one/")
    assert said(project.mypy("use.py")) == {"use": "OSError"}


def test_a_file_that_cannot_be_meant_is_told_of_until_it_is_mended(project: CheckedProject) -> None:
    wrong = {"c/one.toml": effects("named.go", "EOFError").replace("raises", "raise")}
    assert said(project.daemon(*WHAT)) == AT_FIRST
    project.write(wrong | {"other.py": "NUMBER = 1\n"})
    told = [line for line in project.daemon_again("recheck") if "is no key" in line]
    assert "other.py:1" in {line.partition(": ")[0] for line in told}
    project.write(FILES)
    assert said(project.daemon_again("recheck")) == AT_FIRST
    project.write(wrong)
    done = project.python("-m", "mypy.dmypy", "run", "--", *WHAT)
    assert done.returncode == 2
    assert 'c/one.toml: ["named.go"].raise: is no key' in done.stdout
    project.write(FILES)
    assert said(project.daemon(*WHAT)) == AT_FIRST


def test_a_configuration_that_appears(tmp_path: Path) -> None:
    project = CheckedProject(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    project.write(
        {
            "mypy.ini": "[mypy]\nplugins = nimnet_effects.mypy\n",
            "json_.py": user("json", "loads('')"),
        }
    )
    try:
        assert project.daemon("json_.py") == project.mypy("json_.py") == []
        project.write({"pyproject.toml": INLINE.format("KeyError")})
        assert said(project.mypy("json_.py")) == {"json_": "KeyError"}
        assert said(project.daemon("json_.py")) == {"json_": "KeyError"}
        (tmp_path / "pyproject.toml").unlink()
        assert project.daemon("json_.py") == project.mypy("json_.py") == []
    finally:
        project.end_daemon()
