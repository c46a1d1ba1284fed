"""Whatever a specification holds: a broken output is told, and then nothing is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from harness.configuration import configure
from nimnet_gen.checks import texts
from nimnet_gen.cli import main
from nimnet_gen.plan.package import modules
from nimnet_gen.render.output import Output
from nimnet_gen.render.soundness import check_outputs

LIGHTS = Path(__file__).parent / "good" / "lights"
FOLDER = PurePosixPath("made")


def faults(*outputs: tuple[str, str]) -> list[tuple[str, str, int, str]]:
    """Return the faults of outputs that are given by path and text."""
    made = [Output(PurePosixPath(path), text.encode()) for path, text in outputs]
    found = check_outputs(made, FOLDER, frozenset({PurePosixPath("schema.json")}))
    return [(fault.code, fault.at.file, fault.at.line, fault.message) for fault in found]


def of_python(text: str) -> list[tuple[int, str]]:
    """Return the faults of a Python file."""
    found = faults(("made/a.py", text))
    assert {code for code, _, _, _ in found} <= {"SPEC152"}
    return [(line, message.removeprefix("in the output ")) for _, _, line, message in found]


def test_paths() -> None:
    assert faults(("made/a/b.py", ""), ("made/a/c.md", ""), ("schema.json", "{}")) == []
    outside = "this output is outside of the folder 'made'"
    assert faults(("made/../x.py", "")) == [("SPEC150", "made/../x.py", 1, outside)]
    assert faults(("x.py", "")) == [("SPEC150", "x.py", 1, outside)]
    assert faults(("/made/x.py", "")) == [("SPEC150", "/made/x.py", 1, outside)]
    taken = "this output stands in the place of 'made/{}'"
    assert faults(("made/a.md", ""), ("made/a.md", "")) == [
        ("SPEC150", "made/a.md", 1, taken.format("a.md"))
    ]
    assert faults(("made/a.md", ""), ("made/A.md", "")) == [
        ("SPEC150", "made/A.md", 1, taken.format("a.md"))
    ]
    assert faults(("made/a", ""), ("made/A/b", "")) == [
        ("SPEC150", "made/A/b", 1, taken.format("a"))
    ]
    assert faults(("made/A/b", ""), ("made/a", "")) == [
        ("SPEC150", "made/a", 1, taken.format("A/b"))
    ]


def test_what_does_not_parse() -> None:
    assert faults(("made/a.py", "x = 1\ny = (\n")) == [
        ("SPEC151", "made/a.py", 2, "the output is not Python: '(' was never closed")
    ]
    ((code, _, _, _),) = faults(("made/a.py", f"x = {'(' * 5000}{')' * 5000}"))
    assert code == "SPEC151"
    assert [code for code, _, _, _ in faults(("made/a.json", "{"))] == ["SPEC151"]
    assert [code for code, _, _, _ in faults(("made/a.jsonl", "{}\n{\n"))] == ["SPEC151"]
    assert faults(("made/a.jsonl", "{}\n\n{}\n"), ("made/a.md", "{"), ("made/b.json", "{}")) == []


GOOD = """
from __future__ import annotations
from enum import IntEnum
import os.path
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, overload
else:
    from runtime import overload

class Color(IntEnum):
    RED = 1
    GREEN = RED + 1

ONE: Final = Color.RED

class Lamp:
    __slots__ = ("_core",)
    def paint(self, color: Color = ONE) -> Later:
        made = [one for one in os.path.split(str(color))]
        def inner() -> None:
            print(made, __class__, __name__)
        with open("x") as file:
            inner()
        try:
            return Later(file)
        except OSError as error:
            raise ValueError(error) from None
    @property
    def name(self) -> str: ...
    @name.setter
    def name(self, name: str) -> None: ...
    @overload
    def size(self, a: int) -> int: ...
    @overload
    def size(self, a: str) -> int: ...
    def size(self, *args: object) -> int: ...

