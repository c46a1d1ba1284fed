"""The table of the configuration, and where it is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from nimnet_effects.config import UNCHECKED, Configuration, find, load
from nimnet_effects.contracts import Contract, MalformedError


@pytest.fixture(name="project")
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(project: Path, table: str) -> Path:
    path = project / "pyproject.toml"
    path.write_text(table)
    return path


def test_nothing_said_is_the_default(project: Path) -> None:
    assert load(None) == Configuration()
    assert load(written(project, "[tool.other]\n")) == Configuration()
    assert Configuration().unchecked == UNCHECKED


def test_everything_said(project: Path) -> None:
    (project / "more").mkdir()
    (project / "more" / "b.toml").write_text("format = 1\n['a.b']\nraises = ['a.B']")
    (project / "more" / "a.toml").write_text("format = 1\n['a.b']\nraises = ['a.A']")
    path = written(
        project,
        """
[tool.nimnet_effects]
contracts = ["more/*.toml"]
unchecked = ["a.Fatal"]
require_declared = ["a.*"]
[tool.nimnet_effects.functions]
"a.c" = {raises = []}
""",
    )
    found = load(path)
    # Of two files that speak of one function the later one counts, in the order of their names.
    assert found.functions == {"a.b": (Contract(raises=("a.B",)),), "a.c": (Contract(),)}
    assert found.unchecked == UNCHECKED | {"a.Fatal"}
    assert [found.requires_declared(name) for name in ("a", "a.b", "a.b.c", "ab")] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("[tool.nimnet_effects]\nuncheckd = []", "[tool.nimnet_effects] uncheckd: is no key"),
        ("[tool]\nnimnet_effects = 3", "[tool.nimnet_effects]: must be a table, not 3"),
        ("[tool.nimnet_effects]\nunchecked = ['KeyError']", '"builtins.KeyError" is meant'),
        ("[tool.nimnet_effects]\nrequire_declared = true", "require_declared: must be a list"),
        ("[tool.nimnet_effects]\nfunctions = 3", "functions: must be a table"),
        ("[tool.nimnet_effects]\ncontracts = ['no/*.toml']", "'no/*.toml' names no file in"),
        ("[tool.nimnet_effects]\ncontracts = ['']", "'' names no file in"),
        ("[tool.nimnet_effects]\ncontracts = ['/no.toml']", "/no.toml: cannot be read"),
        ("[tool.nimnet_effects.functions]\n'a.b' = {raise = []}", '["a.b"].raise: is no key'),
        ("[tool", "pyproject.toml: is not TOML"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_place(
    project: Path, table: str, complaint: str
) -> None:
    with pytest.raises(MalformedError) as caught:
        load(written(project, table))
    assert complaint in str(caught.value)


def test_what_findings_depend_on_everywhere_changes_the_digest() -> None:
    digests = {
        Configuration().digest,
        Configuration(unchecked=UNCHECKED | {"a.B"}).digest,
        Configuration(require_declared=("a.*",)).digest,
    }
    assert len(digests) == 3
    # Contracts do not: each module knows those that it consulted.
    assert Configuration(functions={"a.b": (Contract(),)}).digest == Configuration().digest


def test_the_table_is_beside_mypys_configuration_or_upwards(project: Path) -> None:
    path = written(project, "")
    below = project / "a" / "b"
    below.mkdir(parents=True)
    assert find(str(project / "mypy.ini")) == path
    assert find(None) == path
    # Beside a configuration elsewhere there is none: that of the current folder counts.
    assert find(str(below / "mypy.ini")) == path
    (below / "pyproject.toml").touch()
    assert find(str(below / "mypy.ini")) == below / "pyproject.toml"
