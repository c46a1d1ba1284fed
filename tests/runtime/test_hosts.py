"""Hosts: what is refused as one, with the reason, and what a name is for everybody else."""

import _socket
import errno
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

import pytest
from harness.loopback import stream_endpoint, udp_endpoint
from hypothesis import example, given
from hypothesis import strategies as st
from nimnet_runtime import hosts
from nimnet_runtime.address import is_ip_address, parse_ip_address
from nimnet_runtime.dialing import dial
from nimnet_runtime.hosts import Host
from nimnet_runtime.tls.verification import server_name

LABEL = "a" * 63
LONGEST = f"{LABEL}.{LABEL}.{LABEL}.{'a' * 61}"

NAMES = [
    *("localhost", "example.org", "EXAMPLE.org.", "a", "x.y"),
    *("1e100.net", "3com.com", "a1", "1a", "db-01", "db.01a", "0xg", "x0", "127.0.0.1.example"),
    *("_sip._tcp.example", "xn--bcher-kva.example", "a--b", "-a", "it's", "a_b", "*.example"),
    *(LABEL, LONGEST, f"{LONGEST}."),
]

NUMBERS = [
    *("0177.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.1", "017700000001"),
    *("127.0.0.1.", "127.0.0.01", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "example.1", "a.0x", "0"),
    *("4294967296", "99999999999999999999999", "a.0x0.", "1.2.3.4.0x5"),
    *(
        "\uff11\uff12\uff17.0.0.1",
        "127.0.0.\uff11",
        "①27.0.0.1",
        "127。0。0。1",
        "127\uff0e0\uff0e0\uff0e1",
        "127.0.0.1。",
    ),
    *("\uff11\uff12\uff17.1", "0\uff587f.1", "bücher.1", "\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1"),
]

OTHERS = {
    "a..b": "labels",
    ".a": "labels",
    ".": "labels",
    "a..": "labels",
    f"{LABEL}a": "labels must have 1 to 63 characters",
    f"{LONGEST}a": "253 in all",
    f"{LONGEST}.a": "it has 255 characters",
    "a\0b": "must not contain a NUL",
    "a b": "must not contain ' '",
    "127.0.0.1 ": "must not contain ' '",
    "127.0.0.1 a": "must not contain ' '",
    "127.0.0.1\n": r"must not contain '\\n'",
    "example.org/path": "must not contain '/'",
    "user@example.org": "must not contain '@'",
    "a%b": "must not contain '%'",
    "127.0.0.1%lo": "must not contain '%'",
    "a\x7f": r"must not contain '\\x7f'",
    "host:80": "a port is given as an argument of its own",
    "127.0.0.1:80": "a port is given as an argument of its own",
    "[::1]": "without brackets",
    "[::1]:80": "without brackets",
    "http://example.org": "only the host in it",
    "https://[::1]/": "only the host in it",
    "::ffff:0177.0.0.1": "leading zeros",
    "::ffff:127.1": "four numbers",
    "1:2": "argument of its own",
    "::1::": "'::' must stand there once only",
    "fe80::1%": "zone must be",
    "fe80::1%\0": "zone must be",
    "fe80::1%ü": "zone must be",
    "fe80:::1%lo": "once only",
    "%::1": "four numbers",
    "127.0.0.1%::": "a zone stands after an IPv6 address only",
    "\uff1a\uff1a1": "IDNA refuses it|must not contain ':'",
    "ü" * 100: "IDNA refuses it",
    "ü..a": "labels|IDNA refuses it",
    "\ud800.example": "IDNA refuses it",
    "bücher example": "must not contain ' '|IDNA refuses it",
    "bücher\0.example": "must not contain a NUL|IDNA refuses it",
    "bücher.example\uff0fpath": "must not contain '/'|IDNA refuses it",
}


def name_of(text: str) -> bytes:
    host = hosts.read("address", text)
    assert isinstance(host, Host), host
    assert not host.packed
    assert host.text == text
    return host.name


