"""References: a name, or the overload of a name that may be an operator."""

from __future__ import annotations

import pytest
from nimnet_gen.model.references import NoOverloadError, Reference, reference


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("recv", "recv", ""),
        ("recv/2", "recv", "2"),
        ("recv/x", "recv", "x"),
        ("/", "/", ""),
        ("//2", "/", "2"),
        ("//", "//", ""),
        ("///1", "//", "1"),
        ("/=", "/=", ""),
        ("/=/3", "/=", "3"),
        ("&=/1", "&=", "1"),
        ("Uri./", "Uri./", ""),
        ("Uri.//2", "Uri./", "2"),
        ("/2", "/2", ""),
        ("", "", ""),
    ],
)
def test_it_is_read_from_the_right(text: str, name: str, number: str) -> None:
    assert reference(text) == Reference(name, number)
    assert str(reference(text)) == text


def test_an_overload_is_numbered_in_documented_order() -> None:
    assert reference("/").of(["one", "two"]) is None
    assert reference("//2").of(["one", "two"]) == "two"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("//3", "'/' has no overload 3; it has 2"),
        ("//0", "'//0' is no overload; write //1"),
        ("/=/x", "'/=/x' is no overload; write /=/1"),
        ("recv/٢", "'recv/٢' is no overload; write recv/1"),
    ],
)
def test_an_overload_that_is_not_there(text: str, message: str) -> None:
    with pytest.raises(NoOverloadError, match=f"^{message}$"):
        reference(text).of(["one", "two"])
