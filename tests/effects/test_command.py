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


@pytest.mark.parametrize("configuration", [None, "", "[tool.other]\n"])
def test_no_configuration_is_needed(project: CheckedProject, configuration: str | None) -> None:
    if configuration is None:
        (project.root / "pyproject.toml").unlink()
    else:
        project.write({"pyproject.toml": configuration})
    for _ in range(2):
        done = command(project, "a.py")
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.count("[raises]") == 2
    assert command(project, "good.py").returncode == 0


def test_the_table_counts_where_mypy_is_not_configured(project: CheckedProject) -> None:
    table = '[tool.nimnet_effects]\nunchecked = ["builtins.KeyError"]\n'
    (project.root / "pyproject.toml").unlink()
    project.write({"other/pyproject.toml": table})
    assert command(project, "a.py").returncode == 1
    assert command(project, "--config-file=other/pyproject.toml", "a.py").returncode == 0
    project.write({"pyproject.toml": table})
    assert command(project, "a.py").returncode == 0


@pytest.mark.parametrize("plugin", ["nimnet_effects.mypy", "nimnet_effects.mypy:plugin"])
def test_a_plugin_that_is_configured_is_loaded_once(project: CheckedProject, plugin: str) -> None:
    project.write({"pyproject.toml": f'[tool.mypy]\nplugins = ["{plugin}"]\n'})
    assert command(project, "a.py").stdout.count("[raises]") == 2
    assert not (project.root / ".mypy_cache" / "nimnet_effects").exists()


def test_a_broken_configuration_is_said(project: CheckedProject) -> None:
    project.write({"pyproject.toml": "[tool.mypy\n"})
    done = command(project, "a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nimnet_effects: error: pyproject.toml: is not TOML" in done.stderr


SILENCING = {
    "ignore_errors = true": "a.py: not checked: the configuration of mypy has ignore_errors for it",
    'disable_error_code = ["raises"]': (
        'a.py: not checked: the configuration of mypy has "raises" in disable_error_code'
    ),
}


@pytest.mark.parametrize("setting", SILENCING)
@pytest.mark.parametrize("table", ["[tool.mypy]", '[[tool.mypy.overrides]]\nmodule = "a"'])
def test_what_the_configuration_silences_is_told(
    project: CheckedProject, setting: str, table: str
) -> None:
    both = '[tool.mypy]\nplugins = ["nimnet_effects.mypy"]\n[[tool.mypy.overrides]]\n{}'
    for configuration in (f"{table}\n{setting}\n", both.format(f'module = "a"\n{setting}\n')):
        project.write({"pyproject.toml": configuration})
        done = command(project, "a.py")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"{SILENCING[setting]}\n"
    # Where something is left to look at, that decides.
    project.write({"other.py": SOURCE})
    done = command(project, "a.py", "other.py")
    assert (done.returncode, done.stderr) == (1, f"{SILENCING[setting]}\n")
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {"other.py"}


def test_a_comment_in_the_file_silences(project: CheckedProject) -> None:
    for comment in ("# type: ignore", "# mypy: ignore-errors"):
        project.write({"a.py": f"{comment}\n{SOURCE}"})
        assert command(project, "a.py").returncode == 0


def test_an_installed_package_is_not_looked_into(project: CheckedProject) -> None:
    project.write({"lib/site-packages/a.py": SOURCE})
    done = command(project, "lib/site-packages/a.py")
    assert done.returncode == 2
    assert "a.py: not checked: it is of an installed package" in done.stderr


def test_a_script_may_have_any_name(project: CheckedProject) -> None:
    project.write({"tool": SOURCE})
    assert command(project, "tool").returncode == 1


@pytest.mark.parametrize(
    "setting", ["follow_imports = 'skip'", "python_executable = '{}/bin/python'"]
)
def test_what_declarations_come_from_must_be_found(project: CheckedProject, setting: str) -> None:
    # An environment in which nothing is installed.
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", project.root / "bare"],
        check=True,
        timeout=60,
    )
    text = f"[tool.mypy]\n{setting.format(project.root / 'bare')}\n"
    project.write({"pyproject.toml": text})
    for _ in range(2):
        done = command(project, "a.py")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("nothing was checked where nimnet_effects is imported")


