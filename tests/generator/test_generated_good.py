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
PARCELS = LIGHTS.with_name("parcels")
"""Every kind of type that a specification can speak of."""


def generated(folder: Path, runtime: str, *parts: tuple[Path, str]) -> Path:
    """Generate a project that is put together of folders, under this repository's configuration."""
    for part, place in parts:
        shutil.copytree(part, folder / place, dirs_exist_ok=True)
    own = (folder / "pyproject.toml").read_text(encoding="utf-8")
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    # Of the lamps and the parcels the runtime's name is that of one.
    settings = settings.replace(
        "nimnet._overloads", f"{runtime.removesuffix('_runtime')}s._overloads"
    )
    settings = re.sub(r"\[tool\.nimnet-gen\]\n(?:.+\n)*", own, settings)
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    assert main(["--root", str(folder), "generate"]) == 0
    return folder


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lamps, generated into a folder of their own."""
    folder = tmp_path_factory.mktemp("lights")
    return generated(folder, "lamp_runtime", (LIGHTS, "."), (ACTED, "spec"))


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parcels, generated into a folder of their own."""
    return generated(tmp_path_factory.mktemp("parcels"), "parcel_runtime", (PARCELS, "."))


@pytest.fixture(scope="module", params=["lamps", "parcels"])
def project(request: pytest.FixtureRequest) -> Path:
    """Each of the projects."""
    folder = request.getfixturevalue(request.param)
    assert isinstance(folder, Path)
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


TOLD = """
import importlib, inspect, sys

package = importlib.import_module(sys.argv[1])
effects = importlib.import_module(f"{sys.argv[1]}.effects")
for name, forms in effects.table().items():
    assert forms, name
    for form in forms:
        assert all(issubclass(raised, Exception) for raised in form.exceptions), name
        assert all(one.parameter in form.signature.parameters for one in form.given), name
public = [f for m in vars(package).values() if inspect.ismodule(m) for f in vars(m).values()]
print(len([effects.of(one) for one in public if inspect.isfunction(one) and one in
           [getattr(package, name, None) for name in package.__all__]]) > 0)
"""


def test_its_contracts_can_be_read(project: Path) -> None:
    (package,) = (path.parent.name for path in project.glob("generated/*/effects.toml"))
    assert run(project, "-c", TOLD, package) == "True\n"


def test_types_are_as_promised(project: Path, tmp_path: Path) -> None:
    conformance = project / "generated" / "conformance"
    assert all(list(expectations(path)) for path in conformance.glob("typing_rejected_*.py"))
    assert faults(conformance, project / "pyproject.toml", tmp_path) == []
    package = [path for path in (project / "generated").rglob("*.py") if path.parent != conformance]
    assert len(package) > 2
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
assert typing.get_type_hints(lamps.Lamp._from_core)["core"].__name__ == "Fitting"
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


def test_calls_reach_the_runtime(lamps: Path) -> None:
    run(lamps, "-c", CALLS)


