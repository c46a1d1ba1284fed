"""`python -m nimnet_effects`: findings alone, in three formats, with exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from harness.checked_project import CheckedProject

SOURCE = """\
from nimnet_effects import raises


def helper(name: str) -> int:
    raise KeyError(name)


@raises()
def one() -> int:
    return helper("a")


@raises()
def two() -> int:
    return helper(
        "a",
    )


def wrong() -> int:
    return "text"
"""
GOOD = SOURCE.replace("@raises()", "@raises(KeyError)")


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> CheckedProject:
    project = CheckedProject(tmp_path)
    project.write({"a.py": SOURCE, "good.py": GOOD})
    return project


def command(project: CheckedProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    return project.python("-m", "nimnet_effects", *arguments)


def test_findings_alone_are_shown(project: CheckedProject) -> None:
    done = command(project, "a.py")
    assert (done.returncode, done.stderr) == (1, "")
    said = done.stdout.splitlines()
    assert [line.partition(" error: ")[0] for line in said] == ["a.py:10:", "a.py:15:"]
    assert all(line.endswith("  [raises]") for line in said)
    # They are those of the plugin, word by word.
    assert said == [line for line in project.mypy("a.py") if "[raises]" in line]


def test_nothing_found_is_nothing_said(project: CheckedProject) -> None:
    done = command(project, "good.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert command(project, "--format=json", "good.py").stdout.strip() == "[]"


def test_json_is_one_list(project: CheckedProject) -> None:
    done = command(project, "--format=json", "a.py")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)
    assert first["message"].startswith('"helper" may raise "KeyError"')
    del first["message"], second["message"]
    assert first == {
        "file": "a.py",
        "line": 10,
        "column": 12,
        "end_line": 10,
        "end_column": 23,
        "severity": "error",
        "code": "raises",
    }
    assert (second["line"], second["end_line"]) == (15, 17)


def test_github_takes_annotations(project: CheckedProject) -> None:
    done = command(project, "--format=github", "a.py")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    place = "file=a.py,line=10,endLine=10,col=12,endColumn=23,title=raises"
    assert first.startswith(f'::error {place}::"helper" may raise')
    # It takes no columns of what stands on several lines.
    assert second.startswith("::error file=a.py,line=15,endLine=17,title=raises::")


def test_without_paths_the_configuration_names_them(project: CheckedProject) -> None:
    assert command(project).returncode == 2
    project.replace("pyproject.toml", "strict = true", 'strict = true\nfiles = ["a.py"]')
    assert command(project).returncode == 1


def test_the_configuration_need_not_name_the_plugin(project: CheckedProject) -> None:
    project.write({"pyproject.toml": "[tool.mypy]\nstrict = true\n"})
    assert project.mypy("good.py") != []
    before = (project.root / ".mypy_cache" / ".gitignore").stat()
    assert command(project, "a.py").returncode == 1
    # It has a cache of its own then: mypy throws away one that is of other plugins.
    assert project.rechecked("good.py") == set()
    assert (project.root / ".mypy_cache" / ".gitignore").stat() == before


def test_another_configuration_may_be_given(project: CheckedProject) -> None:
    project.write({"other.ini": "[mypy]\nfiles = good.py\n"})
    assert command(project, "--config-file=other.ini").returncode == 0


def test_what_cannot_be_checked_is_said(project: CheckedProject) -> None:
    project.write({"bad.py": "def (\n"})
    done = command(project, "bad.py", "a.py")
    assert done.returncode == 2
    assert "bad.py:1: error: " in done.stderr
    done = command(project, "none.py")
    assert done.returncode == 2
    assert "none.py" in done.stderr
    text = (project.root / "pyproject.toml").read_text()
    project.write({"pyproject.toml": text + "[tool.nimnet_effects]\nuncheckd = []\n"})
    done = command(project, "a.py")
    assert done.returncode == 2
    assert "[tool.nimnet_effects] uncheckd: is no key" in done.stderr


def test_workers_that_are_configured_are_not_used(project: CheckedProject) -> None:
    project.replace("pyproject.toml", "strict = true", "strict = true\nnum_workers = 2")
    done = command(project, "a.py")
    assert (done.returncode, done.stderr) == (1, "")


def test_without_mypy_it_says_what_it_needs(tmp_path: Path) -> None:
    code = """
import sys
sys.modules['mypy'] = None
from nimnet_effects.command import main
sys.exit(main([]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'nimnet[mypy]'" in done.stderr
