"""What a call says of arguments of a wrong type: which is wrong, and what would be right.

That every parameter refuses what is of a wrong type is the matter of the generated tests.
"""

from __future__ import annotations

import re
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import nimnet
import pytest
from nimnet import (
    IPPROTO_TCP,
    OPT_DEBUG,
    OPT_NO_DELAY,
    OPT_REUSE_ADDR,
    SOL_SOCKET,
    Domain,
    Port,
    SOBool,
    SocketFlag,
    SocketHandle,
    SockType,
)


@pytest.fixture
def sock() -> Iterator[Any]:
    """A socket, for code that no type checker has seen."""
    with nimnet.new_socket() as made:
        yield made


def said(call: Callable[[], object]) -> str:
    with pytest.raises(TypeError) as caught:
        call()
    return str(caught.value)


def test_a_member_of_an_enum_is_no_number_of_the_system(sock: Any) -> None:
    before = {option: sock.get_sock_opt(option) for option in SOBool if option is not OPT_NO_DELAY}
    calls: dict[str, Callable[[], object]] = {
        "set_sock_opt_int": lambda: sock.set_sock_opt_int(SOL_SOCKET, OPT_REUSE_ADDR, 1),
        "set_sock_opt_bytes": lambda: sock.set_sock_opt_bytes(SOL_SOCKET, OPT_REUSE_ADDR, b"1"),
        "get_sock_opt_int": lambda: sock.get_sock_opt_int(SOL_SOCKET, OPT_REUSE_ADDR),
        "get_sock_opt_bytes": lambda: sock.get_sock_opt_bytes(SOL_SOCKET, OPT_REUSE_ADDR, 4),
    }
    for name, call in calls.items():
        assert said(call) == (
            f"Socket.{name}(): name must be int, not SOBool.OPT_REUSE_ADDR:"
            f" Socket.{name.rpartition('_')[0]}() takes SOBool"
        )
    after = {option: sock.get_sock_opt(option) for option in SOBool if option is not OPT_NO_DELAY}
    assert after == before


def test_nor_is_one_with_the_system_s_number_where_it_is_none(sock: Any) -> None:
    assert "name must be int, not Protocol.IPPROTO_TCP" in said(
        lambda: sock.set_sock_opt_int(socket.TCP_NODELAY, IPPROTO_TCP, 1)
    )
    assert "level must be int or Protocol, not SOBool.OPT_DEBUG" in said(
        lambda: sock.set_sock_opt(OPT_NO_DELAY, True, OPT_DEBUG)
    )
    assert "backlog must be int, not SockType.SOCK_STREAM" in said(
        lambda: sock.listen(SockType.SOCK_STREAM)
    )
    assert "sock_type must be SockType or int, not Domain.AF_INET" in said(
        lambda: nimnet.new_socket(Domain.AF_INET, Domain.AF_INET, 0)
    )
    assert "flags must be int, not SocketFlag.PEEK: to_os_flags() gives the number" in said(
        lambda: sock.recv_from(3, SocketFlag.PEEK)
    )


def test_numbers_of_the_system_s_own_enums_are_taken(sock: Any) -> None:
    sock.set_sock_opt_int(IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.set_sock_opt(OPT_NO_DELAY, True, IPPROTO_TCP)
    assert sock.get_sock_opt_int(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
    with pytest.raises(OSError, match="get option 1 at level 2"):  # no TypeError
        sock.get_sock_opt_int(signal.SIGINT, signal.SIGHUP)
    nimnet.new_socket(socket.AF_INET, socket.SOCK_STREAM, 0).close()
    nimnet.new_socket(nimnet.AF_INET, nimnet.SOCK_STREAM, 0).close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpn": [b"h2"]}, r"alpn\[0\] must be str, not bytes$"),
        ({"prot_version": 3}, r"not int: such as SslProtVersion\.PROT_SSL_V23$"),
        ({"verify_mode": 2}, r"not int: such as SslCVerifyMode\.C_VERIFY_PEER$"),
        (
            {"min_version": ssl.TLSVersion.TLSv1_3},
            r"min_version must be TlsVersion or None, not ssl\.TLSVersion:"
            r" TlsVersion has TLS_1_0, TLS_1_1, TLS_1_2 and TLS_1_3$",
        ),
    ],
)
def test_settings_of_a_context(settings: dict[str, Any], message: str) -> None:
    assert re.search(message, said(lambda: nimnet.new_context(**settings)))


def test_a_number_is_no_socket() -> None:
    three: Any = 3
    assert said(lambda: nimnet.new_socket(three)) == (
        "new_socket(): domain must be Domain or fd must be SocketHandle, not int:"
        " such as Domain.AF_INET; SocketHandle(...) makes one of an int;"
        " right with sock_type and protocol as well"
    )
    family: Any = socket.AF_INET6
    assert "such as Domain.AF_INET6" in said(lambda: nimnet.new_socket(family))
    assert "domain must be Domain or None, not int" in said(
        lambda: nimnet.new_socket(SocketHandle(-1), three)
    )


def test_the_form_that_comes_closest_is_explained(sock: Any) -> None:
    assert said(lambda: sock.send_to("127.0.0.1", Port(9), b"x", 0)) == (
        "Socket.send_to(): takes no more than address, port and data of these types;"
        " with flags as well, address must be IpAddress, not str;"
        " with size as well, data must be memoryview, not bytes"
    )
    assert said(lambda: sock.send_to(3, Port(9), b"x")) == (
        "Socket.send_to(): address must be IpAddress or str, not int"
    )
    assert said(lambda: sock.recv_some(bytearray(3))) == (
        "Socket.recv_some(): data must be memoryview or size must be int, not bytearray:"
        " memoryview(...) makes one of it"
    )
    assert said(lambda: sock.send(b"x", 500)) == (
        "Socket.send(): flags must be SocketFlag or None, not int: SocketFlag(0) for none;"
        " timeout is given by its name"
    )
    assert said(lambda: sock.connect("127.0.0.1", Port(9), "x")) == (
        "Socket.connect(): timeout must be int, not str: whole milliseconds (0.5 s is 500),"
        " or -1 for no end"
    )


def test_a_socket_is_taken_over_with_flags_that_are_answers() -> None:
    with socket.socket() as plain:
        for settings in ({"buffered": "no"}, {"buffered": 1}, {"safe_disconn": None}):
            given: dict[str, Any] = settings
            [name] = given
            assert said(lambda: nimnet.from_socket(plain, **given)).startswith(  # noqa: B023 - called at once
                f"from_socket(): {name} must be bool, not "
            )
        assert plain.fileno() >= 0


def test_a_socket_of_a_class_that_was_replaced_is_taken_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Other:
        """What a program has put in the place of the class."""

    plain = socket.socket()
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", Other)
        nimnet.from_socket(plain).close()
