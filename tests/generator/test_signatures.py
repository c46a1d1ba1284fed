"""The Python signatures of the real specification, form by form."""

from __future__ import annotations

import pytest
from harness.specifications import real_spec
from nimnet_gen.model.references import reference
from nimnet_gen.model.surface import StringMeaning
from nimnet_gen.naming.nimtypes import parse_type
from nimnet_gen.naming.python_types import (
    INTEGERS,
    Mappings,
    Place,
    PythonAnnotation,
    accepting_class,
    annotation,
)
from nimnet_gen.naming.signatures import signature
from nimnet_gen.naming.symbols import Symbols

MAPPINGS = Mappings(
    integers={**INTEGERS, "Length": (0, 255)},
    data=frozenset({"Raw"}),
    classes={"Engine": "a.b.Engine"},
    data_fields=frozenset({"key"}),
)


@pytest.fixture(scope="module", name="symbols")
def real_symbols() -> Symbols:
    return Symbols.of(real_spec())


@pytest.mark.parametrize(
    ("call", "owner", "arguments", "results"),
    [
        ("recv/1", "Socket", "data: memoryview, size: int", "int"),
        ("recv/2", "Socket", "data: memoryview, size: int, timeout: int", "int"),
        (
            "recv/3",
            "Socket",
            "data: bytearray, size: int, timeout: int = -1, "
            "flags: SocketFlag | None = none(set[SocketFlag])",
            "int",
        ),
        (
            "recv/4",
            "Socket",
            "size: int, timeout: int = -1, flags: SocketFlag | None = none(set[SocketFlag])",
            "bytes",
        ),
        ("connect/1", "Socket", "address: str, port: Port = Port(0)", ""),
        ("connect/2", "Socket", "address: str, port: Port = Port(0), *timeout: int", ""),
        (
            "acceptAddr/1",
            "Socket",
            "flags: SocketFlag | None = none(set[SocketFlag]), *timeout: int = -1",
            "Socket, str",
        ),
        (
            "recvFrom/1",
            "Socket",
            "length: int, flags: int = 0'i32, *timeout: int = -1",
            "bytes, str, Port",
        ),
        ("getLocalAddr/1", "Socket", "", "tuple[str, Port]"),
        ("toSockAddr/1", "IpAddress", "port: Port", "bytes, int"),
        ("fromSockAddr/1", "", "sa: BytesLike, sl: int", "IpAddress, Port"),
        ("getPrimaryIPAddr/1", "", 'dest: IpAddress = parseIpAddress("8.8.8.8")', "IpAddress"),
        ("clientGetPskFunc=/1", "SslContext", "fun: SslClientGetPskFunc | None", ""),
        ("getExtraData/1", "SslContext", "index: int", "object"),
        (
            "newSocket/2",
            "",
            "domain: int, sock_type: int, protocol: int, buffered: bool = true, "
            "inheritable: bool = false, *safe_disconn: bool = true",
            "Socket",
        ),
        ("&=/1", "Socket", "data: BytesLike", ""),
        ("skip/1", "Socket", "size: int, timeout: int = -1", "int"),
    ],
)
def test_signature(symbols: Symbols, call: str, owner: str, arguments: str, results: str) -> None:
    meant = reference(call)
    entry = meant.of(symbols.callables[meant.name])
    assert entry is not None
    form = signature(entry, symbols)
    assert form is not None
    assert (form.owner.name if form.owner else "") == owner
    shown = ", ".join(
        f"{'*' if given.keyword_only else ''}{given.name}: {given.annotation.text}"
        + (f" = {given.param.default}" if given.param.default is not None else "")
        for given in form.arguments
    )
    assert shown == arguments
    assert ", ".join(outcome.annotation.text for outcome in form.outcomes) == results


def test_every_callable_has_a_signature(symbols: Symbols) -> None:
    for overloads in symbols.callables.values():
        for entry in overloads:
            assert signature(entry, symbols) is not None, entry.name


def written(text: str, meaning: StringMeaning | None, place: Place) -> PythonAnnotation:
    return annotation(parse_type(text), meaning, place, MAPPINGS)


def test_a_field_is_data_whatever_the_tuple_says() -> None:
    found = written("tuple[identity: string, key: string]", "text", "result")
    assert found.text == "tuple[str, bytes]"


def test_a_mapped_type_is_what_the_file_says() -> None:
    assert written("Raw", None, "param").text == "BytesLike"
    assert written("Raw", None, "result").text == "bytes"
    assert written("Length", None, "param").text == "int"
    found = written("Engine", None, "result")
    assert (found.text, found.imports) == ("a.b.Engine", (("a.b", ""),))


def test_imports_of_python_types() -> None:
    found = written("py:Iterator[bytes] | py:ipaddress.IPv4Address", None, "result")
    assert found.text == "Iterator[bytes] | ipaddress.IPv4Address"
    assert found.imports == (("collections.abc", "Iterator"), ("ipaddress", ""))


def test_the_members_of_an_alias() -> None:
    data = written("string", "data", "param")
    assert data.text == "BytesLike"
    assert data.atoms == {"bytes", "bytearray", "memoryview"}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("seq[int]", "Sequence[int] list[int] list[int] tuple[int, ...]"),
        ("openArray[float32]", "Sequence[float] list[float] list[float] tuple[float, ...]"),
        ("array[0 .. 3, int]", "Sequence[int] list[int] list[int] tuple[int, ...]"),
        ("seq[byte]", "BytesLike bytes bytearray bytes"),
        ("openArray[char]", "str str str str"),
        ("varargs[int64]", "int int int int"),
        ("char", "str str str str"),
        ("Natural", "int int int int"),
    ],
)
def test_a_type_at_each_place(text: str, places: str) -> None:
    every: tuple[Place, ...] = ("param", "result", "inout", "field")
    found = [written(text, "text", place).text for place in every]
    assert " ".join(found) == places


def test_types_inside_of_others() -> None:
    found = written("Option[seq[(string, Raw)]]", "data", "param")
    assert found.text == "Sequence[tuple[BytesLike, BytesLike]] | None"
    assert found.imports == (("collections.abc", "Sequence"),)
    assert written("seq[seq[string]]", "data", "field").text == "tuple[tuple[bytes, ...], ...]"


@pytest.mark.parametrize(
    ("classes", "text", "accepting"),
    [
        (["ipaddress.IPv4Address", "ipaddress.IPv6Address"], "::1", "ipaddress.IPv6Address"),
        (["ipaddress.IPv4Address"], "localhost", None),
        (["decimal.Decimal", "fractions.Fraction"], "1/3", "fractions.Fraction"),
        (["ipaddress.IPv5Address"], "::1", None),
        (["subprocess.Popen"], "false", "subprocess.Popen"),
        (["collections.abc.Iterable[bytes]"], "a", "collections.abc.Iterable[bytes]"),
    ],
)
def test_which_class_takes_a_text(classes: list[str], text: str, accepting: str | None) -> None:
    assert accepting_class(classes, text) == accepting