VALUES = """
import inspect
import re
import typing
from fractions import Fraction
from parcels import *
from parcels import counter, goods

small = Size(1, 2.5, Drawer(3))
assert (small.area(), small, small.drawer) == (2.5, (1, 2.5, 3), Drawer(3))
plain = Parcel(Label("a"), size=small)
assert plain == Parcel(Label("a"), 1.5, size=small) != Parcel(Label("b"), size=small)
assert len({plain, Parcel(Label("a"), size=small)}) == 1 and str(plain) == "parcel a"
assert (plain.contents, plain.stops, plain.care) == ((), (1, 2), Care(0))
assert (type(plain.seal), plain.seal, plain.speed) == (Seal, b"ok", FAST)
try:
    plain.weight = 2.0
except AttributeError:
    pass
else:
    raise AssertionError("a record has changed")

rich = Parcel(
    Label("b"), 2.0, size=small, care=Care.DRY | Care.UPRIGHT, speed=SLOW, contents=("tea",),
    stops=(Drawer(7),), insured=5, spare=Size(9, 9, Drawer(9)), seal=Seal(b"wax"),
)
found = find((plain, rich), Label("b"))
assert found == rich and found is not rich
assert [type(part) for part in (found.label, found.seal, found.stops[0], found.spare)] == [
    Label, Seal, Drawer, Size
]
assert found.care is Care.DRY | Care.UPRIGHT and found.speed is SLOW
assert find([]) is None and find([plain]) == plain
made = new_parcel()
assert (made.label, made.contents, made.stops) == ("none", (), (1, 2))
assert type(made.stops) is tuple and type(made.measured()) is Size

assert joined() == "" and joined("a", "b") == "a,b" and joined("a", "b", separator=";") == "a;b"
assert weigh_all() is None and weigh_all(small, small) == 6
ordered = sorted([Label("b"), Label("a")])
assert ordered == ["a", "b"] and {type(label) for label in ordered} == {Label}
assert repr(ordered) == "[Label('a'), Label('b')]" and f"{ordered[0]}" == "a"
counts = [1]
assert fill(counts) == (b"\\x01/", [("shelf", 1), ("shelf", 2)]) and counts == [1, 2]
assert fill(counts, b"abc")[1][2] == ("shelf", 3)
assert price(Fraction(1, 2), cares=[Care.DRY, Care.UPRIGHT]) == (1.25, Drawer(3))
assert POSTAGE == 2.0 and type(POSTAGE) is float and TARIFF == 0.5

pairs = queued([plain, rich])
assert pairs == [("a", "b", Drawer(3))] and [type(part) for part in pairs[0]] == [
    Label, Label, Drawer
]
assert legs(["a", "b", "c"]) == [("a", "b"), ("b", "c")] and legs(places=()) == []

first, second = receipts([1, 20])
assert first.number == 1
assert plain.register(stripes=b"|||").number == 3
assert plain.register(second, stripes=bytearray(2)).number == 22
assert plain.register(ask=lambda label: label == "a", stripes=b"").number == 100
assert plain.register(second, None, b"||").number == 22
found = counter.seek(b"abc", [re.compile(b"(c)|d")], lambda: b"b")
assert (found.index, found.match[1], found.before) == (0, b"c", b"ab")
assert counter.seek(b"abc", [b"c"], b"a") is None
assert plain.register(second, None, stripes=b"||").number == 22
try:
    plain.register(stripes=b"", deadline=0)
except goods.TimeoutError as error:
    assert str(error) == "a came too late"
else:
    raise AssertionError("it was in time")
for hinted in (price, find, fill, Parcel._from_packed, Size._from_packed, Parcel.register):
    assert typing.get_type_hints(hinted).keys() == hinted.__annotations__.keys()
assert typing.get_type_hints(price)["share"] is Fraction
assert "Follows `price` of Nim's `strutils` (statements: " in inspect.getdoc(counter.price)
"""


def test_every_kind_of_value_crosses(parcels: Path) -> None:
    run(parcels, "-c", VALUES)


def test_nim_gets_the_same_values(parcels: Path) -> None:
    text = (parcels / "generated" / "oracle" / "counter_scenarios.nim").read_text(encoding="utf-8")
    for written in (
        "total(weights = @[1.0, 2.5])",
        "total(weights = newSeq[float](), tare = 0.0)",
        'sorted(labels = @[Label("b"), Label("a")])',
        'joined(separator = \'-\', parts = @["a", "b"], ending = "!")',
        "(width: 2.0, height: 2.5, drawer: Drawer(4))",
        "gave result1, none(Grams)",
        "gave result2, some(Grams(7))",
        'label = some(Label("b"))',
        'insured: some(int64(5)), seal: Seal("\\x00\\xFF"))',
        "gave result2, none(Parcel)",
        "var result1: seq[tuple[start: string, arrival: string]]",
        'result1 = toSeq(legs(places = @["a", "b", "c"]))',
    ):
        assert written in text, written


def test_output_depends_on_nothing_but_the_specification(lamps: Path, tmp_path: Path) -> None:
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
    ours, theirs = tmp_path / "generated", lamps / "generated"
    files = sorted(path.relative_to(ours) for path in ours.rglob("*") if path.is_file())
    assert len(files) > 10
    for file in files:
        assert (ours / file).read_bytes() == (theirs / file).read_bytes(), file


def test_the_reference_shows_why_a_constant_is_another(lamps: Path) -> None:
    page = (lamps / "generated" / "reference" / "sockets.md").read_text(encoding="utf-8")
    assert "Its value is `230`." in page
    assert "- `value: 230`: The manual is an old one." in page


def test_operators_are_written_as_each_language_writes_them(lamps: Path) -> None:
    python = (lamps / "generated/conformance/test_meters_scenarios.py").read_text("utf-8")
    nim = (lamps / "generated/oracle/meters_scenarios.nim").read_text("utf-8")
    for written, original in (
        ("assert meter != other", "result4 = meter == other"),
        ("assert not meter < other", "result5 = meter < other"),
        ("both = meter + other", "result8 = meter + other"),
        ("back = -meter", "result10 = -(meter)"),
        ("assert meter / other == 4", "result14 = meter / other"),
        ("assert meter // 5 == 2", "result16 = meter div 5"),
        ("assert meter % 5 == 2", "result17 = meter mod 5"),
        ("meter &= 3", "meter &= 3"),
        ("assert meter[1] == 5", "result19 = meter[1]"),
        ("meter[0] = 7", "meter[0] = 7"),
        ("assert 1 not in meter", "result23 = meter.contains(value = 1)"),
        ("assert len(both) == 2", 'then "len", both.len, 2'),
        ("assert dot & dash ==", "result28 = dot & dash"),
    ):
        assert f"    {written}" in python
        assert f"  {original}\n" in nim
