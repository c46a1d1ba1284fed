"""From YAML to the model: what arrives, where it stood, and that nothing makes a traceback."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.specifications import load_folder, real_spec
from hypothesis import given, settings
from hypothesis import strategies as st
from nimnet_gen.checks import check
from nimnet_gen.model.decode import decode
from nimnet_gen.model.load import load_spec
from nimnet_gen.model.surface import Module, Spec
from nimnet_gen.model.vocabulary import shapes_with
from nimnet_gen.runtime.index import index_runtime
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.nodes import parse_source
from nimnet_gen.source.position import Position

HERE = Path(__file__).parent
BASE = HERE / "base"
REAL = HERE.parent.parent / "spec" / "net"
RUNTIME = HERE.parent.parent / "runtime" / "nimnet_runtime"
REAL_FILES = {
    path.relative_to(REAL).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(REAL.rglob("*.yaml"))
}


FILES = ("package", "basics", "sockets", "extra", "known_types", "oracle", "stage")


def loaded(text: str) -> Module:
    found = Diagnostics()
    root = parse_source(text.encode(), "m.yaml", found)
    shapes = shapes_with(real_spec().stage)
    module = decode(root, Module, found, shapes) if root is not None else None
    assert module is not None, found.render()
    return module


def good(folder: Path) -> Spec:
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    return spec


def test_shorthands_and_their_positions() -> None:
    module = loaded(
        "name: m\ndoc: M.\ntypes:\n  - {name: E, kind: enum, doc: E., members: [A, {name: B}]}\n"
        "procs:\n  - name: f\n    doc: F.\n    returns: int\n    raises: [OSError, ValueError]\n"
    )
    assert [member.name for member in module.types[0].members] == ["A", "B"]
    entry = module.procs[0]
    assert entry.returns is not None
    assert entry.returns.type == "int"
    assert entry.returns.where("type") == Position("m.yaml", 8, 14)
    assert entry.where("raises.1") == Position("m.yaml", 9, 23)
    assert entry.where("raises.7") == entry.where("raises") == Position("m.yaml", 9, 13)
    assert entry.where("omit") == entry.at == Position("m.yaml", 6, 5)


def test_a_list_can_stand_for_a_mapping() -> None:
    module = loaded(
        "name: m\ndoc: M.\nstatements:\n  - id: m.it\n    says: It.\n    scenarios:\n"
        "      - names: {a.example: [A, B], b.example: {addresses: [], full: C, after: 5}}\n"
        "        steps: []\n"
    )
    (scenario,) = module.statements[0].scenarios
    listed, spelled = scenario.names.values()
    assert (listed.addresses, listed.full, listed.after) == (("A", "B"), (), 0)
    assert listed.where("addresses.1") == Position("m.yaml", 7, 32)
    assert scenario.where("names.a.example") == Position("m.yaml", 7, 28)
    assert (spelled.addresses, spelled.full, spelled.after) == ((), ("C",), 5)


def test_absent_empty_and_null_are_three_things() -> None:
    module = loaded(
        "name: m\ndoc: M.\nprocs:\n  - {name: f, doc: F.}\n  - {name: g, doc: G., raises: []}\n"
        "consts:\n  - {name: C, doc: C., value: null}\n  - {name: D, doc: D.}\n"
    )
    assert [entry.raises for entry in module.procs] == [None, ()]
    assert [("value" in const.keys, const.value) for const in module.consts] == [
        (True, None),
        (False, None),
    ]


def test_data_of_scenarios() -> None:
    module = loaded(
        "name: m\ndoc: M.\nstatements:\n- id: m.x\n  says: X.\n  scenarios:\n  - steps:\n"
        "    - {call: f, with: {a: -1, b: true, c: [X, '1'], d: {repeat: a, times: 2}, e: 1.5}}\n"
    )
    step = module.statements[0].scenarios[0].steps[0]
    assert step.with_ == {
        "a": -1,
        "b": True,
        "c": ("X", "1"),
        "d": {"repeat": "a", "times": 2},
        "e": 1.5,
    }
    assert step.where("with.b").column == 34


def test_the_evidence_of_a_module_can_stand_in_several_files(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    shutil.copytree(BASE, folder)
    (folder / "extra.yaml").write_text(
        "name: extra\ndoc: A test.\nprocs:\n"
        "  - {name: say, params: [{name: number, type: int}], raises: [], doc: Says.}\n"
    )
    (folder / "evidence").mkdir()
    for file, name in {"extra_more": "b", "extra": "a", "extra_rest": "c"}.items():
        (folder / "evidence" / f"{file}.yaml").write_text(
            f"of: extra\nstatements: [{{id: extra.{name}, says: It., untested: It is.}}]\n"
            "entries:\n  - of: say\n"
            f"    statements: [{{id: say.{name}, says: It., untested: It is.}}]\n"
        )
    module = good(folder).modules[-1]
    assert [one.id for one in module.statements] == ["extra.a", "extra.b", "extra.c"]
    assert [one.id for one in module.procs[0].statements] == ["say.a", "say.b", "say.c"]
    assert module.procs[0].statements[1].at.file.endswith("evidence/extra_more.yaml")


def test_names_of_files_do_not_depend_on_the_working_directory(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "net"
    shutil.copytree(BASE, folder)
    spec = good(folder / ".." / "net")
    assert spec.package.at.file == "spec/net/package.yaml"
    assert set(spec.sources) == {f"spec/net/{name}.yaml" for name in FILES}


def test_a_missing_folder(tmp_path: Path) -> None:
    spec, found = load_spec(tmp_path / "none")
    assert spec is None
    assert [fault.code for fault in found] == ["SPEC001"]


def test_without_a_package_every_file_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("- b\n", encoding="utf-8")
    _, found = load_spec(tmp_path)
    assert [(fault.at.file.rpartition("/")[2], fault.code) for fault in found] == [
        ("a.yaml", "SPEC022"),
        ("b.yaml", "SPEC020"),
        ("package.yaml", "SPEC001"),
    ]


def test_editors_files_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "net"
    shutil.copytree(BASE, folder)
    (folder / ".#extra.yaml").symlink_to("nobody@nowhere")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    good(folder)


def test_the_real_specification_is_good() -> None:
    assert check(real_spec(), index_runtime(RUNTIME)).render() == ""


def survives(files: dict[str, str | bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "net"
        (folder / "evidence").mkdir(parents=True)
        for file, content in files.items():
            raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            (folder / file).write_bytes(raw)
        spec, found = load_folder(folder)
        assert (spec is None) == (len(found) > 0)
        if spec is not None:
            check(spec).render()
        found.render()


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_any_edit_of_the_real_specification(data: st.DataObject) -> None:
    """Cut, double or replace a piece: the result is good or has faults, and never fails."""
    # The largest file costs most and says least about the others.
    least = [name for name in REAL_FILES if name != "evidence/socket.yaml"]
    name = data.draw(st.sampled_from(least))
    text = REAL_FILES[name]
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 60)))
    words = st.sampled_from(
        ["null", "[]", "{}", "x", "-1", '"', ": ", "\n", "- ", "int", "Socket", "{x}", "set[", "$"]
    )
    instead = data.draw(st.one_of(words, st.text(max_size=8), st.just(text[start:end] * 2)))
    survives({**REAL_FILES, name: text[:start] + instead + text[end:]})


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_value_in_place_of_any_other(data: st.DataObject) -> None:
    """Edits of single words keep the YAML good, so that the checks are reached."""
    base = {path.name: path.read_text(encoding="utf-8") for path in BASE.iterdir()}
    name = data.draw(st.sampled_from(sorted(base)))
    words = base[name].split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(words) - 1))
        words[index] = data.draw(st.sampled_from(words))
    survives({**base, name: " ".join(words)})
