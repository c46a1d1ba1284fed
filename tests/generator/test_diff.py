"""What a change of the specification means to users."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.configuration import configure
from nimnet_gen.cli import main

LIGHTS = Path(__file__).parent / "good" / "lights"
PARSE = 'params: [{name: text, type: string, as: text, doc: "Hexadecimal digits."}]'
SETTER = """\
  - name: label=
    params: [{name: lamp, type: Lamp}, {name: text, type: string, as: text}]
    raises: [LampError]
    errors: {LampError: the text is empty}
    doc: Changes the label.
    runtime: set_label
"""
CODE_SETTER = """\
  - name: code=
    extension: true
    params: [{name: lamp, type: Lamp}, {name: code, type: Code}]
    raises: []
    doc: Changes the code.
    runtime: set_label
"""
MORE = """

def total_lamps(most: int) -> int: ...


class Lantern(Fitting): ...
"""

RUNTIME = {
    "name: least": (
        "workshop",
        "count_lamps(most=12, least=0)",
        "count_lamps(least=0, most=12)",
    ),
    "python_bases": ("faults", "(builtins.TimeoutError)", "(builtins.OSError)"),
    "{name: code, type: Code}\n      - {name: size": (
        "workshop",
        "(self, data, size, code)",
        "(self, data, code, size)",
    ),
}
"""What the runtime has to follow with, by a part of the new text of the specification."""

CHANGES = [
    pytest.param(
        "shades", "{name: MaxLamps, value: 12,", "{name: MaxLamps, value: 13,",
        ["breaking", "value of MAX_LAMPS changed from 12 to 13"], id="value",
    ),
    pytest.param(
        "fittings", 'default: "-1"', 'default: "500"',
        ["breaking", "default of Lamp.adjust_brightness_and_color_temperature_of_the_lamp(timeout)"
         " changed from -1 to 500"], id="default",
    ),
    pytest.param(
        "fittings", "    raises: []\n    doc: Blends in a pattern.",
        "    raises: [LampError]\n    errors: {LampError: broken}\n    doc: Blends in a pattern.",
        ["breaking", "Lamp.blend(data) can now raise LampError"], id="exception gained",
    ),
    pytest.param(
        "shades", "    raises: [ValueError]\n    errors: {ValueError: the text is no code}\n",
        "    raises: []\n",
        ["addition", "parse_code(text) no longer raises ValueError"], id="exception lost",
    ),
    pytest.param(
        "shades", PARSE, PARSE.replace("name: text", "name: digits"),
        ["breaking", "parameter text of parse_code is now called digits"], id="parameter renamed",
    ),
    pytest.param(
        "shades", PARSE, PARSE[:-1] + ", {name: base, type: int}]",
        ["breaking", "parse_code needs a new parameter base"], id="parameter required",
    ),
    pytest.param(
        "shades", PARSE, PARSE[:-1] + ', {name: base, default: "16"}]',
        ["addition", "parse_code takes a new parameter base = 16"], id="parameter with default",
    ),
    pytest.param(
        "fittings", "[{name: most, default: MaxLamps}]",
        '[{name: least, default: "0"}, {name: most, default: MaxLamps}]',
        ["breaking", "count_lamps takes a new parameter least before most"],
        id="parameter with default before another",
    ),
    pytest.param(
        "package", "name: lamps\n", "name: lights\n",
        ["breaking", "the package lamps is now called lights"], id="package",
    ),
    pytest.param(
        "shades", PARSE, PARSE.replace("as: text", "as: data"),
        ["breaking", "type of parse_code(text) changed from str to bytes | bytearray | memoryview"],
        id="type",
    ),
    pytest.param(
        "shades", "returns: {type: string, as: text}\n    raises: []\n    doc: Writes a code.",
        "returns: {type: string, as: text}\n    raises: []\n    doc: Writes codes.",
        ["wording", "the documentation of Code.__str__() is worded anew"], id="wording",
    ),
    pytest.param(
        "shades", "says: It reads a code.", "says: It reads every code.",
        ["wording", "statement parse_code.reads of parse_code(text) is worded anew"],
        id="statement worded anew",
    ),
    pytest.param(
        "shades", "parse_code.reads,", "parse_code.parses,",
        ["breaking", "parse_code(text) no longer promises parse_code.reads",
         "addition", "parse_code(text) promises parse_code.parses"], id="statement replaced",
    ),
    pytest.param(
        "shades", "members: [Flicker, FadeSlowlyOverALongTime, Blink]",
        "members: [Flicker, FadeSlowlyOverALongTime, Blink, Shine]",
        ["addition", "member Effect.SHINE is new"], id="member",
    ),
    pytest.param(
        "shades", "  - name: Warmth\n    kind: enum\n",
        "  - name: Warmth\n    kind: enum\n    numbers: [size]\n",
        ["addition", "parameters size take members of Warmth"], id="numbers gained",
    ),
    pytest.param(
        "fittings", "    raises: []\n    doc: Blends in a pattern.",
        "    raises: []\n    tags: [TimeEffect]\n    doc: Blends in a pattern.",
        ["wording", "effects of Lamp.blend(data) changed from none to TimeEffect"], id="effects",
    ),
    pytest.param(
        "shades", "range: [0, 100]", "range: [1, 100]",
        ["breaking", "range of Percent changed from 0 to 100 to 1 to 100"], id="range",
    ),
    pytest.param(
        "shades", "runtime: colors.parse_code", "runtime: colors.read_code",
        ["internal", "body of parse_code(text) moved from colors.parse_code to colors.read_code"],
        id="runtime",
    ),
    pytest.param(
        "fittings", "  - name: countLamps\n    params: [{name: most, default: MaxLamps}]",
        "  - name: totalLamps\n    params: [{name: most, default: MaxLamps}]",
        ["breaking", "count_lamps is gone", "addition", "total_lamps is new"], id="symbol",
    ),
    pytest.param(
        "shades", "python_bases: [builtins.TimeoutError]", "python_bases: [builtins.OSError]",
        ["breaking",
         "bases of TimeoutError changed from builtins.TimeoutError to builtins.OSError"],
        id="bases",
    ),
    pytest.param(
        "shades", "kind: distinct\n    base: int\n    doc: The number on the box.",
        "kind: enum\n    members: [Unboxed]\n    doc: The number on the box.",
        ["breaking", "Serial changed from distinct to enum"], id="kind of type",
    ),
    pytest.param(
        "shades", "params: [{name: note, type: string, as: text}]",
        "params: [{name: note, type: string, as: data}]",
        ["breaking", "OnChange changed from Callable[[str], bytes] to Callable[[bytes], bytes]"],
        id="callback",
    ),
    pytest.param(
        "shades", "array[0 .. 2, uint8]", "array[0 .. 3, uint8]",
        ["breaking", "field Code.short_code changed or is gone"], id="field",
    ),
    pytest.param(
        "fittings", "runtime: workshop.Fitting\n", "runtime: workshop.Lantern\n",
        ["internal", "runtime class of Lamp changed from workshop.Fitting to workshop.Lantern"],
        id="runtime class",
    ),
    pytest.param(
        "shades", "members: [Flicker, FadeSlowlyOverALongTime, Blink]",
        "members: [Flicker, Blink, FadeSlowlyOverALongTime]",
        ["breaking", "value of Effect.FADE_SLOWLY_OVER_A_LONG_TIME changed from 2 to 4",
         "value of Effect.BLINK changed from 4 to 2"], id="order of members",
    ),
    pytest.param(
        "sockets", "members: [Edison, Bayonet]", "set: true\n    members: [Edison, Bayonet]",
        ["breaking", "value of Base.EDISON changed from 0 to 1",
         "value of Base.BAYONET changed from 1 to 2", "Base is now a Flag"], id="flags",
    ),
    pytest.param(
        "shades", "kind: enum\n    pure: true\n    doc: Which kind of code it is.",
        "kind: enum\n    doc: Which kind of code it is.",
        ["addition", "members of CodeKind can now be imported by themselves"],
        id="members exported",
    ),
    pytest.param(
        "shades", "kind: enum\n    doc: How warm the light is.",
        "kind: enum\n    pure: true\n    doc: How warm the light is.",
        ["breaking", "members of Warmth can no longer be imported by themselves"],
        id="members no longer exported",
    ),
    pytest.param(
        "shades", '"Like a workshop."', '"Like a kitchen."',
        ["wording", "the documentation of Warmth.COLD_WHITE is worded anew"], id="member's wording",
    ),
    pytest.param(
        "shades", "{name: coldWhite,", "{name: coolWhite,",
        ["breaking", "member Warmth.COLD_WHITE is gone",
         "addition", "member Warmth.COOL_WHITE is new"],
        id="member gone",
    ),
    pytest.param(
        "shades", "{name: MaxLamps, value: 12,", "{name: MaxLamps, type: Serial, value: 12,",
        ["breaking", "value of MAX_LAMPS changed from 12 to Serial(12)",
         "type of MAX_LAMPS changed from int to Serial",
         "type of count_lamps(most) changed from int to Serial"], id="type of constant",
    ),
    pytest.param(
        "shades", "{name: DefaultLabel,",
        "{name: FirstLabel, value: a, doc: A.}\n  - {name: DefaultLabel,",
        ["addition", "constant FIRST_LABEL is new"], id="constant added",
    ),
    pytest.param(
        "fittings", "  - name: onChange\n", CODE_SETTER + "  - name: onChange\n",
        ["addition", "Lamp.code can now be set"], id="setter new",
    ),
    pytest.param(
        "fittings",
        "  - name: blend\n"
        "    params: [{name: lamp, type: Lamp}, {name: data, type: string, as: data}]\n"
        "    returns: int\n    raises: []\n    doc: Blends in a pattern.\n", "",
        ["breaking", "Lamp.blend(data) is gone"], id="overload gone",
    ),
    pytest.param(
        "fittings", "  - name: label\n",
        "  - name: lampOf\n    params: [{name: lamp, type: Lamp}, {name: depth, type: int}]\n"
        "    extension: true\n    runtime: blend\n    raises: []\n    doc: Takes it apart deeply.\n"
        "  - name: label\n",
        ["addition", "Lamp.lamp_of(depth) is new"], id="overload new",
    ),
    pytest.param(
        "fittings", SETTER, "",
        ["breaking", "Lamp.label changed from property to method",
         "Lamp.label can no longer be set"],
        id="setter gone",
    ),
    pytest.param(
        "fittings", "errors: {LampError: the text is empty}", "errors: {LampError: it is empty}",
        ["wording", "when Lamp.label(text) raises LampError is worded anew"],
        id="wording of setter",
    ),
    pytest.param(
        "fittings", "    returns: int\n    raises: []\n    doc: Blends in a pattern.",
        "    returns: bool\n    raises: []\n    doc: Blends in a pattern.",
        ["breaking", "result of Lamp.blend changed from int to bool"], id="result",
    ),
    pytest.param(
        "fittings", "params: [{name: most, default: MaxLamps}]", "params: []",
        ["breaking", "parameter most of count_lamps is gone"], id="parameter gone",
    ),
    pytest.param(
        "fittings", "params: [{name: most, default: MaxLamps}]",
        "params: [{name: most, type: int}]",
        ["breaking", "count_lamps(most) has no default any more; it was MAX_LAMPS"],
        id="default gone",
    ),
    pytest.param(
        "shades", PARSE, PARSE[:-2] + ", default: '\"0\"'}]",
        ["addition", 'parse_code(text) has a default now: "0"'], id="default gained",
    ),
    pytest.param(
        "fittings", "{name: most, default: MaxLamps}",
        "{name: most, default: MaxLamps, extension: true}",
        ["breaking", "count_lamps(most) can only be given by name now",
         "wording", "count_lamps(most) is marked: extension; it was: documented"],
        id="by name only",
    ),
    pytest.param(
        "fittings", ", default: \"-1\", extension: true, doc", ", default: \"-1\", doc",
        ["addition", "Lamp.adjust_brightness_and_color_temperature_of_the_lamp(timeout)"
         " can be given by position now", "wording",
         "Lamp.adjust_brightness_and_color_temperature_of_the_lamp(timeout)"
         " is marked: documented; it was: extension"], id="by position too",
    ),
    pytest.param(
        "fittings", "  - name: lampOf\n", "  - name: lampOf\n    since: Manual 2\n",
        ["wording", "Lamp.lamp_of() is marked: since Manual 2; it was: documented"], id="mark",
    ),
    pytest.param(
        "fittings", ", default: \"-1\", extension: true, doc",
        ", default: \"-1\", since: Manual 2, doc",
        ["addition", "Lamp.adjust_brightness_and_color_temperature_of_the_lamp(timeout)"
         " can be given by position now", "wording",
         "Lamp.adjust_brightness_and_color_temperature_of_the_lamp(timeout) is marked: "
         "since Manual 2; it was: extension"], id="mark of a parameter",
    ),
    pytest.param(
        "fittings", "      - {name: size, type: int}\n      - {name: code, type: Code}\n",
        "      - {name: code, type: Code}\n      - {name: size, type: int}\n",
        ["breaking", "parameters of Lamp.blend changed their order"], id="order",
    ),
]  # fmt: skip


def commit(project: Path) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["add", "."], [*identity, "commit", "-qm", "next"]):
        subprocess.run(["git", *command], cwd=project, check=True, capture_output=True)


def without_types(source: str) -> str:
    """Return a module whose functions say nothing of what they take and give."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    return ast.unparse(tree) + "\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose specification is committed."""
    shutil.copytree(LIGHTS / "spec", tmp_path / "spec" / "net")
    configure(tmp_path, spec="spec/net")
    shutil.copytree(LIGHTS / "runtime", tmp_path / "runtime")
    colors = tmp_path / "runtime/lamp_runtime/colors.py"
    colors.write_text(
        colors.read_text() + "\n\ndef read_code(text: str) -> bytes:\n    return parse_code(text)\n"
    )
    workshop = tmp_path / "runtime/lamp_runtime/workshop.py"
    text = workshop.read_text().replace(
        "count_lamps(most: int)", "count_lamps(most: int = 12, least: int = 0)"
    )
    workshop.write_text(text + MORE)
    colors.write_text(colors.read_text().replace("(text: str)", "(text: str, base: int = 16)"))
    for file in (colors, workshop):
        # The specification alone changes in these tests, so the runtime states no types.
        file.write_text(without_types(file.read_text()))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True, capture_output=True)
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("file", "old", "new", "expected"), CHANGES)
def test_change(
    project: Path,
    file: str,
    old: str,
    new: str,
    expected: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    edit(project, file, old, new)
    for part, (module, before, after) in RUNTIME.items():
        if part in new:
            path = project / f"runtime/lamp_runtime/{module}.py"
            text = path.read_text(encoding="utf-8")
            assert before in text
            path.write_text(text.replace(before, after), encoding="utf-8")
    assert main(["diff", "HEAD"]) == 0
    lines = capsys.readouterr().out.splitlines()
    # A heading is "breaking: ...", a change is indented, what it adds is indented further.
    found = [line.strip() if line.startswith(" ") else line.partition(":")[0] for line in lines]
    added = [line.strip() for line in lines if line.startswith("   ")]
    assert [line for line in found if line and line not in added] == expected


def reported(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The changes since HEAD, without their headings."""
    assert main(["diff", "HEAD"]) == 0
    lines = capsys.readouterr().out.splitlines()
    return [line.strip() for line in lines if line[:1] == " " and line[:3] != "   "]


