"""Every code is explained, with an example that the kept specifications have."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from nimnet_gen.cli import main
from nimnet_gen.commands import codes
from nimnet_gen.source.diagnostics import CODES

BAD = Path(__file__).parent / "bad"
EXAMPLES = Path(codes.__file__).with_name("examples.json")
_FAULT = re.compile(
    r"^\S+:\d+:\d+: (SPEC\d+) (.*)(?:\n    (.*)\n    ( *)\^)?(?:\n  hint: (.*))?$", re.M
)


def of_fixtures() -> dict[str, dict[str, object]]:
    """Return the example of each code: the fault with the shortest line that has a hint."""
    found: dict[str, list[tuple[bool, bool, int, dict[str, object]]]] = {}
    for path in sorted(BAD.glob("*/expected.txt")):
        for fault in path.read_text(encoding="utf-8").split("\n\n"):
            if (parts := _FAULT.match(fault)) is None:
                continue
            code, message, line, margin, hint = parts.groups("")
            column = len(margin) + 1
            if line.startswith("- "):
                line, column = line[2:], max(column - 2, 1)
            example = {"line": line, "column": column, "message": message, "right": hint}
            cut = line.startswith("...") or line.endswith("...")
            found.setdefault(code, []).append((not hint, cut, len(line), example))
    return {code: min(found[code], key=lambda one: one[:3])[3] for code in sorted(found)}


def test_examples_are_those_of_the_fixtures() -> None:
    made = of_fixtures()
    if os.environ.get("NIMNET_ACCEPT"):
        EXAMPLES.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(EXAMPLES.read_text(encoding="utf-8")) == made


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code.lower()]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{code}: {CODES[code]}"
    has_example = code not in ("SPEC001", "SPEC003", "SPEC150", "SPEC151", "SPEC152", "SPEC153")
    assert ("wrong:" in told) == has_example


def test_an_explanation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # without any project
    assert main(["explain", "SPEC094"]) == 0
    assert capsys.readouterr().out == (
        "SPEC094: the runtime cannot be read\n"
        "\n"
        "wrong:\n"
        "    this file of the runtime is no Python: invalid syntax\n"
        "right:\n"
        "    mend it first: what the specification asks of the runtime was not looked for\n"
    )


def test_unknown_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "SPEC0622"]) == 2
    assert "no fault has the code 'SPEC0622'; did you mean 'SPEC062'?" in capsys.readouterr().err
    assert main(["explain", "spec-9"]) == 2
    assert "no fault has the code 'spec-9'" in capsys.readouterr().err


def test_the_list_of_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--codes"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{code}  {meaning}" for code, meaning in CODES.items()
    ]