class Later: ...
"""


def test_names_that_are_there() -> None:
    assert of_python(GOOD) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("x = y\n", 1, "'y' is not defined yet"),
        ("x: int = Later(1)\nclass Later: ...\n", 1, "'Later' is not defined yet"),
        ("def f(a=b): ...\nb = 1\n", 1, "'b' is not defined yet"),
        ("class A:\n    def f(self, a=B.C): ...\nclass B: ...\n", 2, "'B' is not defined yet"),
        ("@deco\ndef f(): ...\n", 1, "'deco' is not defined yet"),
        ("def f():\n    return g()\n", 2, "nothing defines 'g'"),
        ("def f(a: G) -> None: ...\n", 1, "nothing defines 'G'"),
        (
            "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from a import B\nx = B()\n",
            4,
            "'B' is not defined yet",
        ),
        ("def f(): ...\ndef f(): ...\n", 2, "'f' is defined twice"),
        ("from a import f\ndef f(): ...\n", 2, "'f' is defined twice"),
        ("class A:\n    x = 1\n    def x(self): ...\n", 3, "'x' is defined twice"),
        ("class A: ...\nA: int = 1\n", 2, "'A' is defined twice"),
    ],
)
def test_names_that_are_not(text: str, line: int, message: str) -> None:
    assert of_python(text) == [(line, message)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    configure(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(root: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_is_written_of_broken_outputs(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(modules, "_exports", lambda names: "__all__ = [" + min(names))
    before = tree(project)
    for command in ("generate", "check"):
        assert main([command]) == 1
        told = capsys.readouterr().err
        assert "generated/lamps/shades.py:" in told
        assert "SPEC151 the output is not Python: '[' was never closed" in told
        assert told.endswith(" faults in the outputs; nothing was written\n")
    assert tree(project) == before


def test_a_fault_of_the_generator_is_no_traceback(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("lamp")

    monkeypatch.setattr(texts, "_of_module", fail)
    before = tree(project)
    assert main(["generate"]) == 2
    told = capsys.readouterr().err
    assert ": SPEC153 the generator fails here: KeyError: 'lamp'\n" in told
    assert "NIMNET_GEN_TRACEBACK=1" in told
    assert tree(project) == before
    monkeypatch.setenv("NIMNET_GEN_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["generate"])


def test_a_definition_that_needs_itself(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(
        project / "spec/fittings.yaml",
        "params: [{name: lamp, type: Lamp}, {name: data, type: string, as: data}]",
        "params: [{name: lamp, type: Lamp}, {name: data, type: string, as: data}, "
        "{name: other, type: Lamp, default: newSpare(Serial(1))}]",
    )
    edit(
        project / "runtime/lamp_runtime/workshop.py",
        "def blend(self, data: bytes | bytearray | memoryview) -> int:",
        "def blend(self, data: bytes | bytearray | memoryview, other: object) -> int:",
    )
    assert main(["generate"]) == 1
    told = capsys.readouterr().err
    assert "SPEC054 'Lamp' needs 'new_spare(Serial(1))', which needs it in its turn" in told


def test_what_is_needed_first_is_defined_first(project: Path) -> None:
    """Types and constants of one module, needed by what stands before them."""
    (project / "spec/extra.yaml").write_text(
        """\
name: extra
doc: Things in a bad order.
types:
  - {name: OnSwitch, kind: proc, doc: A callback., params: [{name: level, type: int}]}
  - {name: Bulb, kind: object, runtime: workshop.Fitting, doc: A bulb.}
  - {name: Socket, kind: distinct, base: int, doc: A number.}
  - {name: Mode, kind: enum, doc: A mode., members: [Dim, Bright]}
consts:
  - {name: First, type: Socket, value: 1, doc: "A number."}
procs:
  - name: shine
    params:
      - {name: bulb, type: Bulb}
      - {name: socket, type: Socket, default: Socket(7)}
      - {name: socket2, type: Socket, default: First}
      - {name: mode, default: Bright}
      - {name: a, type: string, as: text, default: 'calledBy("a b")'}
      - {name: b, type: string, as: text, default: 'calledBy("a-b")'}
    raises: []
    doc: |
      Shines, and ends in a backslash \\
  - name: calledBy
    raises: []
    returns: {type: string, as: text}
    doc: 'C:\\'
    params: [{name: text, type: string, as: text}]
""",
        encoding="utf-8",
    )
    edit(project / "spec/package.yaml", "modules: [", "modules: [extra, ")
    (project / "runtime/lamp_runtime/extra.py").write_text("def called_by(text): return text\n")
    with (project / "runtime/lamp_runtime/workshop.py").open("a") as file:
        file.write("    pass\n")
    edit(
        project / "runtime/lamp_runtime/workshop.py",
        "    def count_bulbs(self)",
        "    def shine(self, socket, socket2, mode, a, b):\n"
        "        self.seen = (socket, socket2, mode, a, b)\n\n"
        "    def count_bulbs(self)",
    )
    assert main(["generate"]) == 0
    code = (
        "import lamps.extra as e; from lamp_runtime.workshop import Fitting\n"
        "core = Fitting(1, '', 1); bulb = e.Bulb._from_core(core); bulb.shine()\n"
        "assert core.seen == (7, 1, 1, 'a b', 'a-b'), core.seen\n"
        "assert type(e.FIRST) is e.Socket\n"
        "assert e.called_by.__doc__.startswith('C:\\\\ ') or 'C:\\\\' in e.called_by.__doc__\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env={"PYTHONPATH": f"{project}/generated:{project}/runtime"},
    )
    formatted = [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "100"]
    subprocess.run([*formatted, "--isolated", str(project / "generated/lamps")], check=True)
