"""From hosts to socket addresses: literals ask nobody, the resolver gets names in ASCII."""

import _socket
import errno
import socket
import threading
from collections.abc import Callable

import pytest
from harness.resolver import silent
from nimnet_runtime import lookups, system
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.resolution import Resolved, resolve

BOUNDED = pytest.mark.parametrize("timeout", [-1, 10_000], ids=["unbounded", "bounded"])


def find(host: str, timeout: int = -1, port: int = 80, family: int = 0) -> list[Resolved]:
    return resolve(host, port, family, socket.SOCK_STREAM, Deadline(timeout))


@BOUNDED
def test_a_literal_asks_nobody(monkeypatch: pytest.MonkeyPatch, timeout: int) -> None:
    monkeypatch.setattr(_socket, "getaddrinfo", None)
    assert find("192.0.2.1", timeout) == [(socket.AF_INET, ("192.0.2.1", 80))]
    assert find("2001:db8::1", timeout) == [(socket.AF_INET6, ("2001:db8::1", 80, 0, 0))]


@BOUNDED
def test_a_zone_asks_nobody(monkeypatch: pytest.MonkeyPatch, timeout: int) -> None:
    def numeric_only(*args: object) -> list[object]:
        assert args[-1] == socket.AI_NUMERICHOST
        assert threading.current_thread() is threading.main_thread()
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 0, 0, 7))]

    monkeypatch.setattr(_socket, "getaddrinfo", numeric_only)
    assert find("fe80::1%lo", timeout) == [(socket.AF_INET6, ("fe80::1", 80, 0, 7))]


def test_a_zone_is_the_number_or_the_name_of_an_interface() -> None:
    number = socket.if_nametoindex("lo")
    for zone in ("lo", str(number)):
        assert find(f"fe80::1%{zone}")[0][1][-1] == number
    with pytest.raises(socket.gaierror, match=r"resolve 'fe80::1%no-such-interface': "):
        find("fe80::1%no-such-interface")


def test_a_literal_of_the_other_family() -> None:
    for host, family, needed in (
        ("127.0.0.1", socket.AF_INET6, "AF_INET"),
        ("::1", socket.AF_INET, "AF_INET6"),
        ("fe80::1%lo", socket.AF_INET, "AF_INET6"),
    ):
        with pytest.raises(OSError, match=f"needs a socket of {needed}$") as caught:
            find(host, family=family)
        assert caught.value.errno == errno.EAFNOSUPPORT


@BOUNDED
def test_names(timeout: int) -> None:
    found = find("localhost", timeout, family=socket.AF_INET)
    assert (socket.AF_INET, ("127.0.0.1", 80)) in found


def test_whatever_the_caller_calls_a_family_is_one_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An enumeration's member equals its number, but its hash is another."""
    begun: list[object] = []

    def counted(function: Callable[..., object], args: tuple[object, ...]) -> int:
        begun.append(function)
        return system.start_new_thread(function, args)

    monkeypatch.setattr(lookups, "start_new_thread", counted)
    with silent() as silence:
        for family in (socket.AF_INET, int(socket.AF_INET)):
            with pytest.raises(TimeoutError):
                find("a.silent", 0, family=family)
        # Not what was asked by now: the thread may not have come to that.
        assert len(begun) == 1
        silence.answer.set()


@BOUNDED
def test_unknown_names(timeout: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(_socket, "getaddrinfo", unknown)
    with pytest.raises(socket.gaierror, match=r"resolve 'no.such.host': Name or service not known"):
        find("no.such.host", timeout)


@BOUNDED
def test_international_names_are_sent_as_idna(
    timeout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def record(name: object, *_: object) -> list[object]:
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(_socket, "getaddrinfo", record)
    find("b\u00fccher.example", timeout)
    find("plain.example.", timeout)
    assert asked == [b"xn--bcher-kva.example", b"plain.example."]


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("", 80, "not empty"),
        ("a\0b", 80, "NUL"),
        ("a..b", 80, "labels"),
        ("127.1", 80, "number"),
        ("localhost", -1, "port must be within 0..65535, not -1"),
        ("localhost", 65536, "port"),
        ("127.0.0.1", 2**80, "port"),
    ],
)
def test_what_is_no_host_or_port(host: str, port: int, reason: str) -> None:
    for timeout in (-1, 10_000):
        with pytest.raises(OSError, match=reason) as caught:
            find(host, timeout, port)
        assert caught.value.errno == errno.EINVAL


def test_an_answer_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> list[object]:
        return []

    monkeypatch.setattr(_socket, "getaddrinfo", nothing)
    with pytest.raises(socket.gaierror, match="knows no address"):
        resolve("example.org", 80, 0, socket.SOCK_STREAM, UNBOUNDED)
