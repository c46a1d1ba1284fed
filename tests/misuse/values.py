"""What a type takes: values at its bounds, beyond them, and of other types."""

from __future__ import annotations

import array
import decimal
import enum
import ipaddress
import os
import re
import signal
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import nimnet
from nimnet import TlsVersion
from nimnet.tls import SslHandshakeType

_HUGE: Final = 10**400
_LONG: Final = 100_000


@dataclass(frozen=True)
class Value:
    """A value to be given.

    Attributes:
        name: How findings call it.
        make: Makes it, a new one for each call.
        fits: Whether a type checker accepts it where it is given.
        either: Whether the package may refuse it as being of a wrong type, or take it.
    """

    name: str
    make: Callable[[], object]
    fits: bool
    either: bool = False


def _always(value: object) -> Callable[[], object]:
    return lambda: value


class _Text(str):
    """A text of a class of its own."""


class _Bytes(bytes):
    """Bytes of a class of their own."""


class _Number(int):
    """A number of a class of its own."""


class _Foreign(enum.IntEnum):
    """An enum of somebody else's."""

    ONE = 1


NUMBERS: Final = (-_HUGE, -(2**63), -2, -1, 0, 1, 2, 2**31 - 1, 2**31, 2**32, 2**63, 2**64, _HUGE)
PORTS: Final = (0, 1, 65535)
"""Those that there are; what makes one is called with others."""
TEXTS: Final = (
    *("", "\0", "a\0b", "\0abstract", "\ud800", "\udc80", "\n", " ", ".", "..", "a..b", "-", "*"),
    *("x" * 64, "x" * 107, "x" * 108, "x" * 255, "x" * 256, "x" * _LONG, "1.2.3", "1.2.3.4.5"),
    *(
        "256.1.1.1",
        "127.1",
        "0x7f.1",
        "::1",
        "::1%nowhere",
        "[::1]",
        "\u0661.2.3.4",
        "1:2:3:4:5:6:7",
    ),
    *("\u00df.invalid", "xn--", "xn--zzzz-.invalid", "\u200d.invalid", "\u3002", "\U0001f600"),
    *("a\u0301.invalid", "\u00e9" * 63, "http/1.1", "/", "/dev/null", "/no/such/file", "ALL"),
    *("TLS_AES_128_GCM_SHA256", "ALL:@SECLEVEL=9", "%s%n{0}"),
)


def values(annotation: str, scratch: Callable[[], nimnet.Socket]) -> Iterator[Value]:
    """Yields what to give for a parameter.

    Args:
        annotation: Its type, as the package writes it.
        scratch: Makes a socket, for those that take one.
    """
    members = [annotation] if "[" in annotation else annotation.split(" | ")
    for member in members:
        if member in _TYPED:
            yield from _TYPED[member]()
        elif member == "Socket":
            yield from _sockets(scratch)
        elif issubclass(kind := _class(member), enum.Enum):
            yield from _members(kind)
        elif member == "Port":
            yield from (Value(f"Port({n})", partial(nimnet.Port, n), fits=True) for n in PORTS)
        elif issubclass(kind, int):
            yield from (
                Value(f"{member}({_shown(n)})", partial(kind, n), fits=True) for n in NUMBERS
            )
    yield from _others(annotation, members)


def may_be(annotation: str, value: object) -> bool:
    """Tells whether a value may be taken where a type is asked for: if in doubt, it may."""
    if "[" in annotation:
        return callable(value) or isinstance(value, list | tuple | bytes)
    return any(_may_be_one(member, value) for member in annotation.split(" | "))


def _may_be_one(member: str, value: object) -> bool:
    if member == "object":
        return True
    if "Func" in member:
        return callable(value)
    if member == "bytes":
        return isinstance(value, bytes | bytearray | memoryview | array.array)
    [kind] = _fitting([member])
    numbers = issubclass(kind, int) and not issubclass(kind, enum.Enum)
    return isinstance(value, int if numbers else kind)


def _members(kind: type[enum.Enum]) -> Iterator[Value]:
    for member in kind:
        yield Value(str(member), _always(member), fits=True)
    if issubclass(kind, enum.Flag):
        yield Value(f"{kind.__name__}(0)", lambda: kind(0), fits=True)
        yield Value("all flags", lambda: ~kind(0), fits=True)
    else:
        first = next(iter(kind))
        yield Value("the member's number", lambda: int(first.value), fits=False, either=True)
    yield Value("the class", lambda: kind, fits=False)


def _others(annotation: str, members: Sequence[str]) -> Iterator[Value]:
    """Yields values of all kinds of types, those that do not fit."""
    if "object" in members:
        return
    fitting = tuple(_fitting(members))
    is_data = annotation.startswith("bytes")
    for value in _ALL:
        if isinstance(value, fitting) or ("[" in annotation and isinstance(value, list | tuple)):
            continue
        either = is_data and isinstance(value, bytes | bytearray | memoryview | array.array)
        # Any other number takes the place of one of a class that is made of numbers.
        either |= any(issubclass(one, int) and isinstance(value, int) for one in fitting)
        either |= callable(value) and ("Callable" in annotation or "Func" in annotation)
        name = f"the {type(value).__name__} {value!r:.30}"
        yield Value(name, _always(value), fits=False, either=either)