def edit(project: Path, file: str, old: str, new: str) -> None:
    path = project / f"spec/net/{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_property_without_its_setter(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project, "fittings", "  - name: onChange\n", CODE_SETTER + "  - name: onChange\n")
    commit(project)
    edit(project, "fittings", CODE_SETTER, "")
    assert reported(capsys) == ["Lamp.code can no longer be set"]


def test_numbers_lost(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    enum = "  - name: Warmth\n    kind: enum\n"
    edit(project, "shades", enum, f"{enum}    numbers: [size]\n")
    commit(project)
    edit(project, "shades", "    numbers: [size]\n", "")
    assert reported(capsys) == ["parameters size refuse members of Warmth"]


def test_numbers_of_a_parameter_that_goes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enum = "  - name: Warmth\n    kind: enum\n"
    edit(project, "shades", enum, f"{enum}    numbers: [timeout]\n")
    commit(project)
    edit(project, "shades", "numbers: [timeout]", "numbers: [size]")
    edit(project, "fittings", "{name: timeout, type: int", "{name: until, type: int")
    assert [text for text in reported(capsys) if "members" in text] == [
        "parameters size take members of Warmth"
    ]


def test_a_constant_that_moves(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = '  - {name: MaxLamps, value: 12, doc: "How many lamps there may be."}\n'
    edit(project, "shades", entry, "")
    edit(project, "fittings", "procs:\n", f"consts:\n{entry}procs:\n")
    assert reported(capsys) == ["MAX_LAMPS moved from lamps.shades to lamps.fittings"]


def test_a_constant_that_goes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(
        project,
        "shades",
        '  - {name: MaxLamps, value: 12, doc: "How many lamps there may be."}\n',
        "",
    )
    edit(project, "fittings", "default: MaxLamps", 'default: "12"')
    assert reported(capsys) == [
        "constant MAX_LAMPS is gone",
        "default of count_lamps(most) changed from MAX_LAMPS to 12",
    ]


def test_a_module_that_comes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project, "package", "[shades, fittings, sockets]", "[shades, fittings, sockets, poles]")
    text = "name: poles\ndoc: Where lamps stand.\nconsts: [{name: Most, value: 4, doc: Most.}]\n"
    (project / "spec/net/poles.yaml").write_text(text)
    assert reported(capsys) == ["constant MOST is new"]


def test_no_change(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.exists()
    assert main(["diff", "HEAD"]) == 0
    assert capsys.readouterr().out == "nothing has changed for users since HEAD\n"


def test_evidence_in_a_file_of_its_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stated = "    statements:\n      - {id: parse_code.reads, says: It reads a code., "
    reason = "untested: The fixture has no scenarios.}\n"
    edit(project, "shades", stated + reason, "")
    (project / "spec/net/evidence").mkdir()
    (project / "spec/net/evidence/shades.yaml").write_text(
        f"of: shades\nentries:\n  - of: parseCode\n{stated}{reason}"
    )
    assert reported(capsys) == []
    commit(project)
    edit(project, "evidence/shades", "It reads a code.", "It reads every code.")
    assert reported(capsys) == ["statement parse_code.reads of parse_code(text) is worded anew"]


def test_unknown_revision(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for revision in ("nowhere", "--all", "HEAD~5"):
        assert main(["diff", "--", revision]) == 2
        error = capsys.readouterr().err
        assert f"git knows no revision '{revision}' in {project}" in error


def test_a_revision_without_the_spec(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.move(project / "spec/net", project / "elsewhere")
    (project / "pyproject.toml").unlink()
    commit(project)
    shutil.move(project / "elsewhere", project / "spec/net")
    configure(project, spec="spec/net")
    assert main(["diff", "HEAD"]) == 2
    assert "there is no spec/net at HEAD" in capsys.readouterr().err


def test_a_revision_with_a_bad_spec(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "spec/net/shades.yaml"
    good = path.read_text()
    path.write_text("name: [")
    commit(project)
    path.write_text(good)
    assert main(["diff", "HEAD"]) == 2
    error = capsys.readouterr().err
    assert re.search(r"at HEAD has a fault: spec/net/shades.yaml:1:\d+: SPEC006 ", error)


def test_a_revision_is_checked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project, "shades", "range: [0, 100]", "range: [100, 0]")
    commit(project)
    edit(project, "shades", "range: [100, 0]", "range: [0, 100]")
    assert main(["diff", "HEAD"]) == 2
    error = capsys.readouterr().err
    first = r"spec/net/fittings.yaml:\d+:\d+: SPEC051 the default Percent\(100\) is no Percent"
    assert re.search(rf"at HEAD has 3 faults; the first is {first}", error)


def test_what_scenarios_say_at_a_revision_does_not_matter(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project, "shades", ", untested: The fixture has no scenarios.", "")
    commit(project)
    edit(
        project,
        "shades",
        "says: It reads a code.",
        "says: It reads a code., untested: It has none.",
    )
    assert reported(capsys) == []


def test_two_revisions(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project, "shades", "{name: MaxLamps, value: 12,", "{name: MaxLamps, value: 13,")
    commit(project)
    edit(project, "shades", "{name: MaxLamps, value: 13,", "{name: MaxLamps, value: [")
    assert main(["diff", "HEAD~1", "HEAD"]) == 0
    assert "value of MAX_LAMPS changed from 12 to 13" in capsys.readouterr().out
    assert main(["diff", "HEAD", "HEAD~1"]) == 0
    assert "value of MAX_LAMPS changed from 13 to 12" in capsys.readouterr().out
    assert main(["diff", "HEAD", "HEAD"]) == 0
    assert capsys.readouterr().out == "nothing has changed for users between HEAD and HEAD\n"
    assert main(["diff", "HEAD", "nowhere"]) == 2
    assert "git knows no revision 'nowhere'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "failing"),
    [
        ("range: [0, 100]", "range: [1, 100]", ["breaking", "addition", "wording"]),
        ("Fade", "Shine, Fade", ["breaking", "addition", "wording"]),
        ("Blink]", "Blink, Shine]", ["addition", "wording"]),
        ("doc: Reads a code.", "doc: Reads codes.", ["wording"]),
        ("colors.parse_code", "colors.read_code", []),
        ("Reads a code.", "Reads a code.", []),
    ],
)
def test_the_gate(
    project: Path, old: str, new: str, failing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project, "shades", old, new)
    for gate in ("breaking", "addition", "wording"):
        assert main(["diff", "HEAD", "--fail-on", gate]) == (1 if gate in failing else 0)
    assert main(["diff", "HEAD"]) == 0
    assert capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["diff", "HEAD", "--fail-on", "internal"])


def test_the_document(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(project, "shades", "{name: MaxLamps, value: 12,", "{name: MostLamps, value: 12,")
    edit(project, "fittings", "default: MaxLamps", "default: MostLamps")
    edit(project, "fittings", "  - name: onChange\n", CODE_SETTER + "  - name: onChange\n")
    assert main(["diff", "--format", "json", "HEAD", "--fail-on", "breaking"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {key: value for key, value in document.items() if key != "changes"} == {
        "format": 1,
        "before": "HEAD",
        "now": None,
        "gravest": "breaking",
    }
    impacts = [change["impact"] for change in document["changes"]]
    assert impacts == ["breaking"] * 2 + ["addition"] * 2
    assert document["changes"][0] == {
        "impact": "breaking",
        "text": "constant MAX_LAMPS is gone",
        "added": [],
    }
    assert [change["added"] for change in document["changes"] if change["added"]] == [
        [{"signature": "MOST_LAMPS: int = 12", "raises": None, "tags": None, "since": None}],
        [{"signature": "Lamp.code = code: Code", "raises": [], "tags": [], "since": None}],
    ]
    assert main(["diff", "--format", "json", "HEAD", "HEAD"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == {
        "format": 1,
        "before": "HEAD",
        "now": "HEAD",
        "gravest": None,
        "changes": [],
    }


def test_what_is_new_shows_how_it_is_called(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = """\
  - name: totalLamps
    params: [{name: most, default: MaxLamps}, {name: lamp, type: Lamp}]
    returns: bool
    raises: [LampError, ValueError]
    errors: {LampError: broken, ValueError: it is negative}
    tags: [ReadIOEffect]
    doc: Counts them.
    runtime: count_lamps
"""
    text = (project / "spec/net/fittings.yaml").read_text()
    (project / "spec/net/fittings.yaml").write_text(text + entry)
    assert main(["diff", "HEAD"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "addition: callers can go on as they are",
        "  total_lamps is new",
        "    total_lamps(most: int = MAX_LAMPS, *, lamp: Lamp) -> bool",
        "      raises: LampError, ValueError",
        "      effects: ReadIOEffect",
    ]


def test_a_revision_without_a_configuration(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration = project / "pyproject.toml"
    table = configuration.read_text()
    for text in ("", "[tool.nimnet-gen]\nsource = 'spec'\n", "[tool"):
        configuration.write_text(text)
        commit(project)
        configuration.write_text(table)
        edit(project, "shades", "value: 12,", "value: 13,")
        assert reported(capsys) == ["value of MAX_LAMPS changed from 12 to 13"]
        edit(project, "shades", "value: 13,", "value: 12,")


def test_a_specification_that_stood_elsewhere(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.move(project / "spec/net", project / "lamps")
    configure(project, spec="lamps")
    commit(project)
    assert main(["diff", "HEAD~1", "HEAD"]) == 0
    assert capsys.readouterr().out == "nothing has changed for users between HEAD~1 and HEAD\n"


def test_the_help_has_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["diff", "--help"])
    shown = capsys.readouterr().out
    assert "exit status:" in shown
    for key in ("format", "before", "now", "gravest", "changes", "impact", "text", "added"):
        assert re.search(rf"^ +{key} ", shown, re.MULTILINE), key


def test_a_revision_with_an_endless_spec(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "spec/net/shades.yaml"
    good = path.read_text()
    path.write_text("# a\n" * 2_000_000)
    commit(project)
    path.write_text(good)
    assert main(["diff", "HEAD"]) == 2
    error = capsys.readouterr().err
    assert re.search(r"the specification at HEAD has 80\d+ bytes; at most \d+ are read", error)


def test_a_revision_with_something_that_is_no_file(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = f"160000,{'1' * 40},spec/net/other.yaml"  # a submodule
    for command in (
        ["update-index", "--add", "--cacheinfo", entry],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "next"],
    ):
        subprocess.run(["git", *command], cwd=project, check=True, capture_output=True)
    assert main(["diff", "HEAD"]) == 2
    assert "git cannot show spec/net/other.yaml at HEAD" in capsys.readouterr().err


def test_a_faulty_spec_is_not_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "spec/net/shades.yaml").write_text("name: [")
    assert main(["diff", "HEAD"]) == 1
    assert "SPEC006" in capsys.readouterr().err


def test_outside_git(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(project / ".git")
    assert main(["diff", "HEAD"]) == 2
    assert f"{project} is not in a git repository" in capsys.readouterr().err


def test_without_git(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(project))
    assert main(["diff", "HEAD"]) == 2
    assert "there is no `git` here" in capsys.readouterr().err
