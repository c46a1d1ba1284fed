"""Which literals are among the values that a contract names."""

from __future__ import annotations

import pytest
from nimnet_effects.values import among


@pytest.mark.parametrize(
    ("literal", "values", "is_among"),
    [
        ("0", ["0..65535"], True),
        ("65535", ["0..65535"], True),
        ("65536", ["0..65535"], False),
        ("-1", ["0..65535"], False),
        ("-5", ["-9..-1"], True),
        ("9223372036854775807", ["0..9223372036854775807"], True),
        ("9223372036854775808", ["0..9223372036854775807"], False),
        ("0", ["0.."], True),
        ("-1", ["0.."], False),
        ("-7", ["..-1"], True),
        ("0.25", ["0..1"], True),
        ("1.25", ["0..1"], False),
        ("1", ["0.5..1.5"], True),
        ("True", ["0..1"], True),
        ("None", ["0..1"], False),
        ("None", ["0..1", "None"], True),
        ("'0'", ["0..1"], False),
        ("'0..1'", ["0..1"], False),
        ("b'x'", ["0..1"], False),
        ("-1", ["-1"], True),
        ("0", [], False),
    ],
)
def test_a_literal_is_among_values(literal: str, values: list[str], is_among: bool) -> None:
    assert among(literal, values) is is_among