_ALL: Final[tuple[object, ...]] = (
    *(
        None,
        1.5,
        float("nan"),
        "text",
        b"bytes",
        bytearray(b"bytes"),
        memoryview(b"bytes"),
        7,
        True,
    ),
    *([], (), {}, set(), [1], [None], object(), object, print, 1j, decimal.Decimal(1)),
    *(nimnet.Domain.AF_INET, nimnet.SockType.SOCK_STREAM, nimnet.SOBool.OPT_DEBUG),
    *(nimnet.SocketFlag.PEEK, TlsVersion.TLS_1_2, SslHandshakeType.HANDSHAKE_AS_CLIENT),
    *(
        nimnet.IPPROTO_TCP,
        nimnet.ipv4_loopback(),
        ipaddress.ip_address("::1"),
        array.array("i", [1]),
    ),
    *(nimnet.Port(7), nimnet.OSErrorCode(7), re.compile("text"), re.compile(b"bytes")),
)


def _fitting(members: Sequence[str]) -> Iterator[type]:
    for member in members:
        if member == "None":
            yield type(None)
        elif member in ("socket.socket", "Socket"):
            yield socket.socket if member == "socket.socket" else nimnet.Socket
        elif "[" in member or "Func" in member:
            continue
        elif member in _BUILTIN:
            yield _BUILTIN[member]
        else:
            yield _class(member)


_BUILTIN: Final[dict[str, type]] = {
    "int": int, "str": str, "bool": bool, "bytes": bytes, "bytearray": bytearray,
    "memoryview": memoryview, "ipaddress.IPv4Address": ipaddress.IPv4Address,
    "ipaddress.IPv6Address": ipaddress.IPv6Address,
}  # fmt: skip


def _class(name: str) -> type:
    import nimnet.tls

    last = name.rpartition(".")[2]
    found = getattr(nimnet, last, None) or getattr(nimnet.tls, last)
    assert isinstance(found, type)
    return found


def _shown(number: int) -> str:
    return str(number) if abs(number) < 2**70 else f"{'-' * (number < 0)}10**400"


def _given(*pairs: tuple[str, object], fits: bool = True) -> Callable[[], Iterator[Value]]:
    def give() -> Iterator[Value]:
        for name, value in pairs:
            yield Value(name, _always(value), fits)

    return give


def _integers() -> Iterator[Value]:
    yield from _given(*((_shown(n), n) for n in NUMBERS))()
    yield Value("an enum of Python's", lambda: signal.SIGINT, fits=True)
    yield Value("an enum of others", lambda: _Foreign.ONE, fits=True)
    yield Value("a class of int", lambda: _Number(1), fits=True)
    yield Value("True", lambda: True, fits=True)


def _texts() -> Iterator[Value]:
    yield from _given(*((f"{t!a:.30} of {len(t)}", t) for t in TEXTS))()
    yield Value("a class of str", lambda: _Text("text"), fits=True)


def _released(view: memoryview) -> memoryview:
    view.release()
    return view


def _bytes() -> Iterator[Value]:
    yield Value("empty", lambda: b"", fits=True)
    yield Value("one", lambda: b"x", fits=True)
    yield Value("a NUL", lambda: b"\0", fits=True)
    yield Value("many", lambda: bytes(_LONG), fits=True)
    yield Value("a class of bytes", lambda: _Bytes(b"bytes"), fits=True)


def _bytearrays() -> Iterator[Value]:
    yield Value("an empty bytearray", bytearray, fits=True)
    yield Value("a bytearray", lambda: bytearray(b"bytes"), fits=True)

    def exported() -> bytearray:
        data = bytearray(b"bytes")
        _held[:] = [memoryview(data)]
        return data

    yield Value("a bytearray that cannot be resized", exported, fits=True)


_held: list[memoryview] = []


def _views() -> Iterator[Value]:
    yield Value("an empty view", lambda: memoryview(bytearray()), fits=True)
    yield Value("a view", lambda: memoryview(bytearray(8)), fits=True)
    yield Value("a read-only view", lambda: memoryview(b"bytes-of"), fits=True)
    yield Value("a view with gaps", lambda: memoryview(bytearray(16))[::2], fits=True)
    yield Value("a view backwards", lambda: memoryview(bytearray(8))[::-1], fits=True)
    yield Value("a view of ints", lambda: memoryview(bytearray(8)).cast("I"), fits=True)
    yield Value(
        "a view of two dimensions", lambda: memoryview(bytearray(8)).cast("B", (2, 4)), fits=True
    )
    yield Value("a view of floats", lambda: memoryview(array.array("d", [1.0])), fits=True)
    yield Value(
        "a view without dimensions",
        lambda: memoryview(bytearray(1)).cast("B", ()),
        fits=True,
    )
    yield Value("a released view", lambda: _released(memoryview(bytearray(8))), fits=True)


