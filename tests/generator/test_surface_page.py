"""The page about the surface is true: its tables say what the generator does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.model.surface import StringMeaning
from nimnet_gen.naming.nimdefaults import parse_default
from nimnet_gen.naming.nimtypes import parse_type
from nimnet_gen.naming.python_types import (
    FLOATS,
    INTEGERS,
    STRINGS,
    Mappings,
    Place,
    annotation,
)
from nimnet_gen.plan import resolve

BASE = Path(__file__).parent / "base"
PAGE = (Path(__file__).parents[2] / "generator" / "SURFACE.md").read_text(encoding="utf-8")
PLACES: tuple[Place, ...] = ("param", "result", "inout", "field")


def table(name: str) -> list[list[str]]:
    """Return the rows of the table under a mark, without the code marks of a cell."""
    lines = PAGE.partition(f"<!-- {name} -->\n")[2].partition("\n\n")[0].splitlines()[2:]
    assert lines
    return [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
    ]


def typed(cell: str) -> tuple[str, StringMeaning | None]:
    """Return the type in a cell, and what its strings hold."""
    meanings: tuple[StringMeaning, ...] = ("text", "data")
    for meaning in meanings:
        if cell.endswith(f", {meaning}"):
            return cell.removesuffix(f", {meaning}").strip("`"), meaning
    return cell.strip("`"), None


@pytest.mark.parametrize("row", table("types"), ids=lambda row: str(row[0]))
def test_what_a_type_is_at_each_place(row: list[str]) -> None:
    text, meaning = typed(row[0])
    for place, shown in zip(PLACES, row[1:], strict=True):
        if shown:
            found = annotation(parse_type(text), meaning, place, Mappings(INTEGERS))
            assert found.text == shown.strip("`"), place


def test_every_type_is_there() -> None:
    assert {row[0].strip("`"): (int(row[1]), int(row[2])) for row in table("integers")} == INTEGERS
    for name in FLOATS | STRINGS:
        assert f"`{name}`" in PAGE, name


@pytest.mark.parametrize("row", table("defaults"), ids=lambda row: f"{row[0]} {row[1]}")
def test_how_a_default_is_written(row: list[str], tmp_path: Path) -> None:
    text, meaning = typed(row[1])
    folder = tmp_path / "net"
    shutil.copytree(BASE, folder)
    quoted = row[0].strip("`").replace("'", "''")
    as_ = f", as: {meaning}" if meaning else ""
    (folder / "extra.yaml").write_text(
        "name: extra\ndoc: A test.\nprocs:\n  - {name: f, raises: [], doc: F., params: "
        f"[{{name: x, type: '{text}', default: '{quoted}'{as_}}}]}}\n",
        encoding="utf-8",
    )
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    assert check(spec).render() == ""
    (function,) = (f for m in resolve(spec).modules for f in m.functions if f.name == "f")
    default = function.forms[0].params[0].default
    assert default is not None
    assert default.text == row[2].strip("`")


def test_the_examples_of_defaults_parse() -> None:
    section = PAGE.partition("## Defaults")[2].partition("## Kinds")[0]
    examples = re.findall(r"`(\w+\([^`]*\))`", section)
    assert len(examples) > 3
    for text in examples:
        parse_default(text)
