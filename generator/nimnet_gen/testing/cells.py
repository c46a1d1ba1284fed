"""Which test of which scenario an item or a report is about."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

MARK: Final = "scenario"
"""The mark of the tests that `matrix.scenario` makes."""

_PROPERTY: Final = "scenario"
"""The name under which a test's report says which scenario it is."""


def statement_of(item: pytest.Item) -> str | None:
    """Return the id of the statement that a test is about; None if it is no scenario's."""
    marker = item.get_closest_marker(MARK)
    return None if marker is None else str(marker.args[0])


def note_cell(item: pytest.Item, marker: pytest.Mark) -> None:
    """Let the reports of a test say which it is, in the types that JSON has.

    Each variant is there under its own name.
    """
    statement, name, forms = marker.args
    callspec = getattr(item, "callspec", None)
    values: dict[str, object] = {} if callspec is None else callspec.params
    cell = {
        "statement": statement,
        "scenario": name,
        "transport": values.get("transport"),
        **{axis: value for axis, value in values.items() if axis not in forms},
        "forms": forms,
    }
    item.user_properties.append((_PROPERTY, cell))


def folder_of(report: pytest.TestReport, root: Path) -> Path:
    """Return the folder of the test that a report is about; `root` is that of the whole run."""
    return (root / report.nodeid.partition("::")[0]).parent


def cell_of(noted: pytest.Item | pytest.TestReport) -> dict[str, object] | None:
    """Return what `note_cell` noted of a test; None if it is no scenario's."""
    cell = dict(noted.user_properties).get(_PROPERTY)
    return cell if isinstance(cell, dict) else None
