"""Docstrings: their summaries, those of functions with several forms, calls by Python names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.plan import resolve
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.docs import function_docstring
from nimnet_gen.plan.sections import summary_and_rest
from nimnet_gen.plan.tests.scenarios import scenarios_view

BASE = Path(__file__).parent / "base"
LONGER = (
    "  - {name: goTo, raises: [], doc: Goes at a speed., "
    "params: [{name: port, type: Port}, {name: speed, type: int}]}\n"
)
SHORTER = "  - {name: goTo, raises: [], doc: Goes., params: [{name: port, type: Port}]}\n"
STATEMENTS = """\
statements:
  - id: extra.it
    says: It.
    scenarios: [{steps: [{call: go_to, with: {port: 1, speed: 2}}]}]
"""


def api_of(folder: Path, extra: str) -> Api:
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    (folder / "extra.yaml").write_text(f"name: extra\ndoc: A test.\n{extra}", encoding="utf-8")
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    found = check(spec)
    assert not len(found), found.render()
    return resolve(spec)


@pytest.mark.parametrize("forms", [LONGER + SHORTER, SHORTER + LONGER])
def test_the_summary_is_that_of_the_simplest_form(tmp_path: Path, forms: str) -> None:
    api = api_of(tmp_path, f"procs:\n{forms}")
    (function,) = api.modules[-1].functions
    assert function_docstring(function, api, 0)[0] == '"""Goes.'


def test_a_call_by_its_python_name(tmp_path: Path) -> None:
    api = api_of(tmp_path, f"procs:\n{LONGER}{SHORTER}{STATEMENTS}")
    (scenario,) = scenarios_view(api, api.modules[-1]).scenarios
    assert "demo.go_to(port=demo.Port(1), speed=2)" in scenario.body


def test_the_summary_is_the_first_sentence() -> None:
    assert summary_and_rest("One. Two.\n\n\nThree.") == ("One.", ["Two.", "Three."])


def test_the_form_that_people_use_most_is_the_first(tmp_path: Path) -> None:
    forms = [
        ("memory", "{name: data, type: pointer}"),
        ("a number", "{name: number, type: int}"),
        ("a text", "{name: text, type: string, as: text}, {name: speed, type: int}"),
    ]
    entries = [
        f"  - {{name: take, raises: [], doc: Takes {what}., params: [{params}]}}\n"
        for what, params in forms
    ]
    entries[2] = entries[2].replace("raises", "first: true, raises")
    api = api_of(tmp_path, f"procs:\n{''.join(entries)}")
    (function,) = api.modules[-1].functions
    docs = [form.entry.doc for form in function.forms]
    assert docs == ["Takes a text.", "Takes a number.", "Takes memory."]
    assert function_docstring(function, api, 0)[0] == '"""Takes a text.'
