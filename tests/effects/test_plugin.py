"""The plugin in mypy: cold, from the cache, in the daemon, and what must leave it alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.checked_project import CheckedProject

CALLER = """\
from nimnet_effects import raises

from shop.middle import through, untouched


@raises()
def caller() -> int:
    return through()


@raises()
def quiet() -> int:
    return untouched()
"""
MIDDLE = """\
from shop.base import make


def through() -> int:
    return make().work()


def untouched() -> int:
    return 1
"""
BASE = """\
LIMIT = 10


class Worker:
    def work(self) -> int:
        return LIMIT

    def other(self) -> int:
        raise IndexError("other")


def make() -> Worker:
    return Worker()
"""
SHOP = {
    "shop/__init__.py": "",
    "shop/base.py": BASE,
    "shop/middle.py": MIDDLE,
    "shop/caller.py": CALLER,
}
LOADING = """\
import json
from nimnet_effects import raises


@raises()
def load() -> None:
    json.loads('')
"""
RAISING = "        raise ValueError(LIMIT)"


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Iterator[CheckedProject]:
    project = CheckedProject(tmp_path)
    yield project
    if (tmp_path / ".dmypy.json").exists():
        project.end_daemon()


def lines(said: list[str]) -> list[str]:
    """Where something was said, and with which exception."""
    return [
        f"{line.split(': ')[0]} {line.split(chr(34))[3]}" for line in said if "may raise" in line
    ]


def test_a_changed_helper_far_below_is_seen_from_the_cache(project: CheckedProject) -> None:
    project.write(SHOP)
    assert project.mypy("shop") == []
    project.replace("shop/base.py", "        return LIMIT", RAISING)
    warm = project.mypy("shop")
    assert lines(warm) == ["shop/caller.py:8 ValueError"]
    assert project.mypy("shop") == warm == project.cold("shop")
    project.replace("shop/base.py", RAISING, "        return LIMIT")
    assert project.mypy("shop") == []


def test_only_what_depends_on_a_change_is_checked_again(project: CheckedProject) -> None:
    project.write(SHOP)
    project.mypy("shop")
    assert project.rechecked("shop") == set()
    project.replace("shop/base.py", "LIMIT = 10", "LIMIT = 11")
    assert project.rechecked("shop") == {"shop.base"}
    # What base.py does is something else then; what middle.py does is not.
    project.replace("shop/base.py", 'IndexError("other")', 'KeyError("other")')
    assert project.rechecked("shop") == {"shop.base", "shop.middle"}
    project.replace("shop/base.py", "        return LIMIT", RAISING)
    assert project.rechecked("shop") == {"shop.base", "shop.middle", "shop.caller"}


def test_a_changed_type_far_below_is_seen_from_the_cache(project: CheckedProject) -> None:
    # Not a body of those that were asked changes: which method it is that middle.py calls does.
    project.write(
        SHOP | {"shop/hard.py": "class Hard:\n    def work(self) -> int:\n        raise KeyError\n"}
    )
    assert project.mypy("shop") == []
    project.replace(
        "shop/base.py", "class Worker:", "from shop.hard import Hard\n\n\nclass Worker:"
    )
    project.replace(
        "shop/base.py",
        "def make() -> Worker:\n    return Worker()",
        "def make() -> Hard:\n    return Hard()",
    )
    warm = project.mypy("shop")
    assert lines(warm) == ["shop/caller.py:8 KeyError"]
    assert warm == project.cold("shop")


def test_lines_that_messages_speak_of_are_those_of_now(project: CheckedProject) -> None:
    project.write(SHOP | {"shop/base.py": BASE.replace("        return LIMIT", RAISING)})
    before = project.mypy("shop")
    project.replace("shop/base.py", "LIMIT = 10\n", "# more\nLIMIT = 10\n")
    after = project.mypy("shop")
    assert after != before
    assert after == project.cold("shop")
    # Nor does it matter whether what is between has been checked since.
    project.replace("shop/base.py", "# more\n", "# more\n# and more\n")
    project.mypy("shop/base.py")
    assert project.mypy("shop") == project.cold("shop") != after


def test_lines_alone_are_no_reason_to_check_what_depends_on_them(project: CheckedProject) -> None:
    project.write(SHOP | {"shop/caller.py": CALLER.replace("@raises()", "@raises(ValueError)", 1)})
    project.replace("shop/base.py", "        return LIMIT", RAISING)
    assert project.mypy("shop") == []
    project.replace("shop/base.py", "LIMIT = 10\n", "# more\nLIMIT = 10\n")
    assert project.rechecked("shop") == {"shop.base"}
    # What is checked later on speaks of the lines of now, through all that has not been.
    project.replace("shop/caller.py", "@raises(ValueError)", "@raises()")
    said = project.mypy("shop")
    assert '(shop.middle:5 calls "Worker.work", shop.base:7 raises it)' in said[0]
    assert said == project.cold("shop")


def test_a_run_of_a_part_leaves_nothing_stale(project: CheckedProject) -> None:
    project.write(SHOP)
    project.mypy("shop")
    project.replace("shop/base.py", "        return LIMIT", RAISING)
    assert project.mypy("shop/base.py") == []
    assert lines(project.mypy("shop")) == ["shop/caller.py:8 ValueError"]


def test_a_changed_contract_is_seen_from_the_cache(project: CheckedProject) -> None:
    project.write({"load.py": LOADING, "plain.py": "def other() -> None: ...\n"})
    assert lines(project.mypy("load.py", "plain.py")) == []
    text = (project.root / "pyproject.toml").read_text()
    inline = '[tool.nimnet_effects.functions]\n"json.loads" = {raises = ["builtins.ValueError"]}\n'
    project.write({"pyproject.toml": text + inline})
    # The modules of the names that are new are looked at, once.
    assert project.rechecked("load.py", "plain.py") & {"load", "plain"} == {"load"}
    assert project.rechecked("load.py", "plain.py") == set()
    assert lines(project.mypy("load.py", "plain.py")) == ["load.py:7 ValueError"]
    files = '[tool.nimnet_effects]\ncontracts = ["c.toml"]\n'
    contract = 'format = 1\n["json.loads"]\nraises = ["builtins.KeyError"]\n'
    project.write({"pyproject.toml": text + files, "c.toml": contract})
    assert lines(project.mypy("load.py", "plain.py")) == ["load.py:7 KeyError"]
    project.write({"pyproject.toml": text + files + 'unchecked = ["builtins.KeyError"]\n'})
    assert lines(project.mypy("load.py", "plain.py")) == []


def test_a_package_ships_contracts(project: CheckedProject) -> None:
    project.write(
        {
            "lib/__init__.py": "from lib.inner import go as go\n",
            "lib/inner.py": "def go() -> None: ...\n",
            "lib/effects.toml": 'format = 1\n["lib.inner.go"]\nraises = ["builtins.OSError"]\n',
            "use.py": LOADING.replace("json.loads('')", "lib.go()").replace("json", "lib"),
        }
    )
    assert lines(project.mypy("use.py")) == ["use.py:7 OSError"]
    project.write({"lib/effects.toml": 'format = 1\n["lib.inner.go"]\nraises = []\n'})
    assert project.mypy("use.py") == []
    project.write({"lib/effects.toml": 'format = 1\n["lib.inner.go"]\nraise = []\n'})
    for mypy in (project.mypy, project.cold):
        assert 'lib/effects.toml: ["lib.inner.go"].raise: is no key' in "".join(mypy("use.py"))


def test_a_wrong_configuration_is_said_once_and_nothing_else(project: CheckedProject) -> None:
    project.write(SHOP)
    text = (project.root / "pyproject.toml").read_text()
    project.write({"pyproject.toml": text + "[tool.nimnet_effects]\nuncheckd = []\n"})
    done = project.python("-m", "mypy", "shop")
    assert done.returncode == 2
    assert done.stdout.splitlines()[0].startswith(
        "nimnet_effects: error: pyproject.toml: [tool.nimnet_effects] uncheckd: is no key"
    )
    assert "Traceback" not in done.stdout + done.stderr


def test_ignores_are_mypys_own(project: CheckedProject) -> None:
    project.write(
        {
            "a.py": """\
