"""Overloads: the least tests that tell them apart, and a clear fault where none can."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder, real_spec
from nimnet_gen.cli import main
from nimnet_gen.plan import resolve
from nimnet_gen.plan.dispatch import decide, parents
from nimnet_gen.plan.package.bodies import choice

ROOT = Path(__file__).parents[2]
LIGHTS = Path(__file__).parent / "good" / "lights"
IGNORED = "  # type: ignore[arg-type]  # checked by the overloads"


def choice_for(name: str, folder: Path | None = None) -> list[str]:
    """The lines by which the generated package chooses a form of `name`."""
    spec = real_spec() if folder is None else load_folder(folder)[0]
    assert spec is not None
    api = resolve(spec)
    function = next(f for m in api.modules for f in m.callables if f.qualified == name)
    names = {form.runtime: form.runtime.rpartition(".")[2] for form in function.forms}
    results = {form.result.annotation for form in function.forms}
    lines = choice(decide(function.forms, parents(api)), names, " | ".join(results), {})
    return [line.removesuffix(IGNORED) for line in lines]


def test_by_type_and_by_presence() -> None:
    assert choice_for("Socket.recv") == [
        'data = args[0] if args else named.get("data")',
        "if isinstance(data, bytearray):",
        "    return receive_into(*args, **named)",
        "if isinstance(data, memoryview):",
        '    if len(args) > 2 or "timeout" in named:',
        "        return receive_buffer(*args, **named)",
        "    return receive_or_error(*args, **named)",
        "return receive(*args, **named)",
    ]


def test_by_the_type_of_a_later_argument() -> None:
    assert choice_for("Socket.send") == [
        'size = args[1] if len(args) > 1 else named.get("size")',
        "if isinstance(size, int):",
        "    return send_or_error(*args, **named)",
        "send(*args, **named)",
        "return None",
    ]


def test_by_a_keyword_where_nothing_is_returned() -> None:
    assert choice_for("Socket.connect") == [
        'if len(args) > 2 or "timeout" in named:',
        "    if len(args) < 2:",
        '        named.setdefault("port", Port(0))',
        "    connect_within(*args, **named)",
        "    return",
        "connect(*args, **named)",
    ]


def test_forms_with_one_body_share_it() -> None:
    assert choice_for("new_socket") == [
        'fd = args[0] if args else named.get("fd")',
        "if isinstance(fd, SocketHandle):",
        "    return adopt(*args, **named)",
        "return create(*args, **named)",
    ]


def test_a_name_at_another_place_in_another_form(tmp_path: Path) -> None:
    shutil.copytree(LIGHTS / "spec", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "fittings.yaml"
    forms = ("{name: a, type: int}", "{name: b, type: int}, {name: a, type: string, as: text}")
    entries = "".join(
        f"  - name: dim\n    params: [{{name: lamp, type: Lamp}}, {params}]\n"
        f"    raises: []\n    doc: Dims.\n    runtime: {body}\n"
        for params, body in zip(forms, ("one", "two"), strict=True)
    )
    path.write_text(path.read_text() + entries)
    assert choice_for("Lamp.dim", tmp_path) == [
        'a = args[1] if len(args) > 1 else named.get("a")',
        "if isinstance(a, str):",
        "    two(*args, **named)",
        "    return",
        "one(*args, **named)",
    ]


def test_what_cannot_be_told_apart_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "spec" / "fittings.yaml"
    text = path.read_text()
    # Both are called with one argument by name; only a generic type differs.
    entries = "".join(
        f"""  - name: dim
    extension: true
    params: [{{name: lamp, type: Lamp}}, {{name: parts, type: "py:Iterable[{item}]"}}]
    raises: []
    doc: Dims.
    runtime: {body}
"""
        for item, body in (("int", "blend"), ("str", "all_labels"))
    )
    path.write_text(text + entries)
    assert main(["--root", str(tmp_path), "check"]) == 1
    error = capsys.readouterr().err
    assert "SPEC070" in error
    assert "'Lamp.dim'" in error
