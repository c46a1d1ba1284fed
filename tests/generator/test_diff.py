"""What a change of the specification means to users."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from nimnet_generator.cli import main

LIGHTS = Path(__file__).parent / "good" / "lights"
PARSE = 'params: [{name: text, type: string, as: text, doc: "Hexadecimal digits."}]'

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
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose specification is committed."""
    shutil.copytree(LIGHTS / "spec", tmp_path / "spec" / "net")
    shutil.copytree(LIGHTS / "runtime", tmp_path / "runtime")
    colors = tmp_path / "runtime/lamp_runtime/colors.py"
    colors.write_text(
        colors.read_text() + "\n\ndef read_code(text: str) -> bytes:\n    return parse_code(text)\n"
    )
    workshop = tmp_path / "runtime/lamp_runtime/workshop.py"
    workshop.write_text(workshop.read_text() + "\n\ndef total_lamps(most: int) -> int: ...\n")
    colors.write_text(colors.read_text().replace("(text: str)", "(text: str, base: int = 16)"))
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
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
    path = project / f"spec/net/{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert main(["diff", "HEAD"]) == 0
    lines = capsys.readouterr().out.splitlines()
    # A heading is "breaking: ...", a change is indented.
    found = [line.strip() if line.startswith(" ") else line.partition(":")[0] for line in lines]
    assert [line for line in found if line] == expected


def test_no_change(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.exists()
    assert main(["diff", "HEAD"]) == 0
    assert capsys.readouterr().out == "nothing has changed for users since HEAD\n"


def test_unknown_revision(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for revision in ("nowhere", "--all", "HEAD~5"):
        assert main(["diff", "--", revision]) == 2
        error = capsys.readouterr().err
        assert f"git knows no revision '{revision}' in {project}" in error


def test_a_revision_without_the_spec(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(project / "spec/net", project / "elsewhere/net")
    assert main(["--spec", "elsewhere/net", "diff", "HEAD"]) == 2
    assert "there is no elsewhere/net at HEAD" in capsys.readouterr().err


def test_a_revision_with_a_bad_spec(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "spec/net/shades.yaml"
    good = path.read_text()
    path.write_text("name: [")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(
        ["git", *identity, "commit", "-qam", "bad"], cwd=project, check=True, capture_output=True
    )
    path.write_text(good)
    assert main(["diff", "HEAD"]) == 2
    assert "cannot be read by this generator: spec/net/shades.yaml:1" in capsys.readouterr().err


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