def refusal(text: str) -> str:
    fault = hosts.read("address", text)
    assert isinstance(fault, str), fault
    return fault


@pytest.mark.parametrize("text", NAMES)
def test_names(text: str) -> None:
    assert name_of(text) == text.encode()


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "1::%9"])
def test_addresses(text: str) -> None:
    host = hosts.read("address", text)
    assert isinstance(host, Host)
    literal, _, zone = text.partition("%")
    assert (host.packed, host.zoned) == (parse_ip_address(literal), bool(zone))
    assert (host.text, host.name) == (text, b"")


@pytest.mark.parametrize("text", NUMBERS)
def test_what_looks_like_a_number_is_no_name(text: str) -> None:
    assert not is_ip_address(text)
    assert "it ends in a number" in refusal(text)


@pytest.mark.parametrize(("text", "reason"), OTHERS.items())
def test_what_is_no_host(text: str, reason: str) -> None:
    fault = refusal(text)
    assert fault.startswith("address "), fault
    assert "is no host name or IP address: " in fault
    assert re.search(reason, fault), fault


def test_the_name_of_the_parameter() -> None:
    assert refusal("") == "address must be a host name or an IP address, not empty"
    fault = hosts.read("hostname", "a..b")
    assert isinstance(fault, str)
    assert fault.startswith("hostname 'a..b' is no host name")
    with pytest.raises(TypeError, match=r"must be a str, not bytes|str object expected"):
        hosts.read("hostname", b"localhost")  # type: ignore[arg-type]  # what mypy would report


ALIKE = st.text("0123456789abcdefxX:.%[] \t/@-_ü①\uff11。٣\u00ad\u200dß", max_size=24)


@given(st.one_of(st.text(max_size=70), ALIKE))
@example("0x7f.1")
@example("127.0.0.1 a")
def test_no_resolver_takes_a_name_for_an_address(text: str) -> None:
    host = hosts.read("address", text)
    if isinstance(host, str):
        assert len(host) < 1000
    elif host.packed:
        assert socket.getaddrinfo(text.partition("%")[0], 80, flags=socket.AI_NUMERICHOST)
    else:
        with pytest.raises(socket.gaierror):
            _socket.getaddrinfo(host.name, None, 0, 0, 0, socket.AI_NUMERICHOST)


@given(st.text(max_size=70))
def test_the_name_that_is_resolved_is_the_name_that_is_verified(text: str) -> None:
    host = hosts.read("hostname", text)
    if isinstance(host, Host):
        verified = server_name("hostname", text)
        assert (verified.host or b"") == host.name.removesuffix(b".")
        assert (verified.address or b"") == host.packed
    elif text:
        with pytest.raises(OSError, match="hostname") as caught:
            server_name("hostname", text)
        assert caught.value.errno == errno.EINVAL


# International names.

WITH_IDNA = {
    "bücher.example": b"xn--bcher-kva.example",
    "Bücher。Example.": b"xn--bcher-kva.example.",
    "straße.de": b"xn--strae-oqa.de",
    "faß.de": b"xn--fa-hia.de",
    "_sip._tcp.bücher.example": b"_sip._tcp.xn--bcher-kva.example",
}
WITHOUT = {
    "bücher.example": b"xn--bcher-kva.example",
    "straße.de": b"strasse.de",
    "faß.de": b"fass.de",
    "i❤.ws": b"xn--i-7iq.ws",
    "_sip._tcp.bücher.example": b"_sip._tcp.xn--bcher-kva.example",
}


@pytest.mark.parametrize(("text", "name"), WITH_IDNA.items())
def test_idna_2008_where_the_library_is_installed(text: str, name: bytes) -> None:
    assert name_of(text) == name
    assert server_name("hostname", text).host == name.removesuffix(b".")


@pytest.fixture
def without_idna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idna", None)