def _patterns() -> Iterator[Value]:
    yield from _given(
        ("no patterns", []),
        ("an empty pattern", [b""]),
        ("one of a NUL", [b"\0"]),
        ("a long one", [bytes(_LONG)]),
        ("a regex", [re.compile(b"l")]),
        ("a regex that matches nothing", [re.compile(b"")]),
        ("a regex of the end", [re.compile(b"$")]),
        ("thousands", [b"never"] * 3000),
        ("a tuple", (b"line",)),
    )()
    yield from _given(
        ("a regex of text", [re.compile("line")]),
        ("a text", "line"),
        ("bytes", b"line"),
        ("a text in a list", ["line"]),
        ("None in a list", [b"line", None]),
        ("a view in a list", [memoryview(b"line")]),
        ("a set", {b"line"}),
        fits=False,
    )()


def _protocols() -> Iterator[Value]:
    yield from _given(
        ("nothing", []),
        ("a tuple", ("h2",)),
        ("an empty name", [""]),
        ("one too long", ["x" * 256]),
        ("the longest", ["x" * 255]),
        ("one beyond ASCII", ["\u00fc"]),
        ("a lone surrogate", ["\ud800"]),
        ("too many", ["x" * 200] * 400),
        ("the same twice", ["h2", "h2"]),
        ("a NUL", ["\0"]),
    )()
    yield from _given(
        ("a text", "h2"), ("bytes in a list", [b"h2"]), ("None in it", [None]), fits=False
    )()


_PIPE: Final = os.pipe()


def _handles() -> Iterator[Value]:
    numbers = (-_HUGE, -2, -1, 2**31 - 1, 2**31, 2**63, _HUGE)
    for number in numbers:
        yield Value(_shown(number), partial(nimnet.SocketHandle, number), fits=True)
    yield Value("that of a pipe", lambda: nimnet.SocketHandle(_PIPE[0]), fits=True)


_SECURED: Final = ssl.create_default_context().wrap_socket(socket.socket(), server_hostname="-")


def _plain_sockets() -> Iterator[Value]:
    def closed() -> socket.socket:
        sock = socket.socket()
        sock.close()
        return sock

    def detached() -> socket.socket:
        sock = socket.socket()
        socket.close(sock.detach())
        return sock

    yield Value("a closed socket", closed, fits=True)
    yield Value("a detached socket", detached, fits=True)
    yield Value("a socket of ssl", lambda: _SECURED, fits=True)


def _sockets(scratch: Callable[[], nimnet.Socket]) -> Iterator[Value]:
    def closed() -> nimnet.Socket:
        sock = scratch()
        sock.close()
        return sock

    yield Value("a closed one", closed, fits=True)


def _destroyed() -> nimnet.SslContext:
    context = nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
    context.destroy_context()
    return context


def _wrong_keys() -> Iterator[Value]:
    yield from _given(("empty", b""), ("a password", b"x"), ("long", bytes(_LONG)))()
    yield from _given(
        ("None", None), ("a text", "x"), ("a number", 7), ("a list", []), fits=False
    )()


_TYPED: Final[dict[str, Callable[[], Iterator[Value]]]] = {
    "int": _integers,
    "str": _texts,
    "bool": _given(("True", True), ("False", False)),
    "bytes": _bytes,
    "bytearray": _bytearrays,
    "memoryview": _views,
    "None": _given(("None", None)),
    "object": _given(("None", None), ("an object", object()), ("a long text", "x" * _LONG)),
    "Sequence[bytes | re.Pattern[bytes]]": _patterns,
    "Sequence[str]": _protocols,
    "bytes | Callable[[], bytes]": _wrong_keys,
    "SocketHandle": _handles,
    "socket.socket": _plain_sockets,
    "ipaddress.IPv4Address": _given(("0.0.0.0", ipaddress.IPv4Address(0))),
    "ipaddress.IPv6Address": _given(
        ("::", ipaddress.IPv6Address(0)), ("of a scope", ipaddress.IPv6Address("fe80::1%eth0"))
    ),
    "IpAddress": _given(
        ("any of IPv4", nimnet.ipv4_any()),
        ("broadcast", nimnet.ipv4_broadcast()),
        ("any of IPv6", nimnet.ipv6_any()),
        ("loopback of IPv6", nimnet.ipv6_loopback()),
        ("a mapped one", nimnet.parse_ip_address("::ffff:127.0.0.1")),
    ),
    "SslClientGetPskFunc": _given(("a function", lambda _hint: ("name", b"key"))),
    "SslServerGetPskFunc": _given(("a function", lambda _identity: b"key")),
    "TlsSession": _given(),
    "nimnet.tls.SslContext": lambda: iter([Value("a destroyed context", _destroyed, fits=True)]),
}
