"""The order of the generator's stages: each knows only the ones before it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = "nimnet_gen"
FOLDER: Final = ROOT / "generator" / PACKAGE


def drawn() -> list[str]:
    """Return the stages as CONTRIBUTING draws them, first to last."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| stage | takes | gives |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)/`", table, re.MULTILINE)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the stages that a file imports from, wherever in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(str(module), names, 0):
                modules = [f"{module}.{alias.name}" for alias in names]
            case ast.ImportFrom():
                modules = [f"{PACKAGE}.relative"]
            case _:
                continue
        for module in modules:
            package, _, rest = module.partition(".")
            if package == PACKAGE:
                yield node.lineno, rest.partition(".")[0]


def test_the_drawing_has_every_stage() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert sorted(drawn()) == sorted(folders)


def test_the_docstring_has_the_same_order() -> None:
    tree = ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8"))
    assert [word for word in re.findall(r"\w+", ast.get_docstring(tree) or "") if word in drawn()][
        : len(drawn())
    ] == drawn()


def test_no_stage_imports_a_later_one() -> None:
    order = {stage: number for number, stage in enumerate(drawn())}
    wrong = [
        f"{path.relative_to(FOLDER)}:{line} imports {target}"
        for stage, number in order.items()
        for path in sorted((FOLDER / stage).rglob("*.py"))
        for line, target in imported(path)
        if order.get(target, len(order)) > number
    ]
    assert wrong == []


def test_every_stage_says_what_it_is() -> None:
    for stage in drawn():
        tree = ast.parse((FOLDER / stage / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), stage
