"""Nim's types and defaults as text: what parses to what, and where a fault is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nimnet_gen.naming.nimdefaults import (
    BoolLiteral,
    Call,
    CharLiteral,
    Conversion,
    Default,
    FloatLiteral,
    IntLiteral,
    ListLiteral,
    NameRef,
    NilLiteral,
    NoneOf,
    SetLiteral,
    Some,
    StringLiteral,
    parse_default,
)
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    NimSyntaxError,
    NimType,
    OptionOf,
    PythonType,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
    parse_type,
    walk,
)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("int", Named("int")),
        (" Sockaddr_storage ", Named("Sockaddr_storage")),
        ("set[SocketFlag]", SetOf(Named("SocketFlag"))),
        ("array[0 .. 15, uint8]", ArrayOf(0, 15, Named("uint8"))),
        ("array[0..BufferSize, char]", ArrayOf(0, "BufferSize", Named("char"))),
        ("(string, Port)", TupleOf((Named("string"), Named("Port")))),
        (
            "tuple[identity: string, psk: string]",
            TupleOf((Named("string"), Named("string")), ("identity", "psk")),
        ),
        (
            "tuple[key, value: string, port: Port]",
            TupleOf((Named("string"), Named("string"), Named("Port")), ("key", "value", "port")),
        ),
        ("SockAddr | Sockaddr_in", UnionOf((Named("SockAddr"), Named("Sockaddr_in")))),
        ("seq[string]", SeveralOf("seq", Named("string"))),
        ("openarray[byte]", SeveralOf("openArray", Named("byte"))),
        ("openArray[byte]", SeveralOf("openArray", Named("byte"))),
        ("varargs[string]", SeveralOf("varargs", Named("string"))),
        ("Option[seq[Port]]", OptionOf(SeveralOf("seq", Named("Port")))),
        ("HashSet[int]", GenericOf("HashSet", (Named("int"),))),
        ("py:Iterator[bytes]", PythonType("Iterator[bytes]")),
        ("py:dict[str, int | None]", PythonType("dict[str, int | None]")),
        ("py:a.B | py:a.C", UnionOf((PythonType("a.B"), PythonType("a.C")))),
    ],
)
def test_types(text: str, node: NimType) -> None:
    assert parse_type(text) == node


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("set[", 4),
        ("set[int", 7),
        ("int]", 3),
        ("(int, )", 6),
        ("tuple[a]", 7),
        ("tuple[a, b]", 10),
        ("tuple[a, a: int]", 9),
        ("array[0 15, int]", 8),
        ("var int", 0),
        ("seq[]", 4),
        ("seq[int", 7),
        ("Option[int, int]", 10),
        ("py:", 0),
        ("py:1", 0),
        ("py:a | int", 6),
    ],
)
def test_faults_of_types_have_their_place(text: str, offset: int) -> None:
    with pytest.raises(NimSyntaxError) as caught:
        parse_type(text)
    assert caught.value.offset == offset


def test_walk_yields_every_part() -> None:
    names = [
        node.name
        for node in walk(parse_type("(A, set[B], array[0..1, C])"))
        if isinstance(node, Named)
    ]
    assert names == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("-1", IntLiteral(-1)),
        ("0'i32", IntLiteral(0, "i32")),
        ("0x1F", IntLiteral(31)),
        ("-0b101'i8", IntLiteral(-5, "i8")),
        ("0o17", IntLiteral(15)),
        ("1_000", IntLiteral(1000)),
        ("5'u", IntLiteral(5, "u")),
        ("1.5", FloatLiteral(1.5)),
        ("-1e3", FloatLiteral(-1000.0)),
        ("2'f32", FloatLiteral(2.0, "f32")),
        ("2.5'd", FloatLiteral(2.5, "f64")),
        ("','", CharLiteral(",")),
        ("'\\''", CharLiteral("'")),
        ("'\\xFF'", CharLiteral("\xff")),
        ("'\\10'", CharLiteral("\n")),
        ("nil", NilLiteral()),
        ("@[]", ListLiteral(())),
        ("@[1, @[]]", ListLiteral((IntLiteral(1), ListLiteral(())))),
        ('["a"]', ListLiteral((StringLiteral("a"),))),
        ("none(seq[(int, string)])", NoneOf(parse_type("seq[(int, string)]"))),
        ("some(5)", Some(IntLiteral(5))),
        ("uint16(5)", Conversion("uint16", IntLiteral(5))),
        ("float(1)", Conversion("float", IntLiteral(1))),
        ('"\\x41\\t\\65"', StringLiteral("A\tA")),
        ("true", BoolLiteral(True)),
        ("false", BoolLiteral(False)),
        ('""', StringLiteral("")),
        ('"a\\"b\\n"', StringLiteral('a"b\n')),
        ("AF_INET", NameRef("AF_INET")),
        ("IpAddressFamily.IPv6", NameRef("IPv6", "IpAddressFamily")),
        ("{}", SetLiteral(())),
        ("{SafeDisconn}", SetLiteral((NameRef("SafeDisconn"),))),
        (
            "{ Peek, Flag.SafeDisconn }",
            SetLiteral((NameRef("Peek"), NameRef("SafeDisconn", "Flag"))),
        ),
        ("Port(0)", Conversion("Port", IntLiteral(0))),
        ("-1.OSErrorCode", Conversion("OSErrorCode", IntLiteral(-1))),
        ('parseIpAddress("8.8.8.8")', Call("parseIpAddress", (StringLiteral("8.8.8.8"),))),
        ("IPv4_any()", Call("IPv4_any", ())),
    ],
)
def test_defaults(text: str, node: Default) -> None:
    assert parse_default(text) == node


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("1 2", 2),
        ('"open', 0),
        ("{1}", 1),
        ("{A B}", 3),
        ("f(1", 3),
        ("--1", 0),
        ("@[1", 3),
        ("''", 0),
        ("'ab'", 0),
        ("'é'", 0),
        ("'\\256'", 0),
        ("none(", 5),
        ("none(seq[)", 9),
        ("0x1_0000_0000_0000_0000", 0),
        ("1e999", 0),
        ("1_", 1),
    ],
)
def test_faults_of_defaults_have_their_place(text: str, offset: int) -> None:
    with pytest.raises(NimSyntaxError) as caught:
        parse_default(text)
    assert caught.value.offset == offset


def fault_of(parse: Callable[[str], object], text: str) -> int | None:
    try:
        parse(text)
    except NimSyntaxError as error:
        return error.offset
    return None


@given(st.text(alphabet="aZ0[](){}.,:|'\"- \\py\n", max_size=60))
def test_any_text_parses_or_has_a_placed_fault(text: str) -> None:
    for parse in (parse_type, parse_default):
        assert (fault_of(parse, text) or 0) in range(len(text) + 1)


def test_what_has_no_end_is_refused_by_its_length() -> None:
    for parse in (parse_type, parse_default):
        with pytest.raises(NimSyntaxError, match="of more than 500 characters"):
            parse("a" * 501)
    assert isinstance(parse_default("f(1,2,3,4,5,6,7,8)"), Call)
    with pytest.raises(NimSyntaxError, match="this many items"):
        parse_default("[1,2,3,4,5,6,7,8,9]")
    with pytest.raises(NimSyntaxError, match="this many arguments"):
        parse_default("f(1,2,3,4,5,6,7,8,9)")


@pytest.mark.parametrize(
    ("text", "written"),
    [("0X1f", "0x1F"), ("-1_000'i32", "-1_000"), ("007", "7"), ("0", "0"), ("0B1", "0b1")],
)
def test_an_integer_is_written_alike_in_python(text: str, written: str) -> None:
    literal = parse_default(text)
    assert isinstance(literal, IntLiteral)
    assert literal.written == written
    assert int(written, 0) == literal.value
