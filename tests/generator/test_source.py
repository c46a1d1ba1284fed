"""Reading one file: positions, and refusals that never become a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from nimnet_generator import source
from nimnet_generator.diagnostics import Diagnostics
from nimnet_generator.position import Position
from nimnet_generator.source import (
    MAX_BYTES,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    parse_source,
    read_source,
)

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


@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_nesting_is_refused_at_once(depth: int) -> None:
    for text in ("[" * depth, "{a: " * depth, "- " * depth):
        found = Diagnostics()
        assert parse_source(text.encode(), "f", found) is None
        assert [fault.code for fault in found] == ["SPEC010"]


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