from nimnet_effects import raises


def helper(one: int) -> int:
    raise KeyError(one)


@raises()
def used() -> int:
    return helper(1)  # type: ignore[raises]


@raises()
def several_lines() -> int:
    return helper(
        1,
    )  # type: ignore[raises]


@raises(KeyError)
def unused() -> int:
    return helper(1)  # type: ignore[raises]


@raises()
def other_code() -> int:
    return helper(1)  # type: ignore[attr-defined]
"""
        }
    )
    cold = project.mypy("a.py")
    assert [line.partition(": ")[0] for line in cold if "unused-ignore" in line] == [
        "a.py:22",
        "a.py:27",
    ]
    assert lines(cold) == ["a.py:27 KeyError"]
    assert project.mypy("a.py") == cold


def test_code_that_did_not_ask_is_left_alone(project: CheckedProject) -> None:
    project.write({**SHOP, "shop/caller.py": CALLER.replace("@raises()\n", "")})
    assert project.mypy("--show-error-context", "--warn-unreachable", "shop") == []


def test_a_module_that_ends_early_is_left_alone(project: CheckedProject) -> None:
    project.write(
        {"a.py": "import sys\n\nprint(1)\nsys.exit(0)\n", "b.py": "raise SystemExit(1)\n"}
    )
    assert project.mypy("--warn-unreachable", "a.py", "b.py") == []


CYCLE = {
    "ring/__init__.py": "",
    "ring/one.py": """\
