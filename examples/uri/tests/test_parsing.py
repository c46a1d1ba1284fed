"""Properties of URIs that no single example shows."""

from __future__ import annotations

import itertools

import pytest
from nimuri import Uri, combine, decode_query, decode_url, encode_query, encode_url, parse_uri

BASE = parse_uri("http://a/b/c/d;p?q")
NORMAL = {
    "g:h": "g:h",
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s",
    "g#s": "http://a/b/c/g#s",
    "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x",
    "g;x": "http://a/b/c/g;x",
    "g;x?y#s": "http://a/b/c/g;x?y#s",
    "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../": "http://a/",
    "../../g": "http://a/g",
}
"""The examples of RFC 3986 section 5.4.1."""
ABNORMAL = {
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "g..": "http://a/b/c/g..",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/./y": "http://a/b/c/g;x=1/y",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/./x": "http://a/b/c/g?y/./x",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/./x": "http://a/b/c/g#s/./x",
    "g#s/../x": "http://a/b/c/g#s/../x",
}
"""Those of section 5.4.2."""


@pytest.mark.parametrize(("reference", "target"), (NORMAL | ABNORMAL).items())
def test_references_are_resolved_as_the_rfc_does(reference: str, target: str) -> None:
    assert str(BASE.combine(parse_uri(reference))) == target
    assert combine(BASE, parse_uri(reference)) == BASE.combine(parse_uri(reference))


SIGNS = ("", "a", ":", "/", "//", "?", "#", "@", "[::1]", "mailto:")


def test_what_is_written_is_written_again() -> None:
    for signs in itertools.product(SIGNS, repeat=4):
        written = str(parse_uri("".join(signs)))
        assert str(parse_uri(written)) == written, signs


@pytest.mark.parametrize("surrogate", [0xD800, 0xDC7F, 0xDC80, 0xDCFF, 0xDD00, 0xDFFF])
def test_what_is_no_character_is_no_error(surrogate: int) -> None:
    text = f"a {chr(surrogate)}\udcff"
    encoded = encode_url(text)
    assert encode_url(decode_url(encoded)) == encoded
    assert decode_url(text) == text
    assert decode_query(f"{text}={text}") == [(text, text)]


TEXTS = ("", "a=", "&", "é +")
PAIRS = [(key, value) for key in TEXTS for value in TEXTS]


@pytest.mark.parametrize("size", range(4))
def test_a_query_comes_back(size: int) -> None:
    for pairs in itertools.product(PAIRS, repeat=size):
        if pairs[-1:] != (("", ""),):  # which is written as nothing
            assert decode_query(encode_query(pairs)) == list(pairs)
        assert decode_query(encode_query(pairs, omit_eq=False)) == list(pairs)


def test_a_uri_is_a_value() -> None:
    assert Uri(path="a") == parse_uri("a")
    assert len({Uri(path="a"), parse_uri("a"), parse_uri("b")}) == 2
