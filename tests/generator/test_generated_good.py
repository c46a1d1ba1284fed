"""A specification of something else entirely: generated, formatted, type-checked, imported, tested.

What holds for it holds because the generator is general, not because it knows one API. Its names
are long on purpose, so that the layout has to break lines as the formatter would.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nimnet_gen.cli import main
from nimnet_gen.testing.typed_calls import expectations, faults, run_mypy

ROOT = Path(__file__).parents[2]
LIGHTS = Path(__file__).parent / "good" / "lights"
ACTED = LIGHTS.with_name("acted")
"""A module with scenarios more, apart from what tests change in the others."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, generated into a folder of its own, under this repository's configuration."""
    folder = tmp_path_factory.mktemp("lights")
    shutil.copytree(LIGHTS, folder, dirs_exist_ok=True)
    shutil.copytree(ACTED, folder / "spec", dirs_exist_ok=True)
    own = (LIGHTS / "pyproject.toml").read_text(encoding="utf-8")
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = settings.replace("nimnet_runtime.overloads", "lamp_runtime.overloads")
    settings = re.sub(r"\[tool\.nimnet-gen\]\n(?:.+\n)*", own, settings)
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    assert main(["--root", str(folder), "generate"]) == 0
    return folder


def run(project: Path, *command: str) -> str:
    """Run a tool in the project; it must succeed."""
    paths = [project / "runtime", project / "generated", ROOT / "tests"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    ran = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_nothing_is_left_to_format(project: Path) -> None:
    run(project, "-m", "ruff", "format", "--check", "generated")


def test_nothing_is_left_to_lint(project: Path) -> None:
    run(project, "-m", "ruff", "check", "generated")


def test_its_own_tests_pass(project: Path) -> None:
    output = run(
        project,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "-p", "harness.plugin"),
        "generated/conformance",
    )
    assert " passed" in output
    assert "skipped" not in output


def test_types_are_as_promised(project: Path, tmp_path: Path) -> None:
    conformance = project / "generated" / "conformance"
    assert all(list(expectations(path)) for path in conformance.glob("typing_rejected_*.py"))
    assert faults(conformance, project / "pyproject.toml", tmp_path) == []
    package = sorted((project / "generated" / "lamps").glob("*.py"))
    assert run_mypy(package, project / "pyproject.toml", tmp_path) == []


CALLS = """
import lamps
from lamps import Code, CodeKind, Effect, Percent, Serial, Warmth

lamp = lamps.new_lamp(Serial(7))
code, serial = lamp.lamp_of()
assert (code.short_code, type(serial), serial) == (b"\\1\\2\\3", Serial, 7)
changed, before = lamp.adjust_brightness_and_color_temperature_of_the_lamp(Percent(5))
assert changed and type(before) is Percent and before == 100

assert len(lamp) == 2 and (lamp.blink("on"), lamp.blink(memoryview(b"on"))) == (2, 3)

labelled = lamps.new_lamp("over the table", brightness=Percent(3))
assert labelled.label == "over the table"
labelled.on_change(lambda note: note.upper().encode())
labelled.label = "new"
assert labelled.label == "newNEW"
assert lamps.new_lamp().label == lamps.new_lamp(label=lamps.DEFAULT_LABEL).label == 'say "lamp"'

assert lamp.blend(b"abc") == lamp.blend(data=memoryview(b"abc")) == 3
assert lamp.blend(memoryview(b"abc"), 2, lamps.parse_code("0a0b0c")) is None
assert lamp.label == "ab0a0b0c"
lamp.blend(code=code, data=memoryview(b"xyz"), size=1)
assert lamp.label == "x010203"
for wrong in ((), (memoryview(b"a"), 1), (1, 2, 3, 4)):
    try:
        lamp.blend(*wrong)
    except TypeError:
        pass
    else:
        raise AssertionError(wrong)
try:
    lamps.new_lamp("")
except lamps.LampError:
    pass

assert lamp.code == Code(CodeKind.SHORT, short_code=b"\\1\\2\\3") == lamps.parse_code("010203")
assert str(lamp.code) == "010203" and repr(lamp.code) == "<Code 010203>"
assert len({lamp.code, lamps.parse_code("010203")}) == 1 and lamp.code != "010203"
assert lamps.count_lamps() == 12 and Warmth.COLD_WHITE is lamps.COLD_WHITE
assert list(lamp.all_labels([])) == ["x010203"]
assert (Effect.FLICKER | Effect.BLINK).value == 5

import typing
assert typing.get_type_hints(lamps.Meter.__iand__)["return"] is typing.Self
assert typing.get_type_hints(lamps.Code._from_packed)["return"] is typing.Self
assert typing.get_type_hints(lamps.Lamp.__init__)["core"].__name__ == "Fitting"
assert typing.get_type_hints(lamps.plug)["address"].__name__ == "IPv4Address"
assert typing.get_type_hints(lamps.plug)["decoder"].__name__ == "JSONDecoder"

meter, mark = lamps.new_meter(12), lamps.new_mark("a")
for wrong in (lambda: meter + "x", lambda: meter - 1, lambda: meter < 3, lambda: mark < meter,
              lambda: mark & "x", lambda: hash(mark)):
    try:
        wrong()
    except TypeError:
        pass
    else:
        raise AssertionError(wrong)
assert meter != 12 and mark != "a" and len({meter, lamps.new_meter(12)}) == 1
same = meter
same &= 1
same &= lamps.new_mark("ab")
assert same is meter and [*meter] == [1, 5]
"""


def test_calls_reach_the_runtime(project: Path) -> None:
    run(project, "-c", CALLS)


def test_output_depends_on_nothing_but_the_specification(project: Path, tmp_path: Path) -> None:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    shutil.copytree(ACTED, tmp_path / "spec", dirs_exist_ok=True)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "generator"),
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
    }
    subprocess.run(
        [sys.executable, "-m", "nimnet_gen", "generate"],
        cwd=tmp_path / "runtime" / "lamp_runtime",
        env=environment,
        check=True,
        capture_output=True,
    )
    ours, theirs = tmp_path / "generated", project / "generated"
    files = sorted(path.relative_to(ours) for path in ours.rglob("*") if path.is_file())
    assert len(files) > 10
    for file in files:
        assert (ours / file).read_bytes() == (theirs / file).read_bytes(), file


def test_the_reference_shows_why_a_constant_is_another(project: Path) -> None:
    page = (project / "generated" / "reference" / "sockets.md").read_text(encoding="utf-8")
    assert "Its value is `230`." in page
    assert "- `value: 230`: The manual is an old one." in page
