"""How a fault is shown: the line, a caret under the right column, and faults in order."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nimnet_gen.source.diagnostics import (
    MOST,
    WINDOW,
    Diagnostic,
    Diagnostics,
    TooManyFaultsError,
    did_you_mean,
)
from nimnet_gen.source.position import Position


def shown(line: str, column: int) -> tuple[str, str]:
    rendered = Diagnostic("SPEC021", "x", Position("f", 1, column), "", line).render()
    _, text, caret = rendered.split("\n")
    return text, caret


def width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def test_the_whole_form() -> None:
    found = Diagnostics({"spec/net/socket.yaml": ("a:", "  - {name: x, type: Prot}")})
    found.add(
        "SPEC041",
        "unknown type 'Prot'",
        Position("spec/net/socket.yaml", 2, 21),
        did_you_mean("Prot", ["Port", "Socket"]),
    )
    assert found.render() == (
        "spec/net/socket.yaml:2:21: SPEC041 unknown type 'Prot'\n"
        "    - {name: x, type: Prot}\n"
        "                      ^\n"
        "  hint: did you mean 'Port'?"
    )


@pytest.mark.parametrize(
    ("line", "column", "under"),
    [
        ("abc", 2, "b"),
        ("\tabc\tde", 6, "d"),
        ("漢字 x", 4, "x"),
        ("e\u0301 x", 4, "x"),
        ("x" * 200 + "Y" + "z" * 200, 201, "Y"),
        ("漢" * 200 + "Y" + "字" * 200, 201, "Y"),
        ("    short", 5, "s"),
    ],
)
def test_the_caret_stands_under_its_column(line: str, column: int, under: str) -> None:
    text, caret = shown(line, column)
    position = width(caret) - 1
    before = next(n for n in range(len(text) + 1) if width(text[:n]) == position)
    while unicodedata.combining(text[before]):
        before += 1
    assert text[before] == under


@given(st.text(max_size=300), st.integers(1, 320))
def test_any_line_fits_the_window(line: str, column: int) -> None:
    rendered = Diagnostic("SPEC021", "x", Position("f", 1, column), "", line).render()
    for part in rendered.split("\n")[1:]:
        assert width(part) <= WINDOW + 4 + 6 + 2
        assert part.isprintable()


def test_faults_come_in_the_order_of_the_text_and_once() -> None:
    found = Diagnostics()
    for file, line, column in (("b", 1, 1), ("a", 10, 1), ("a", 2, 9), ("a", 2, 1), ("a", 2, 1)):
        found.add("SPEC021", "x", Position(file, line, column))
    assert [tuple(fault.at) for fault in found] == [
        ("a", 2, 1),
        ("a", 2, 9),
        ("a", 10, 1),
        ("b", 1, 1),
    ]


def test_a_fault_in_an_endless_line() -> None:
    line = "ab " * 330_000
    found = Diagnostics({"f": (line,)})
    began = time.process_time()
    for number in range(MOST):
        column = number * 1_900 + 1
        found.add("SPEC021", "x", found.within(Position("f", 1, column), 0))
    assert len(found.render().splitlines()) == 4 * MOST - 1
    assert time.process_time() - began < 3


def test_more_faults_than_are_collected() -> None:
    found = Diagnostics()
    for number in range(MOST):
        found.add("SPEC021", "x", Position("f", number + 1, 1))
    assert not found.is_full
    with pytest.raises(TooManyFaultsError):
        found.add("SPEC021", "y", Position("f", 1, 1))
    assert (len(found), found.is_full) == (MOST, True)
    assert found.render().endswith(
        f"\n\nThere are more faults: these are the {MOST} that were found first."
    )


def test_hints_end_before_the_time_does() -> None:
    """The names are of the worst kind: each like all others, and long."""
    found = Diagnostics()
    known = ["a" * 60 + str(number) for number in range(1_000)]
    began = time.process_time()
    hints = [found.did_you_mean("a" * 60 + f"z{number}", known, "no") for number in range(1_000)]
    assert time.process_time() - began < 3
    assert hints[0].startswith("did you mean 'aaa")
    assert hints[-1] == "no"
    assert found.did_you_mean("raise", ["raises"], "no") == "did you mean 'raises'?"


def test_no_name_is_like_an_endless_one() -> None:
    found = Diagnostics()
    assert found.did_you_mean("k" * 1_000_000, ["k" * 1_000_001], "no") == "no"
    assert found.did_you_mean("name", ["k" * 1_000_000, "names"]) == "did you mean 'names'?"


def test_an_endless_message_is_cut() -> None:
    found = Diagnostics()
    found.add("SPEC021", "no key '" + "k" * 100_000 + "'", Position("f", 1, 1))
    assert len(found.render()) < 500


def test_an_unregistered_code_is_a_fault_of_the_generator() -> None:
    with pytest.raises(KeyError):
        Diagnostics().add("SPEC999", "x", Position("f", 1, 1))


def test_a_place_inside_a_scalar() -> None:
    found = Diagnostics({"f": ("a: 'set[X]'", "a: set[X]", "a: >")})
    assert found.within(Position("f", 1, 4), 4) == Position("f", 1, 9)
    assert found.within(Position("f", 2, 4), 4) == Position("f", 2, 8)
    assert found.within(Position("f", 3, 4), 4) == Position("f", 3, 4)


def test_did_you_mean() -> None:
    assert did_you_mean("raise", ["raises", "tags"]) == "did you mean 'raises'?"
    assert did_you_mean("zzz", ["raises"], "one of raises") == "one of raises"
