"""The calls that a type checker is asked about: what stands for a parameter is no other thing."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.plan import resolve
from nimnet_gen.plan.tests.typing import accepted_view, rejected_view

BASE = Path(__file__).parent / "base"
EXTRA = """\
name: extra
doc: A test.
procs:
  - name: blink
    params: [{name: blink, type: int}, {name: subject, type: int, default: "1"}]
    raises: []
    returns: int
    doc: Blinks.
"""
METHOD = """\
  - name: shine
    params: [{name: socket, type: Socket}, {name: subject, type: int}, {name: shine, type: int}]
    raises: []
    returns: int
    doc: Shines.
    statements: [{id: shine.one, says: One., untested: No.}]
"""


def test_a_parameter_does_not_hide_what_is_called(tmp_path: Path) -> None:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "extra.yaml").write_text(EXTRA, encoding="utf-8")
    with (tmp_path / "sockets.yaml").open("a", encoding="utf-8") as file:
        file.write(METHOD)
    spec, found = load_folder(tmp_path)
    assert spec is not None, found.render()
    found = check(spec)
    assert not found, found.render()
    api = resolve(spec)
    for module in api.modules:
        for view in (accepted_view(api, module), rejected_view(api, module)):
            for calls in view.functions:
                body = "\n".join(line.text for line in calls.lines)
                (function,) = ast.parse(f"{calls.definition}\n{body}").body
                assert isinstance(function, ast.FunctionDef)
                named = [argument.arg for argument in function.args.args]
                assert len(named) == len(set(named)), calls.definition
                called = {
                    node.func.id
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                }
                assert called.isdisjoint(named), calls.definition
