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
        ("[tool.nimnet_effects]\nunchecked = 'a.B'", "unchecked: must be a list of names"),
        ("[tool.nimnet_effects]\nunchecked = [['a.B']]", "unchecked: must be a list of names"),
        ("[tool.nimnet_effects]\ncontracts = 'c.toml'", "contracts: must be a list of names"),
        ("[tool.nimnet_effects]\ncontracts = [3]", "contracts: must be a list of names"),
        ("[tool.nimnet_effects]\nfunctions = []", "functions: must be a table, not []"),
        ("[tool.nimnet_effects.functions]\n'a.b' = []", 'functions]: ["a.b"]: must be a table'),
        ("[[tool.nimnet_effects]]\nunchecked = []", "must be a table, not [{"),
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


def test_each_name_is_known_with_its_place(project: Path) -> None:
    (project / "c.toml").write_text("format = 1\n['a.b']\nraises = ['e.Y', 'e.X']")
    table = "[tool.nimnet_effects]\ncontracts = ['c.toml']\nunchecked = ['a.Fatal']\n"
    inline = "[tool.nimnet_effects.functions]\n'a.c' = {given = {t = {raises = ['e.Z']}}}\n"
    named = load(written(project, table + inline)).named
    inside = "pyproject.toml: [tool.nimnet_effects.functions]"
    assert [(each.name, each.where, each.forms is None) for each in named] == [
        ("a.Fatal", "pyproject.toml: [tool.nimnet_effects] unchecked", True),
        ("a.b", "c.toml", False),
        ("e.X", 'c.toml: ["a.b"]', True),
        ("e.Y", 'c.toml: ["a.b"]', True),
        ("a.c", inside, False),
        ("e.Z", f'{inside}: ["a.c"]', True),
    ]


def test_a_module_knows_the_names_that_are_its_own(project: Path) -> None:
    both = load(written(project, "[tool.nimnet_effects]\nunchecked = ['a.B', 'c.d.E']"))
    one = load(written(project, "[tool.nimnet_effects]\nunchecked = ['a.B', 'c.d.F']"))
    assert both.names_digest("a") == one.names_digest("a") != ""
    assert both.names_digest("c") != one.names_digest("c")
    assert both.names_digest("c.d") != one.names_digest("c.d")
    assert both.names_digest("b") == both.names_digest("c.d.E") == ""


def test_a_file_that_cannot_be_read_is_named(project: Path) -> None:
    (project / "pyproject.toml").mkdir()
    with pytest.raises(MalformedError, match=r"pyproject.toml: cannot be read: "):
        load(project / "pyproject.toml")
    (project / "bytes").mkdir()
    (project / "bytes" / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(MalformedError, match=r"is not TOML: "):
        load(project / "bytes" / "pyproject.toml")
