"""Options that are numbers or structures: recipes of the reference, multicast, and deadlines."""

from __future__ import annotations

import os
import re
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import nimnet
import pytest
from harness.loopback import Background, pair, until_waiting
from harness.places import has_ipv6
from nimnet import (
    AF_INET,
    AF_INET6,
    IP_ADD_MEMBERSHIP,
    IP_MULTICAST_IF,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IPPROTO_UDP,
    IPV6_JOIN_GROUP,
    IPV6_MULTICAST_IF,
    OPT_REUSE_ADDR,
    SO_LINGER,
    SOCK_DGRAM,
    SOL_SOCKET,
    Domain,
    Port,
    Socket,
    new_socket,
    options,
    parse_ip_address,
)
from nimnet_runtime import platform
from nimnet_runtime.errors import SAFE_DISCONN

PAGE = Path(__file__).resolve().parents[2] / "generated" / "reference" / "options.md"
RECIPES = re.findall(
    r"^## (\w+)$(?:(?!^## ).)*?`(sock\.[^`]*)`", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
)
"""Each option's name and its recipe."""
LEFT_AFTER = {"IP_DROP_MEMBERSHIP": "IP_ADD_MEMBERSHIP", "IPV6_LEAVE_GROUP": "IPV6_JOIN_GROUP"}
LOOPBACK = parse_ip_address("127.0.0.1")
GROUP = parse_ip_address("239.255.42.2")
GROUP_6 = parse_ip_address("ff01::4242")
"""A group of the one interface (RFC 4291 section 2.7)."""


def datagrams(domain: Domain) -> Socket:
    return new_socket(domain, SOCK_DGRAM, IPPROTO_UDP)


def for_option(name: str) -> Socket:
    """A socket of the kind that an option is for."""
    if name.startswith("IPV6_"):
        return datagrams(AF_INET6)
    return datagrams(AF_INET) if name.startswith("IP_") else new_socket()


def test_every_option_has_a_recipe() -> None:
    assert sorted(name for name, _ in RECIPES) == sorted(options.__all__)


@pytest.mark.parametrize(("name", "recipe"), RECIPES, ids=[name for name, _ in RECIPES])
def test_the_recipes_of_the_reference_work(name: str, recipe: str) -> None:
    if name.startswith("IPV6_") and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    index = socket.if_nametoindex("lo" if sys.platform == "linux" else "lo0")
    with for_option(name) as sock:
        names = {**vars(nimnet), "struct": struct, "sock": sock, "index": index, "own": LOOPBACK}
        names["group"] = GROUP_6 if name.startswith("IPV6_") else GROUP
        joining = LEFT_AFTER.get(name)
        if joining:
            eval(dict(RECIPES)[joining], names)
        eval(recipe, names)


def _to_two_receivers(
    domain: Domain, group: str, join: Callable[[Socket], None], leave_by: Callable[[Socket], None]
) -> None:
    with datagrams(domain) as first, datagrams(domain) as second, datagrams(domain) as sender:
        port = Port(0)
        for receiver in (first, second):
            receiver.set_sock_opt(OPT_REUSE_ADDR, True)
            receiver.bind_addr(port)
            _, port = receiver.get_local_addr()
            join(receiver)
        leave_by(sender)
        sender.send_to(group, port, b"to both")
        _, own = sender.get_local_addr()
        for receiver in (first, second):
            data, _, sent_from = receiver.recv_from(100, timeout=20_000)
            assert (data, sent_from) == (b"to both", own)


def test_a_group_of_ipv4_has_two_receivers() -> None:
    member = struct.pack("4s4s", GROUP.address_v4, LOOPBACK.address_v4)
    _to_two_receivers(
        AF_INET,
        str(GROUP),
        lambda sock: sock.set_sock_opt_bytes(IPPROTO_IP, IP_ADD_MEMBERSHIP, member),
        lambda sock: sock.set_sock_opt_bytes(IPPROTO_IP, IP_MULTICAST_IF, LOOPBACK.address_v4),
    )


def _interface_of_ipv6() -> int:
    """The number of an interface that packets to `GROUP_6` can leave by; few loopbacks are one."""
    for index, _ in socket.if_nameindex():
        with datagrams(AF_INET6) as sock:
            try:
                sock.set_sock_opt_int(IPPROTO_IPV6, IPV6_MULTICAST_IF, index)
                sock.connect(str(GROUP_6), Port(9))
            except OSError:
                continue
            return index
    pytest.skip("no interface of this machine has a route for multicast of IPv6")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_a_group_of_ipv6_has_two_receivers() -> None:
    index = _interface_of_ipv6()
    member = struct.pack("16sI", GROUP_6.address_v6, index)
    _to_two_receivers(
        AF_INET6,
        str(GROUP_6),
        lambda sock: sock.set_sock_opt_bytes(IPPROTO_IPV6, IPV6_JOIN_GROUP, member),
        lambda sock: sock.set_sock_opt_int(IPPROTO_IPV6, IPV6_MULTICAST_IF, index),
    )


def test_lingering_for_no_time_resets() -> None:
    with pair() as (endpoint, peer):
        endpoint.set_sock_opt_bytes(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        endpoint.close()
        with pytest.raises(ConnectionResetError):
            peer.recv(1)


@pytest.mark.parametrize("size", [-1, 0, 1025, 1 << 70])
def test_a_structure_has_1_to_1024_bytes(size: int) -> None:
    with new_socket() as sock, pytest.raises(OSError, match=r"size must be within 1\.\.1024"):
        sock.get_sock_opt_bytes(SOL_SOCKET, SO_LINGER, size)


def test_any_memory_is_a_structure() -> None:
    value = struct.pack("ii", 1, 5)
    scattered = memoryview(bytes(byte for pair in zip(value, value, strict=True) for byte in pair))
    with new_socket() as sock:
        for form in (value, bytearray(value), memoryview(value), scattered[::2]):
            sock.set_sock_opt_bytes(SOL_SOCKET, SO_LINGER, bytes(8))
            sock.set_sock_opt_bytes(SOL_SOCKET, SO_LINGER, form)
            assert sock.get_sock_opt_bytes(SOL_SOCKET, SO_LINGER, 8) == value
        sock.set_sock_opt_bytes(SOL_SOCKET, SO_LINGER, bytes(8))
        gone = memoryview(value)
        gone.release()
        with pytest.raises(OSError, match="released"):
            sock.set_sock_opt_bytes(SOL_SOCKET, SO_LINGER, gone)


def test_what_a_platform_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "TCP_USER_TIMEOUT", platform.NO_OPTION)
    with new_socket() as sock, pytest.raises(OSError, match="of this platform, not -1"):
        sock.set_sock_opt_int(6, platform.TCP_USER_TIMEOUT, 1000)


def test_a_timeout_of_the_system_ends_no_call() -> None:
    """What SO_RCVTIMEO ends with is "nothing there", and a call without a timeout waits on."""
    with pair() as (endpoint, peer), socket.socket(fileno=os.dup(endpoint.fileno())) as same:
        endpoint.set_sock_opt_bytes(SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 0, 1000))
        reader = Background(lambda: endpoint.reader.receive(2, -1, SAFE_DISCONN))
        until_waiting(reader)
        with pytest.raises(BlockingIOError):  # as long as the call's own, which began before
            same.recv(1)
        until_waiting(reader)
        peer.sendall(b"ok")
        assert reader.join() == b"ok"