@pytest.mark.parametrize("named", ["OSEror", "int", "(OSError, ValueError)"])
def test_a_declaration_that_mypy_refuses_is_told_here_too(
    project: CheckedProject, named: str
) -> None:
    project.write({"a.py": SOURCE.replace("@raises()", f"@raises({named})", 1)})
    done = command(project, "a.py")
    assert done.returncode == 1
    assert done.stdout.startswith("a.py:8: error: ")


def test_a_failure_of_its_own_is_no_success(project: CheckedProject) -> None:
    broken = """\
from nimnet_effects import {}
from nimnet_effects.mypy import plugin as plugin


def broken(*_: object) -> None:
    raise LookupError("lost")


{} = broken
"""
    for module, name, place in (
        ("analysis", "analyse", "good.py:1: note: "),
        ("checkpoint", "hide", "good.py: note: "),
    ):
        project.write(
            {
                "pyproject.toml": "[tool.mypy]\nplugins = ['./broken.py']\n",
                "broken.py": broken.format(module, f"{module}.{name}"),
            }
        )
        done = command(project, "good.py")
        assert done.returncode == 2
        said = done.stdout + done.stderr
        assert f"{place}nimnet_effects failed in broken.py:6 (LookupError: lost)" in said


def test_folders_without_python_are_said(project: CheckedProject) -> None:
    project.write({"texts/a.txt": "no Python"})
    done = command(project, "texts")
    assert (done.returncode, done.stdout) == (2, "")
    assert "texts" in done.stderr


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


@pytest.mark.parametrize("path", ["none", "none/", "none.py", "good.py/none"])
def test_a_path_without_anything_is_said(project: CheckedProject, path: str) -> None:
    done = command(project, "good.py", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{path.rstrip('/')}: there is nothing there\n"


def test_a_cache_that_cannot_be_used_is_said_in_one_sentence(project: CheckedProject) -> None:
    assert command(project, "good.py").returncode == 0
    databases = list(project.root.glob(".mypy_cache/**/*.db"))
    assert databases
    for database in databases:
        database.unlink()
        database.mkdir()
    done = command(project, "good.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "mypy cannot use its cache in .mypy_cache: unable to open database file\n"
    project.write({"elsewhere.ini": "[mypy]\ncache_dir = good.py\n"})
    done = command(project, "--config-file=elsewhere.ini", "good.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mypy could not go on: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("hook", ["get_additional_deps", "get_function_hook"])
def test_a_failure_of_mypy_is_no_finding(project: CheckedProject, hook: str) -> None:
    """A hook of another plugin fails: what mypy does with that depends on which one it is."""
    broken = f"""\
from mypy.plugin import Plugin


class Broken(Plugin):
    def {hook}(self, _):
        raise LookupError("lost")


def plugin(_):
    return Broken
"""
    configuration = "[tool.mypy]\nplugins = ['nimnet_effects.mypy', './broken.py']\n"
    project.write({"broken.py": broken, "pyproject.toml": configuration})
    done = command(project, "a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "INTERNAL ERROR" in done.stderr or done.stderr == "mypy failed with LookupError: lost\n"


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


full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param("reading, writing = os.pipe(); os.close(reading)", id="a closed pipe"),
        pytest.param("writing = os.open('/dev/full', os.O_WRONLY)", id="a full disk", marks=full),
    ],
)
def test_what_cannot_be_written_is_not_taken_for_findings(
    project: CheckedProject, opening: str
) -> None:
    code = f"""
import os, sys
{opening}
os.dup2(writing, 1)
from nimnet_effects.command import main
sys.exit(main(['a.py']))
"""
    done = project.python("-c", code)
    assert done.returncode == 2, done
    (said,) = done.stderr.splitlines()
    assert said.startswith("what was found cannot be written: [Errno ")


@pytest.mark.parametrize(
    ("path", "outputs", "status"),
    [
        ("a.py", ">&-", 1),
        ("good.py", ">&-", 0),
        ("nothere.py", "2>&-", 2),
        pytest.param("nothere.py", "2>/dev/full", 2, marks=full),
    ],
)
def test_without_an_output_the_status_tells(
    project: CheckedProject, path: str, outputs: str, status: int
) -> None:
    code = f"""
import os, sys
command = [sys.executable, '-m', 'nimnet_effects', '{path}']
os.execv('/bin/sh', ['sh', '-c', 'exec "$@" {outputs}', 'sh', *command])
"""
    done = project.python("-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")