_WITHOUT_IDNA: Final = """
import sys
sys.modules["idna"] = None
sys.path[:0] = {path!r}
from nimnet_runtime import hosts
from nimnet_runtime.tls.verification import server_name
for text, name in {names!r}.items():
    assert hosts.read("address", text).name == name, text
    assert server_name("hostname", text).host == name, text
"""


def test_idna_2003_where_it_is_not() -> None:
    """In a process of its own: compiled code has a module for good that it once had."""
    program = _WITHOUT_IDNA.format(path=sys.path, names=WITHOUT)
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_symbols_are_none_of_idna_2008() -> None:
    assert "IDNA refuses it: " in refusal("i❤.ws")


@pytest.mark.usefixtures("without_idna")
@pytest.mark.parametrize("text", [*NUMBERS, *OTHERS])
def test_what_is_no_host_without_the_library(text: str) -> None:
    assert refusal(text)


# Long texts.

MEGABYTES = {
    "label": "a" * (2 << 20),
    "labels": "a." * (1 << 20),
    "groups": "1:" * (1 << 20),
    "numbers": "1." * (1 << 20),
    "international": "ü" * (1 << 20),
    "combining": "a" + "\u0301" * (1 << 20),
    "zone": "fe80::1%" + "0" * (1 << 20),
    "surrogates": "\ud800" * (1 << 20),
}


@pytest.mark.parametrize("text", MEGABYTES.values(), ids=MEGABYTES)
def test_a_megabyte_is_refused_at_once_and_not_repeated(text: str) -> None:
    with closing(stream_endpoint()) as endpoint, closing(udp_endpoint()) as udp:
        calls: list[Callable[[], object]] = [
            lambda: endpoint.connect(text, 80),
            lambda: endpoint.connect_within(text, 80, 1000),
            lambda: endpoint.bind_addr(80, text),
            lambda: udp.send_to(text, 80, b"x", -1),
            lambda: dial(text, 80, socket.IPPROTO_TCP, True, -1),
            lambda: server_name("hostname", text),
            lambda: parse_ip_address(text),
        ]
        for call in calls:
            began = time.perf_counter()
            with pytest.raises((OSError, ValueError), match="it has ") as caught:
                call()
            assert time.perf_counter() - began < 0.1
            assert len(str(caught.value)) < 2000
        began = time.perf_counter()
        assert not is_ip_address(text)
        assert time.perf_counter() - began < 0.01


@pytest.mark.parametrize("idna", [True, False], ids=["idna", "without"])
def test_the_longest_that_are_looked_at_take_no_time(
    idna: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not idna:
        monkeypatch.setitem(sys.modules, "idna", None)
    hosts.read("address", "ü")  # loads what it needs
    for character in "üä①\u0301\u0660\ufdfa\u200d\u0f77\u4e00":
        began = time.perf_counter()
        hosts.read("address", "a" + character * 253)
        assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("text", ["127.1", "2130706433", "\uff10.0.0.0", "host:80"])
def test_every_call_that_takes_a_host(text: str) -> None:
    with closing(stream_endpoint()) as endpoint, closing(udp_endpoint()) as udp:
        view = memoryview(b"x")
        calls: list[Callable[[], object]] = [
            lambda: endpoint.connect(text, 80),
            lambda: endpoint.connect_within(text, 80, 1000),
            lambda: udp.send_to(text, 80, b"x", -1),
            lambda: udp.send_buffer_to(text, 80, view, 1, socket.AF_INET, 0, -1),
            lambda: dial(text, 80, socket.IPPROTO_TCP, True, -1),
        ]
        for call in calls:
            with pytest.raises(OSError, match="is no host name or IP address: ") as caught:
                call()
            assert caught.value.errno == errno.EINVAL
        with pytest.raises(ValueError, match="is no host name or IP address: "):
            endpoint.bind_addr(0, text)
        endpoint.bind_addr(0, "127.0.0.1")
