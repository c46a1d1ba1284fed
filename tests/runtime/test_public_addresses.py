"""Addresses as programs meet them: values of the generated package."""

from __future__ import annotations

import copy
import ipaddress
import pickle
import socket

import nimnet
import pytest
from nimnet import IpAddress, IpAddressFamily, Port, parse_ip_address

V4, V6 = IpAddressFamily.IPV4, IpAddressFamily.IPV6


@pytest.mark.parametrize(
    ("address", "text", "family"),
    [
        (nimnet.ipv4_any(), "0.0.0.0", V4),
        (nimnet.ipv4_loopback(), "127.0.0.1", V4),
        (nimnet.ipv4_broadcast(), "255.255.255.255", V4),
        (nimnet.ipv6_any(), "::", V6),
        (nimnet.ipv6_loopback(), "::1", V6),
    ],
)
def test_well_known(address: IpAddress, text: str, family: IpAddressFamily) -> None:
    assert str(address) == text
    assert repr(address) == f"<IpAddress {text}>"
    assert address.family is family
    assert address == parse_ip_address(text)


def test_a_branch_that_is_not_there() -> None:
    v4, v6 = nimnet.ipv4_loopback(), nimnet.ipv6_loopback()
    assert v4.address_v4 == bytes([127, 0, 0, 1])
    assert v6.address_v6 == bytes(15) + b"\1"
    with pytest.raises(AttributeError, match=r"address_v6 is there with IpAddressFamily\.IPV6"):
        _ = v4.address_v6
    with pytest.raises(AttributeError, match=r"address_v4 is there with IpAddressFamily\.IPV4"):
        _ = v6.address_v4


def test_made_of_parts() -> None:
    assert IpAddress(V4, address_v4=b"\x7f\0\0\1") == nimnet.ipv4_loopback()
    assert IpAddress(V6, address_v6=bytes(16)) == nimnet.ipv6_any()


@pytest.mark.parametrize(
    ("family", "v4", "v6", "reason"),
    [
        (V4, None, None, "address_v4 must be given, and hold 4 bytes"),
        (V4, bytes(3), None, "address_v4 must be given, and hold 4 bytes"),
        (V6, None, bytes(4), "address_v6 must be given, and hold 16 bytes"),
        (V4, bytes(4), bytes(16), "address_v6 does not belong to this family"),
        (V6, bytes(4), bytes(16), "address_v4 does not belong to this family"),
    ],
)
def test_parts_that_do_not_fit(
    family: IpAddressFamily, v4: bytes | None, v6: bytes | None, reason: str
) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        IpAddress(family, address_v4=v4, address_v6=v6)


def test_equality_and_hash() -> None:
    one, same = parse_ip_address("192.0.2.1"), parse_ip_address("192.0.2.1")
    assert one is not same
    assert one == same
    assert hash(one) == hash(same)
    mapped = parse_ip_address("::ffff:192.0.2.1")
    others: list[object] = [mapped, parse_ip_address("192.0.2.2"), "192.0.2.1", b"\xc0\0\2\1", None]
    for other in others:
        assert one != other
    assert {one, same, mapped} == {one, mapped}


@pytest.mark.parametrize("name", ["family", "address_v4", "address_v6", "port"])
def test_it_cannot_change(name: str) -> None:
    address = nimnet.ipv4_any()
    with pytest.raises(AttributeError):
        setattr(address, name, bytes(4))
    assert address == nimnet.ipv4_any()


@pytest.mark.parametrize("address", [nimnet.ipv4_loopback(), nimnet.ipv6_loopback()])
def test_copies_are_equal(address: IpAddress) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(address, protocol)) == address
    assert copy.copy(address) == copy.deepcopy(address) == address


@pytest.mark.parametrize("text", ["192.0.2.7", "2001:db8::7"])
def test_pythons_own_addresses(text: str) -> None:
    theirs = ipaddress.ip_address(text)
    ours = nimnet.from_ipaddress(theirs)
    assert ours == parse_ip_address(text)
    assert ours.to_ipaddress() == theirs
    assert type(ours.to_ipaddress()) is type(theirs)


def test_a_zone_is_dropped() -> None:
    assert nimnet.from_ipaddress(ipaddress.IPv6Address("fe80::1%eth0")) == parse_ip_address(
        "fe80::1"
    )


@pytest.mark.parametrize("text", ["192.0.2.7", "2001:db8::7"])
def test_structures_of_the_system(text: str) -> None:
    address = parse_ip_address(text)
    structure, length = address.to_sock_addr(Port(8080))
    assert length == len(structure)
    found, port = nimnet.from_sock_addr(structure + b"more", length)
    assert (found, port) == (address, 8080)
    assert type(port) is Port
    with pytest.raises(nimnet.ObjectConversionError, match="the length given is"):
        nimnet.from_sock_addr(structure, length - 1)


def test_strict_parsing() -> None:
    assert nimnet.is_ip_address("::1")
    assert not nimnet.is_ip_address("localhost")
    with pytest.raises(ValueError, match="at most 255"):
        parse_ip_address("192.0.2.256")


def test_primary_address() -> None:
    assert nimnet.get_primary_ip_addr(nimnet.ipv4_loopback()) == nimnet.ipv4_loopback()
    assert nimnet.get_primary_ip_addr(nimnet.ipv6_loopback()) == nimnet.ipv6_loopback()
    with pytest.raises(OSError, match=r"find a route to 255\.255\.255\.255"):
        nimnet.get_primary_ip_addr(nimnet.ipv4_broadcast())


def test_it_is_the_system_that_says_what_is_local() -> None:
    # 8.8.8.8 is the documented default; a machine without a route there gives the system's error.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        if number := asking.connect_ex(("8.8.8.8", 53)):
            with pytest.raises(OSError, match=r"find a route to 8\.8\.8\.8") as caught:
                nimnet.get_primary_ip_addr()
            assert caught.value.errno == number
        else:
            assert str(nimnet.get_primary_ip_addr()) == asking.getsockname()[0]