from nimnet_effects import raises

from ring import two


@raises()
def first() -> int:
    return two.second()


def third() -> int:
    raise ValueError("third")
""",
    "ring/two.py": """\
from nimnet_effects import raises

from ring import one


def second() -> int:
    unknown = []
    return deeper()


def deeper() -> int:
    for number in [1]:
        text = str(number)
        print(text)
    raise KeyError("deeper")


@raises()
def fourth() -> int:
    return one.third()
""",
}


def test_modules_that_import_each_other(project: CheckedProject) -> None:
    project.write(CYCLE)
    cold = project.mypy("ring")
    assert sorted(lines(cold)) == ["ring/one.py:8 KeyError", "ring/two.py:20 ValueError"]
    # What mypy itself has to say of a function is not lost because it was looked at ahead.
    assert [line for line in cold if "Need type annotation" in line]
    assert sorted(project.mypy("ring")) == sorted(cold)
    project.replace("ring/two.py", 'KeyError("deeper")', 'OSError("deeper")')
    assert "ring/one.py:8 OSError" in lines(project.mypy("ring"))


def test_modules_whose_errors_nobody_sees_are_looked_into(project: CheckedProject) -> None:
    project.write({**SHOP, "shop/base.py": BASE.replace("        return LIMIT", RAISING)})
    silent = ("--follow-imports=silent", "shop/caller.py")
    cold = project.mypy(*silent)
    assert lines(cold) == ["shop/caller.py:8 ValueError"]
    assert project.mypy(*silent) == cold
    project.replace("shop/base.py", RAISING, "        return LIMIT")
    assert project.mypy(*silent) == []


def test_the_daemon_says_what_a_cold_run_says(project: CheckedProject) -> None:
    project.write(SHOP)
    assert project.daemon("shop") == []
    project.replace("shop/base.py", "        return LIMIT", RAISING)
    said = project.daemon("shop")
    assert lines(said) == ["shop/caller.py:8 ValueError"]
    assert said == project.cold("shop")
    assert project.daemon("shop") == said
    project.replace("shop/middle.py", "    return 1", "    raise OSError")
    assert lines(project.daemon("shop")) == [
        "shop/caller.py:8 ValueError",
        "shop/caller.py:13 OSError",
    ]
    project.replace("shop/base.py", RAISING, "        return LIMIT")
    assert lines(project.daemon("shop")) == ["shop/caller.py:13 OSError"]
    project.replace("shop/middle.py", "    raise OSError", "    return 1")
    assert project.daemon("shop") == []


def test_the_daemon_goes_on_after_errors_of_another_kind(project: CheckedProject) -> None:
    project.write(SHOP | {"shop/base.py": BASE.replace("        return LIMIT", RAISING)})
    said = project.daemon("shop")
    project.replace("shop/middle.py", "def through() -> int:", "def through( -> int:")
    assert "[syntax]" in "".join(project.daemon("shop"))
    project.replace("shop/middle.py", "def through( -> int:", "def through() -> int:")
    assert project.daemon("shop") == said == project.cold("shop")
    project.replace("shop/base.py", "def make() -> Worker:", "def make() -> Wrker:")
    assert "[name-defined]" in "".join(project.daemon("shop"))
    project.replace("shop/base.py", "def make() -> Wrker:", "def make() -> Worker:")
    assert project.daemon("shop") == said


def test_a_damaged_store_costs_nothing_but_time(project: CheckedProject) -> None:
    project.write({**SHOP, "shop/base.py": BASE.replace("        return LIMIT", RAISING)})
    cold = project.mypy("shop")
    (kept,) = project.root.glob(".mypy_cache/*/nimnet_effects.records")
    assert all(f" shop.{name} " in kept.read_text() for name in ("base", "caller", "middle"))
    for damaged in (kept.read_bytes()[:-1], b"{", None):
        kept.unlink() if damaged is None else kept.write_bytes(damaged)
        assert project.mypy("shop") == cold
        assert project.rechecked("shop") == set()


def test_the_text_of_the_command_line_is_looked_into(project: CheckedProject) -> None:
    text = "import nimnet\n\n@nimnet.raises()\ndef f() -> None:\n    raise ValueError"
    for _ in range(2):
        done = project.python("-m", "mypy", "-c", text)
        assert "<string>:5: error:" in done.stdout, done
        assert done.stdout.count("[raises]") == 1


def test_nothing_is_kept_without_a_cache(project: CheckedProject) -> None:
    project.write(SHOP)
    assert project.cold("shop") == []
    assert not (project.root / ".mypy_cache").exists()
    assert not list(project.root.rglob("nimnet_effects*"))


def test_parallel_workers_are_told_about(project: CheckedProject) -> None:
    project.write({**SHOP, "shop/base.py": BASE.replace("        return LIMIT", RAISING)})
    done = project.python("-m", "mypy", "--num-workers=2", "shop")
    assert done.returncode == 0
    assert done.stderr.count("what functions raise is not checked with parallel workers (2)") == 1
    # What such a run leaves in the cache is not taken for checked.
    assert lines(project.mypy("shop")) == ["shop/caller.py:8 ValueError"]


BROKEN = """\
from nimnet_effects{package} import {module}
from nimnet_effects.mypy import plugin as plugin


