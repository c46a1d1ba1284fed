"""What a change of a record, or of a distinct string, means to users."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.comparison.changes import compare
from nimnet_gen.plan import resolve
from nimnet_gen.plan.api import Api

BASE = Path(__file__).parent / "base"
ONE = "{name: one, type: int, public: true, doc: O.}"
TWO = '{name: two, type: int, public: true, default: "2", doc: T.}'
NEW = '{name: new, type: int, public: true, default: "3", doc: N.}'


def api(folder: Path, entry: str) -> Api:
    """The API of the base with one type more."""
    shutil.copytree(BASE, folder)
    extra = f"name: extra\ndoc: A test.\ntypes:\n  - {{name: R, doc: R., {entry}}}\n"
    (folder / "extra.yaml").write_text(extra, encoding="utf-8")
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    assert check(spec).render() == ""
    return resolve(spec)


def record(*fields: str) -> str:
    return f"kind: object, fields: [{', '.join(fields)}]"


def named(*fields: str) -> str:
    return f"kind: tuple, fields: [{', '.join(fields)}]".replace("public: true, ", "")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (record(ONE, TWO), record(ONE, TWO), []),
        (record(ONE, TWO), record(ONE), ["breaking: field R.two is gone"]),
        (record(ONE, TWO), record(ONE, TWO, NEW), ["addition: field R.new is new"]),
        (record(ONE, TWO), record(ONE, NEW, TWO), ["breaking: field R.new is new"]),
        (record(TWO), record(TWO, ONE), ["breaking: field R.one is new"]),
        (named(ONE), named(ONE, ONE.replace("one", "new")), ["breaking: field R.new is new"]),
        (
            record(ONE, TWO),
            record(TWO, ONE),
            [
                "breaking: field R.one changed from int to *, int",
                "breaking: the order of the fields of R changed",
            ],
        ),
        (
            record(ONE, TWO),
            record(ONE, TWO.replace('"2"', '"5"')),
            ["breaking: field R.two changed from int = 2 to int = 5"],
        ),
        (
            record(ONE),
            named(ONE),
            ["breaking: R changed from object to tuple", "breaking: R is now a tuple"],
        ),
        (
            "kind: distinct, base: string, as: text",
            "kind: distinct, base: string, as: data",
            ["breaking: R was a subclass of str, and is one of bytes"],
        ),
    ],
)
def test_changes(tmp_path: Path, before: str, now: str, expected: list[str]) -> None:
    changes = compare(api(tmp_path / "before", before), api(tmp_path / "now", now))
    assert [f"{change.impact.value}: {change.text}" for change in changes] == expected
