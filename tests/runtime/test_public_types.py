"""The distinct integers, the flags and the functions about them, as programs meet them."""

from __future__ import annotations

import copy
import errno
import pickle
import socket

import nimnet
import pytest
from nimnet import OSErrorCode, Port, SocketFlag, SocketHandle

DISTINCT = pytest.mark.parametrize("kind", [Port, SocketHandle, OSErrorCode])


@DISTINCT
def test_a_distinct_integer_is_an_integer(kind: type[int]) -> None:
    value = kind(80)
    assert value == 80
    assert hash(value) == hash(80)
    assert {80: "found"}[value] == "found"
    assert value < 81
    assert repr(value) == f"{kind.__name__}(80)"
    assert str(value) == f"{value}" == f"{value:d}" == "80"


@DISTINCT
def test_arithmetic_gives_plain_numbers(kind: type[int]) -> None:
    # A sum of a port and something need not be a port: 65535 + 1 is none.
    results = [kind(65535) + 1, 1 + kind(5), kind(5) - 6, -kind(5), kind(5) // 2]
    assert results == [65536, 6, -1, -5, 2]
    assert {type(result) for result in results} == {int}


@DISTINCT
def test_copies_keep_the_type(kind: type[int]) -> None:
    value = kind(443)
    copies = [copy.copy(value), copy.deepcopy(value)]
    copies += [
        pickle.loads(pickle.dumps(value, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ]
    for copied in copies:
        assert copied == value
        assert type(copied) is kind


@DISTINCT
def test_they_hold_nothing_else(kind: type[int]) -> None:
    with pytest.raises(AttributeError):
        setattr(kind(1), "name", "http")  # noqa: B010 - a type checker refuses the plain form


@pytest.mark.parametrize("number", [-1, 65536, 2**64])
def test_no_port(number: int) -> None:
    with pytest.raises(ValueError, match=f"^a Port is 0 to 65535, not {number}$"):
        Port(number)


def test_the_least_and_the_greatest() -> None:
    assert (Port(0), Port(65535)) == (0, 65535)
    assert (SocketHandle(-1), OSErrorCode(-1)) == (-1, -1)


@pytest.mark.parametrize(
    "number", [errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ENETRESET, errno.ESHUTDOWN]
)
def test_disconnections(number: int) -> None:
    code = OSErrorCode(number)
    assert nimnet.is_disconnection_error(SocketFlag.SAFE_DISCONN, code)
    assert nimnet.is_disconnection_error(SocketFlag.SAFE_DISCONN | SocketFlag.PEEK, code)
    assert not nimnet.is_disconnection_error(SocketFlag(0), code)
    assert not nimnet.is_disconnection_error(SocketFlag.PEEK, code)


def test_other_errors_are_no_disconnections() -> None:
    for number in (-1, 0, errno.ETIMEDOUT, errno.ECONNREFUSED, errno.EBADF):
        assert not nimnet.is_disconnection_error(SocketFlag.SAFE_DISCONN, OSErrorCode(number))


def test_flags_for_the_system() -> None:
    assert nimnet.to_os_flags(SocketFlag(0)) == 0
    assert nimnet.to_os_flags(SocketFlag.SAFE_DISCONN) == 0
    assert nimnet.to_os_flags(SocketFlag.PEEK) == socket.MSG_PEEK
    assert nimnet.to_os_flags(SocketFlag.PEEK | SocketFlag.SAFE_DISCONN) == socket.MSG_PEEK


@pytest.mark.parametrize(
    ("option", "number"),
    [
        (nimnet.OPT_REUSE_ADDR, socket.SO_REUSEADDR),
        (nimnet.OPT_KEEP_ALIVE, socket.SO_KEEPALIVE),
        (nimnet.OPT_BROADCAST, socket.SO_BROADCAST),
        (nimnet.OPT_NO_DELAY, socket.TCP_NODELAY),
    ],
)
def test_options_of_the_system(option: nimnet.SOBool, number: int) -> None:
    assert nimnet.to_c_int(option) == number


def test_members_can_be_imported_by_themselves() -> None:
    assert nimnet.AF_INET is nimnet.Domain.AF_INET
    assert int(nimnet.AF_INET) == socket.AF_INET
    assert nimnet.SOCK_STREAM is nimnet.SockType.SOCK_STREAM
    assert nimnet.IPPROTO_TCP is nimnet.Protocol.IPPROTO_TCP
