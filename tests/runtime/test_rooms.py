"""How the rooms of the runtime stand to each other: imports run one way, TLS behind one door."""

import ast
import runpy
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import nimnet_runtime
from harness.rooms import imports_of, rooms_of

FOLDER: Final = Path(nimnet_runtime.__file__).parent
PACKAGE: Final = FOLDER.name
DOOR: Final = f"{PACKAGE}.security"
"""The one room outside of TLS that imports it, when it is first used."""

ROOMS: Final = rooms_of(FOLDER)
IMPORTS: Final = imports_of(ROOMS)


def test_no_room_comes_back_to_itself() -> None:
    """Neither when it is loaded, nor for types alone or inside of a function."""
    TopologicalSorter(IMPORTS).prepare()  # a CycleError shows the circle


def test_every_room_says_its_job() -> None:
    mute = [
        room
        for room, path in ROOMS.items()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert mute == []


def test_tls_has_one_door() -> None:
    tls = f"{PACKAGE}.tls"
    inside = {
        room
        for room, targets in IMPORTS.items()
        if not room.startswith(tls) and any(target.startswith(tls) for target in targets)
    }
    assert inside == {DOOR}


def test_the_bindings_have_one_user() -> None:
    users = {room for room, targets in IMPORTS.items() for t in targets if "cryptography" in t}
    assert users == {f"{PACKAGE}.tls.bindings.library"}


def test_nothing_above_is_known() -> None:
    above = ("nimnet", "nimnet_gen")
    known = {
        (room, target)
        for room, targets in IMPORTS.items()
        for target in targets
        if target.partition(".")[0] in above
    }
    assert not known


def test_deadlines_and_their_errors_have_one_maker() -> None:
    """So no call can forget to say whose time is up, nor miss the scope that it is in."""
    makers = {room for room, path in ROOMS.items() if makes_a_deadline(path)}
    assert makers == {f"{PACKAGE}.deadline"}


def makes_a_deadline(path: Path) -> bool:
    """Tells whether a file calls for a deadline or its error by name, or has the endless one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(ast.Name("Deadline") | ast.Attribute(_, "TimeoutError")):
                return True
            case ast.Name("UNBOUNDED"):
                return True
    return False


def test_no_function_has_a_name_inside_of_another() -> None:
    """Compiled, such a one refers to itself by its name, and keeps alive all that it uses."""
    hook = runpy.run_path(str(Path(__file__).parents[2] / "hatch_build.py"))
    inner = [
        f"{room}: {function.name} in {outer.name}"
        for room, path in ROOMS.items()
        if f"{PACKAGE}/{path.relative_to(FOLDER).as_posix()}" not in hook["INTERPRETED"]
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(outer, ast.FunctionDef)
        for function in ast.walk(outer)
        if isinstance(function, ast.FunctionDef) and function is not outer
    ]
    assert inner == []
