"""Addresses: strict parsing, RFC 5952 text, and sockaddr structures."""

import ipaddress
import socket
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nimnet_runtime.address import (
    format_ip_address,
    from_sock_addr,
    is_ip_address,
    parse_ip_address,
    to_sock_addr,
)
from nimnet_runtime.errors import ObjectConversionError

PACKED = st.one_of(st.binary(min_size=4, max_size=4), st.binary(min_size=16, max_size=16))
ADDRESS_LIKE = st.text("0123456789abcdefABCDEF:.%gx ", max_size=40)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),  # RFC 5952, 4.2.3: the first of equals
        ("2001:0db8::0001", "2001:db8::1"),  # 4.1: no leading zeros
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),  # 4.2.2: not a single group
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),  # 4.2.3: the longest
        ("2001:DB8::ABCD", "2001:db8::abcd"),  # 4.3: lower case
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("::ffff:192.0.2.1", "::ffff:c000:201"),  # hexadecimal groups throughout
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
    ],
)
def test_text_form(text: str, expected: str) -> None:
    assert format_ip_address(parse_ip_address(text)) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "four numbers"),
        ("1.2.3", "four numbers"),
        ("1.2.3.4.5", "four numbers"),
        ("127.1", "four numbers"),
        ("1.2.3.256", "at most 255"),
        ("1.2.3.0004", "leading zeros"),
        ("01.2.3.4", "leading zeros"),
        ("1.2.3.", "decimal"),
        ("1.2.3.-4", "decimal"),
        ("1.2.3.4 ", "decimal"),
        ("1.2.3.\u0664", "decimal"),
        ("0x7f.0.0.1", "decimal"),
        ("1.2.3.4\0", "decimal"),
        ("99999999999999999999.1.1.1", "at most 255"),
        (":", "group"),
        (":::", "once"),
        ("1::2::3", "once"),
        ("1:2:3:4:5:6:7", "too few"),
        ("1:2:3:4:5:6:7:8:9", "too many"),
        ("1:2:3:4::5:6:7:8", "too many"),
        ("12345::", "hexadecimal"),
        ("g::", "hexadecimal"),
        ("1:", "hexadecimal"),
        (":1", "hexadecimal"),
        ("fe80::1%eth0", "zone"),
        ("1.2.3.4::", "hexadecimal"),
        ("::1.2.3", "four numbers"),
        ("::1.2.3.4:5", "hexadecimal"),
        ("[::1]", "hexadecimal"),
        ("\ud800:", "hexadecimal"),
    ],
)
def test_refused_with_the_reason(text: str, reason: str) -> None:
    assert not is_ip_address(text)
    with pytest.raises(ValueError, match=reason) as caught:
        parse_ip_address(text)
    assert type(caught.value) is ValueError


@pytest.mark.parametrize("text", [None, [], ["1.2.3.4"], b"1.2.3.4", 1])
def test_what_is_no_text_is_a_type_error(text: str) -> None:
    for parse in (parse_ip_address, is_ip_address):
        with pytest.raises(TypeError, match=r"must be a str, not |str object expected"):
            parse(text)


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="not an IP address") as caught:
        parse_ip_address("1" * 10_000)
    assert len(str(caught.value)) < 400


@given(PACKED)
def test_round_trip(packed: bytes) -> None:
    text = format_ip_address(packed)
    assert parse_ip_address(text) == packed
    standard = ipaddress.ip_address(packed)
    assert parse_ip_address(str(standard)) == packed
    assert parse_ip_address(standard.exploded) == packed
    if isinstance(standard, ipaddress.IPv4Address) or not standard.ipv4_mapped:
        assert text == str(standard)


@given(ADDRESS_LIKE)
def test_accepts_what_ipaddress_accepts_but_no_zone(text: str) -> None:
    try:
        expected = ipaddress.ip_address(text).packed if "%" not in text else None
    except ValueError:
        expected = None
    assert is_ip_address(text) == (expected is not None)
    if expected is not None:
        assert parse_ip_address(text) == expected


@given(PACKED, st.integers(0, 65535))
def test_sockaddr_round_trip(packed: bytes, port: int) -> None:
    sa, sl = to_sock_addr(packed, port)
    assert sl == len(sa) == (16 if len(packed) == 4 else 28)
    assert from_sock_addr(sa, sl) == (packed, port)
    assert from_sock_addr(sa.ljust(128, b"\xff"), sl) == (packed, port)


@pytest.mark.parametrize("sa", [-1, 5, 10**30, None, "text", [2, 0]])
def test_a_sockaddr_of_a_wrong_type_is_a_type_error(sa: bytes) -> None:
    with pytest.raises(TypeError):
        from_sock_addr(sa, 16)


def test_sockaddrs_that_no_longer_are_or_never_could_be() -> None:
    sa, sl = to_sock_addr(bytes(4), 80)
    with pytest.raises(ObjectConversionError, match="the length given is a number that large"):
        from_sock_addr(sa, 10**5000)
    with pytest.raises(
        ValueError, match=r"port must be within 0\.\.65535, not a number that large"
    ):
        to_sock_addr(bytes(4), 10**5000)
    view = memoryview(sa)
    view.release()
    with pytest.raises(ObjectConversionError, match="released"):
        from_sock_addr(view, sl)


@pytest.mark.skipif(sys.platform != "linux", reason="the layout compared is Linux's")
def test_sockaddr_is_the_platforms() -> None:
    sa, _ = to_sock_addr(bytes([127, 0, 0, 1]), 80)
    assert sa == struct.pack("=H", socket.AF_INET) + b"\0\x50\x7f\0\0\x01" + bytes(8)
    sa, _ = to_sock_addr(bytes(15) + b"\1", 0x1234)
    assert sa == struct.pack("=H", socket.AF_INET6) + b"\x12\x34" + bytes(19) + b"\1" + bytes(4)


@pytest.mark.parametrize(
    ("sa", "sl"),
    [
        (b"", 0),
        (b"\2", 1),
        (struct.pack("=H", socket.AF_INET), 2),
        (to_sock_addr(bytes(4), 1)[0], 15),
        (to_sock_addr(bytes(4), 1)[0], 28),
        (to_sock_addr(bytes(4), 1)[0], -1),
        (to_sock_addr(bytes(16), 1)[0], 16),
        (to_sock_addr(bytes(16), 1)[0][:20], 28),
        (struct.pack("=H", socket.AF_UNIX) + bytes(26), 28),
    ],
)
def test_bad_sockaddr(sa: bytes, sl: int) -> None:
    with pytest.raises(ObjectConversionError):
        from_sock_addr(sa, sl)


@pytest.mark.parametrize("port", [-1, 65536, 2**70])
def test_no_port(port: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.65535"):
        to_sock_addr(bytes(4), port)
