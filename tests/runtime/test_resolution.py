"""Name resolution: literals ask nobody, a hanging resolver does not outlast the deadline."""

import errno
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from nimnet_runtime import resolution
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.dialing import dial
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.resolution import resolve

BOUNDED = pytest.mark.parametrize("timeout", [-1, 10_000], ids=["unbounded", "bounded"])


def find(
    host: str, timeout: int = -1, port: int = 80, family: int = 0
) -> list[resolution.Resolved]:
    return resolve(host, port, family, socket.SOCK_STREAM, Deadline(timeout))


@BOUNDED
def test_a_literal_asks_nobody(monkeypatch: pytest.MonkeyPatch, timeout: int) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert find("192.0.2.1", timeout) == [(socket.AF_INET, ("192.0.2.1", 80))]
    assert find("2001:db8::1", timeout) == [(socket.AF_INET6, ("2001:db8::1", 80, 0, 0))]


@BOUNDED
def test_a_zone_asks_nobody(monkeypatch: pytest.MonkeyPatch, timeout: int) -> None:
    def numeric_only(*args: object) -> list[object]:
        assert args[-1] == socket.AI_NUMERICHOST
        assert threading.current_thread() is threading.main_thread()
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 7))]

    monkeypatch.setattr(socket, "getaddrinfo", numeric_only)
    assert find("fe80::1%lo", timeout) == [(socket.AF_INET6, ("fe80::1", 80, 0, 7))]


def test_a_literal_of_the_other_family() -> None:
    for host, family, needed in (
        ("127.0.0.1", socket.AF_INET6, "AF_INET"),
        ("::1", socket.AF_INET, "AF_INET6"),
    ):
        with pytest.raises(OSError, match=f"needs a socket of {needed}$") as caught:
            find(host, family=family)
        assert caught.value.errno == errno.EAFNOSUPPORT


@BOUNDED
def test_names(timeout: int) -> None:
    found = find("localhost", timeout, family=socket.AF_INET)
    assert (socket.AF_INET, ("127.0.0.1", 80)) in found


@BOUNDED
def test_unknown_names(timeout: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(socket.gaierror, match=r"resolve 'no.such.host': Name or service not known"):
        find("no.such.host", timeout)


@BOUNDED
def test_international_names_are_sent_as_idna(
    timeout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def record(name: object, *_: object) -> list[object]:
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", record)
    find("b\u00fccher.example", timeout)
    find("plain.example.", timeout)
    assert asked == [b"xn--bcher-kva.example", b"plain.example."]


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("", 80, "not empty"),
        ("a\0b", 80, "NUL"),
        ("a" * 64, 80, "labels"),
        ("a" * 300, 80, "labels"),
        (".".join(["a" * 60] * 5), 80, "253"),
        ("a..b", 80, "labels"),
        (".", 80, "labels"),
        ("\u00fc" * 100, 80, "labels"),
        ("\ud800", 80, "labels"),
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


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that answers only when the event is set."""
    answer = threading.Event()

    def hang(*_: object) -> list[object]:
        answer.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield answer
    answer.set()
    for thread in threading.enumerate():
        if thread.name == "nimnet resolver":
            thread.join(10)


@pytest.mark.usefixtures("hanging")
def test_a_hanging_resolver_does_not_outlast_the_deadline() -> None:
    began = time.monotonic()
    for timeout in (0, 50):
        with pytest.raises(TimeoutError, match=f"{timeout} ms"):
            find("example.org", timeout)
        with pytest.raises(TimeoutError):
            dial("example.org", 80, socket.IPPROTO_TCP, True, timeout)
    assert time.monotonic() - began < 5


def test_hanging_resolvers_are_limited(hanging: threading.Event) -> None:
    for _ in range(40):
        with pytest.raises(TimeoutError):
            find("example.org", 0)
    threads = [t for t in threading.enumerate() if t.name == "nimnet resolver"]
    assert len(threads) == 32
    hanging.set()
    assert find("example.org", 10_000) == [(socket.AF_INET, ("192.0.2.1", 80))]


def test_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(40):
            with pytest.raises(OSError, match="no thread could be started") as caught:
                find("localhost", 1000)
            assert caught.value.errno == errno.EAGAIN
    assert find("localhost", 10_000)


@pytest.mark.parametrize("started", [False, True], ids=["before", "after"])
def test_a_handler_that_raises_while_a_thread_is_started_keeps_no_place(
    started: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class InterruptError(Exception):
        pass

    begin = threading.Thread.start
    threads: list[threading.Thread] = []

    def interrupted(thread: threading.Thread) -> None:
        if started:
            begin(thread)
            threads.append(thread)
        raise InterruptError

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        for _ in range(40):
            with pytest.raises(InterruptError):
                find("localhost", 10_000)
            for thread in threads:
                thread.join(10)
    # Exactly as many places as before: one given back twice is a ValueError of the semaphore.
    places = resolution._places
    assert all(places.acquire(False) for _ in range(32))
    assert not places.acquire(False)
    places.release(32)


def test_an_answer_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> list[object]:
        return []

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(socket.gaierror, match="knows no address"):
        resolve("example.org", 80, 0, socket.SOCK_STREAM, UNBOUNDED)
