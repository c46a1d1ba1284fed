"""Reading one file: positions, and refusals that never become a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from nimnet_gen.source import nodes as source
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.nodes import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NODES,
    Allowance,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    parse_source,
    read_source,
)
from nimnet_gen.source.position import Position
from nimnet_gen.source.reading import MAX_BYTES

TEXT = """\
name: x  # a comment
list:
  - {a: "b c", d: 'e'}
  - >
    folded
    text
wide: [漢字, é, 12]
"""


def parsed(text: str) -> Node:
    found = Diagnostics()
    root = parse_source(text.encode(), "f.yaml", found)
    assert not len(found), found.render()
    assert root is not None
    return root


def scalars(node: Node) -> list[tuple[str, int, int, bool]]:
    if isinstance(node, ScalarNode):
        return [(node.text, node.at.line, node.at.column, node.plain)]
    if isinstance(node, SequenceNode):
        return [row for item in node.items for row in scalars(item)]
    return [row for key, value in node.entries for row in (*scalars(key), *scalars(value))]


EXPECTED = [
    ("name", 1, 1, True),
    ("x", 1, 7, True),
    ("list", 2, 1, True),
    ("a", 3, 6, True),
    ("b c", 3, 9, False),
    ("d", 3, 16, True),
    ("e", 3, 19, False),
    ("folded text\n", 4, 5, False),
    ("wide", 7, 1, True),
    ("漢字", 7, 8, True),
    ("é", 7, 12, True),
    ("12", 7, 15, True),
]


def test_positions() -> None:
    assert scalars(parsed(TEXT)) == EXPECTED


def test_both_parsers_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)
    assert scalars(parsed(TEXT)) == EXPECTED


def test_both_parsers_refuse_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal() -> str:
        found = Diagnostics()
        assert parse_source(b"a: [1\nb: 2\n", "f.yaml", found) is None
        return found.render()

    with_default = refusal()
    assert "SPEC006" in with_default
    monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)
    assert refusal() == with_default


def test_windows_line_ends() -> None:
    assert scalars(parsed("a: b\r\nc: d\r\n"))[2:] == [("c", 2, 1, True), ("d", 2, 4, True)]


def test_a_file_of_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: b\n" * 2_000_000)
    found = Diagnostics()
    assert read_source(path, "big.yaml", found) is None
    assert found.render() == (
        f"big.yaml:1:1: SPEC003 the file has 10000000 bytes; at most {MAX_BYTES} are read\n"
        "  hint: split the module in two"
    )


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    found = Diagnostics()
    assert read_source(tmp_path, "x.yaml", found) is None
    assert found.render() == "x.yaml:1:1: SPEC001 not a file"


def test_a_missing_file(tmp_path: Path) -> None:
    found = Diagnostics()
    assert read_source(tmp_path / "none.yaml", "none.yaml", found) is None
    assert [fault.code for fault in found] == ["SPEC001"]
    assert "No such file" in found.render()


def test_the_first_key_stays_where_a_second_is_refused() -> None:
    found = Diagnostics()
    assert parse_source(b"a: 1\na: 2\n", "f", found) is None
    assert [(fault.code, fault.at) for fault in found] == [("SPEC009", Position("f", 2, 1))]


def test_a_key_may_look_like_an_operator() -> None:
    root = parsed('"&=": "*"\n"<<": plain\n')
    assert isinstance(root, MappingNode)
    assert [key.text for key, _ in root.entries] == ["&=", "<<"]


def test_the_end_of_a_limit_is_the_end_of_the_work() -> None:
    """The parser gives its events one by one, so that most of a text is never looked at."""
    allowance = Allowance.whole()
    text = "- [" + "a, " * 300_000
    assert parse_source(text.encode(), "f", Diagnostics(), allowance) is None
    assert allowance.nodes == MAX_NODES - MAX_ITEMS - 1


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="needs a file of the system")
def test_a_file_without_an_end() -> None:
    """It says that it has no bytes, and has more than the memory."""
    found = Diagnostics()
    assert read_source(Path("/proc/self/pagemap"), "f", found) is None
    assert [fault.message for fault in found] == [
        f"the file has {MAX_BYTES + 1} bytes; at most {MAX_BYTES} are read"
    ]


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("fifo", "zero"):
        found = Diagnostics()
        assert read_source(tmp_path / name, "f", found) is None
        assert [fault.message for fault in found] == ["not a file"]


def test_a_file_of_ten_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "sparse.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    found = Diagnostics()
    assert read_source(path, "f", found) is None
    assert [fault.code for fault in found] == ["SPEC003"]


DEPTHS = [MAX_DEPTH, 100, 999, 1_001, 1_100, 100_000]
"""Of brackets after those that are allowed; some versions of libyaml refuse more than 1,000."""


@pytest.fixture(params=["libyaml", "python"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)


def refusals(text: str) -> list[tuple[str, int, int]]:
    found = Diagnostics()
    assert parse_source(text.encode(), "f", found) is None
    return [(fault.code, fault.at.line, fault.at.column) for fault in found]


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize("depth", DEPTHS)
def test_deep_nesting_is_refused_at_once(depth: int) -> None:
    """Where it first is too deep, whether the parser says so itself, and before or after that."""
    above, deep = MAX_DEPTH, MAX_DEPTH + depth
    assert refusals("[" * deep) == [("SPEC010", 1, above + 1)]
    assert refusals("{a: " * deep) == [("SPEC010", 1, 4 * above + 1)]
    assert refusals("- " * deep) == [("SPEC010", 1, 2 * above + 1)]
    assert refusals("[\n" * deep) == [("SPEC010", above + 1, 1)]
    assert refusals("漢: 字\nb:\n - " + "[" * deep) == [("SPEC010", 3, above + 2)]
    assert refusals("? " * deep) == [("SPEC010", 1, 2 * above + 1)]
    assert refusals("[{a: " * deep + "}]") == [("SPEC010", 1, 5 * above // 2 + 1)]
    lines = min(deep, 1_200)
    assert refusals("".join(" " * n + "a:\n" for n in range(lines))) == [
        ("SPEC010", above + 1, above + 1)
    ]


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize("depth", DEPTHS)
def test_depth_is_seen_before_what_the_parser_refuses_in_the_same_line(depth: int) -> None:
    deep = "[" * (MAX_DEPTH + depth)
    assert refusals(deep + "\n}") == [("SPEC010", 1, MAX_DEPTH + 1)]
    assert refusals(deep + "`") == [("SPEC010", 1, MAX_DEPTH + 1)]
    assert refusals(deep + '"\\q"') == [("SPEC010", 1, MAX_DEPTH + 1)]


@pytest.mark.parametrize("depth", DEPTHS)
def test_depth_is_seen_in_what_can_be_no_key(depth: int) -> None:
    """The parser in Python tells of the first bracket that it is out of place: no less true."""
    deep = "[" * (MAX_DEPTH + depth)
    assert refusals("x: 1\n" + deep) == [("SPEC010", 2, MAX_DEPTH + 1)]
    assert refusals("x:\n  y: 1\n  " + deep + "\n") == [("SPEC010", 3, MAX_DEPTH + 3)]


def test_brackets_that_nest_nothing() -> None:
    brackets = "[" * 2_000
    assert refusals(f"a: '{brackets}'\nb: [ ]]\n") == [("SPEC006", 2, 7)]
    assert parsed(f"a: '{brackets}'\nb: x{brackets}\nc: |\n  {brackets}\n# {brackets}")


def test_a_fault_far_into_a_text_is_said_in_the_words_of_libyaml() -> None:
    """What Python's parser says of it says more, but would take long to find."""

    def message(blanks: int) -> str:
        found = Diagnostics()
        raw = b"a: b\n" + b"# comment\n" * blanks + b"c: [1\nd: 2\n"
        assert parse_source(raw, "f.yaml", found) is None
        (fault,) = found
        assert fault.at.line == blanks + 3
        return fault.message

    assert (
        message(10) == "not YAML: expected ',' or ']', but got ':' (while parsing a flow sequence)"
    )
    assert message(50_000) == (
        "not YAML: did not find expected ',' or ']' (while parsing a flow sequence)"
    )


@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    found = Diagnostics()
    root = parse_source(raw, "f.yaml", found)
    assert (root is None) == (len(found) > 0)
    assert "Traceback" not in found.render()


@given(st.text(alphabet="abc:-[]{}#&*!|>'\"%@`,?~ \n\t<=1", max_size=120))
def test_any_text_of_yaml_characters(text: str) -> None:
    found = Diagnostics()
    root = parse_source(text.encode(), "f.yaml", found)
    assert (root is None) == (len(found) > 0)
    lines = found.sources["f.yaml"]
    for fault in found:
        assert 1 <= fault.at.line <= len(lines)