def broken(*_: object) -> None:
    raise LookupError("lost")


{module}.{name} = broken
"""
UNCHECKED = "what functions raise is not checked in this module"
UNKNOWN = "what the functions of this module raise is not known"
AGAIN = "this module is checked again in the next run"


def break_plugin(project: CheckedProject, module: str, name: str) -> None:
    """Have the project use the plugin with a fault in it."""
    text = (project.root / "pyproject.toml").read_text()
    project.write(
        {
            "broken.py": BROKEN.format(package="", module=module, name=name),
            "pyproject.toml": text.replace("nimnet_effects.mypy", "./broken.py"),
        }
    )


@pytest.mark.parametrize(
    ("module", "name", "path", "consequence"),
    [
        ("analysis", "analyse", "shop/base.py:1", UNCHECKED),
        ("checkpoint", "defer", "shop/base.py", UNCHECKED),
        ("checkpoint", "hide", "shop/base.py:1", AGAIN),
    ],
)
def test_a_failure_of_its_own_is_a_note_with_its_place(
    project: CheckedProject, module: str, name: str, path: str, consequence: str
) -> None:
    project.write(SHOP)
    break_plugin(project, module, name)
    # It is tried again as long as it fails.
    for _ in range(2):
        said = project.mypy("shop/base.py")
        assert [line for line in said if line.startswith("shop/base.py")] == [
            f"{path}: note: nimnet_effects failed in broken.py:6 (LookupError: lost): {consequence}"
        ]


def test_a_failure_while_the_cache_is_asked_is_said(project: CheckedProject) -> None:
    project.write({**SHOP, "shop/base.py": BASE.replace("        return LIMIT", RAISING)})
    before = project.mypy("shop")
    text = (project.root / "pyproject.toml").read_text()
    # As if the plugin had broken since: mypy's cache knows a plugin by its first module alone.
    switch = BROKEN.format(package=".session", module="session", name="Session.token")
    loaded = switch.replace("session.Session", "if Path('broken').exists(): session.Session")
    project.write(
        {
            "switched.py": f"from pathlib import Path\n{loaded}",
            "pyproject.toml": text.replace("nimnet_effects.mypy", "./switched.py"),
        }
    )
    assert project.mypy("shop") == before
    project.write({"broken": ""})
    said = project.mypy("shop")
    assert [line for line in said if "LookupError" not in line] == before
    notes = [line for line in said if line.startswith("shop/base.py: note: nimnet_effects failed")]
    assert len(notes) == 1
    assert notes[0].endswith(AGAIN)


@pytest.mark.parametrize(
    ("module", "name"),
    [("stripped", "restore"), ("analysis", "analyse"), ("stripped", "is_stripped")],
)
def test_a_failure_in_a_module_whose_errors_nobody_sees_is_said(
    project: CheckedProject, module: str, name: str
) -> None:
    project.write(SHOP)
    break_plugin(project, module, name)
    silent = ("--follow-imports=silent", "shop/caller.py")
    for _ in range(2):
        said = [line for line in project.mypy(*silent) if line.startswith("shop/base.py")]
        assert len(said) == 1
        assert said[0].endswith(f"(LookupError: lost): {UNKNOWN}")


def test_the_daemon_says_what_failed_where_it_is_seen(project: CheckedProject) -> None:
    project.write(SHOP)
    break_plugin(project, "stripped", "restore")
    text = (project.root / "pyproject.toml").read_text()
    ignored = '[[tool.mypy.overrides]]\nmodule = ["shop.base"]\nignore_errors = true\n'
    project.write({"pyproject.toml": text + ignored})
    for _ in range(2):
        (note,) = (line for line in project.daemon("shop") if "(LookupError: lost)" in line)
        assert re.match(r"shop/\w+\.py:1: note: ", note)
        assert note.endswith(f"{UNKNOWN} (shop/base.py)")
