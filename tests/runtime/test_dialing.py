"""Dialing: RFC 8305's order and overlap, and nothing left over."""

import builtins
import contextlib
import errno
import socket
import statistics
import time
from collections.abc import Iterable
from contextlib import closing

import pytest
from harness.builds import pure_only
from harness.loopback import (
    Background,
    listening,
    open_descriptors,
    refused_port,
    silent_server,
)
from harness.network import Network, in_own_network
from nimnet_runtime import dialing, system
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.dialing import dial, interleaved, race
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.resolution import Resolved
from nimnet_runtime.system import Socket

TCP, UDP = socket.IPPROTO_TCP, socket.IPPROTO_UDP


def v4(host: str, port: int) -> Resolved:
    return socket.AF_INET, (host, port)


def v6(host: str, port: int) -> Resolved:
    return socket.AF_INET6, (host, port, 0, 0)


def test_families_take_turns() -> None:
    six = [v6(f"::{n}", 1) for n in range(3)]
    four = [v4(f"127.0.0.{n}", 1) for n in range(5)]
    expected = [six[0], four[0], six[1], four[1], six[2], four[2], four[3], four[4]]
    assert interleaved(six + four) == expected
    assert interleaved(four[:2] + six[:1]) == [four[0], six[0], four[1]]
    assert interleaved(four) == four
    assert interleaved([]) == []


def test_the_next_starts_beside_a_silent_one() -> None:
    with silent_server() as silent, listening() as listener:
        before = open_descriptors()
        began = time.monotonic()
        addresses = [v4(*silent), v4(*listener.getsockname())]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, Deadline(10_000))) as winner:
            assert 0.2 < time.monotonic() - began < 5
            assert winner.getpeername() == listener.getsockname()
            assert winner.getblocking()
            assert open_descriptors() == before + 1
        assert open_descriptors() == before


def hosts(count: int) -> list[Resolved]:
    """Addresses of the test's own network."""
    return [v4(f"10.9.9.{number}", 80) for number in range(2, 2 + count)]


@pytest.mark.parametrize(
    ("count", "live", "timeout", "delay"),
    [(20, 14, 3000, 0.15), (4, 4, 10_000, 0.25), (4, 4, -1, 0.25)],
)
def test_attempts_are_spread_over_the_time_left(
    count: int, live: int, timeout: int, delay: float
) -> None:
    """One of them answers, and long before the time is over: the last ones are never asked."""
    answering = f"10.9.9.{1 + live}"

    def dial_them(network: Network) -> None:
        with closing(race(hosts(count), socket.SOCK_STREAM, TCP, Deadline(timeout))) as winner:
            assert winner.getpeername() == (answering, 80)
        delays = network.delays()
        assert len(delays) == live - 1
        assert statistics.median(delays) == pytest.approx(delay, rel=0.2)
        assert min(delays) > delay / 2

    in_own_network(dial_them, {answering: 0.02})


def test_attempts_are_never_hurried() -> None:
    """RFC 8305 recommends 100 ms between two of them at least."""

    def dial_many(network: Network) -> None:
        with pytest.raises(TimeoutError, match=r"of 30 addresses tried"):
            race(hosts(30), socket.SOCK_STREAM, TCP, Deadline(650))
        delays = network.delays()
        assert 3 <= len(delays) <= 6
        assert min(delays) > 0.07

    in_own_network(dial_many)


def test_a_timeout_says_how_many_addresses_were_left_out() -> None:
    with silent_server() as silent:
        with pytest.raises(
            TimeoutError, match=r"50 ms has passed connecting to .* \(1 of 8 addresses tried\)"
        ):
            race([v4(*silent)] * 8, socket.SOCK_STREAM, TCP, Deadline(50))
        with pytest.raises(TimeoutError, match=r"400 ms has passed connecting to \S+ and \S+$"):
            race([v4(*silent)] * 2, socket.SOCK_STREAM, TCP, Deadline(400))


def test_a_timeout_tells_what_had_failed_before() -> None:
    """For want of descriptors, say: nobody would look for that behind a timeout."""
    with silent_server() as silent:
        addresses = [v4("127.0.0.1", refused_port()), v4(*silent)]
        with pytest.raises(TimeoutError) as caught:
            race(addresses, socket.SOCK_STREAM, TCP, Deadline(100))
        assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_connection_that_is_there_when_the_time_ends_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the wait did not see, because the time had passed, a last look does."""

    def blind(fds: Iterable[int], reading: bool, seconds: float | None) -> list[int]:
        if seconds:
            time.sleep(seconds)
            return []
        return system.ready(fds, reading, seconds)

    monkeypatch.setattr(dialing, "ready", blind)
    with listening() as listener:
        addresses = [v4(*listener.getsockname())]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, Deadline(50))) as winner:
            assert winner.getpeername() == listener.getsockname()


@pytest.mark.parametrize("protocol", [TCP, UDP])
def test_a_connection_to_itself_is_refused(protocol: int) -> None:
    """The system has one port to choose, which is the one that is connected to."""

    def dial_nobody(network: Network) -> None:
        network.ports(40000, 40000)
        before = open_descriptors()
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError, match=r"127\.0\.0\.1"):
                dial("127.0.0.1", 40000, protocol, True, 5000)
            assert open_descriptors() == before

    in_own_network(dial_nobody)


@pure_only("it replaces a function; the refusal in an own network is tested on both")
def test_a_connection_to_itself_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next address after that: here the first look at each takes it for one to itself."""
    asked: list[object] = []

    def is_own_peer(sock: socket.socket) -> bool:
        asked.append(sock.getpeername())
        return len(asked) <= 4  # 3 times at the first address

    monkeypatch.setattr(dialing, "is_own_peer", is_own_peer)
    with listening() as first, listening() as second:
        names = first.getsockname(), second.getsockname()
        addresses = [v4(*name) for name in names]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, Deadline(20_000))) as winner:
            assert winner.getpeername() == names[1]
        assert asked == [names[0]] * 3 + [names[1]] * 2


def test_the_next_starts_at_once_after_a_failure() -> None:
    with listening() as listener:
        refused = [v4("127.0.0.1", refused_port()) for _ in range(20)]
        began = time.monotonic()
        addresses = [*refused, v4(*listener.getsockname())]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, UNBOUNDED)) as winner:
            assert winner.getpeername() == listener.getsockname()
        assert time.monotonic() - began < 20 * 0.25


def test_an_earlier_attempt_may_still_win() -> None:
    """The first listener's backlog is full until the second attempt is under way."""
    with listening(backlog=0) as slow, silent_server() as silent, contextlib.ExitStack() as stack:
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(slow.getsockname())
        addresses = [v4(*slow.getsockname()), v4(*silent)]
        running = Background(lambda: race(addresses, socket.SOCK_STREAM, TCP, Deadline(30_000)))
        time.sleep(0.4)  # past the second attempt's start
        slow.settimeout(0.1)
        while not running.ended():
            with contextlib.suppress(builtins.TimeoutError):
                slow.accept()[0].close()
        winner = running.join()
        assert isinstance(winner, Socket)
        with closing(winner):
            assert winner.getpeername() == slow.getsockname()


def test_a_family_that_the_system_lacks_is_skipped() -> None:
    with listening() as listener:
        unknown: Resolved = (45, ("127.0.0.1", 1))
        addresses = [unknown, v4(*listener.getsockname())]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, UNBOUNDED)) as winner:
            assert winner.getpeername() == listener.getsockname()


def test_all_fail() -> None:
    port = refused_port()
    with pytest.raises(
        ConnectionRefusedError, match=rf"connect to '127\.0\.0\.1', port {port}: Connection refused"
    ):
        dial("127.0.0.1", port, TCP, True, -1)


def test_an_attempt_that_fails_at_once() -> None:
    before = open_descriptors()
    with pytest.raises(OSError, match=r"connect to '255\.255\.255\.255', port 1: ") as caught:
        dial("255.255.255.255", 1, TCP, True, -1)
    assert caught.value.errno in (errno.ENETUNREACH, errno.EACCES, errno.EHOSTUNREACH)
    assert open_descriptors() == before
    with listening() as listener:
        addresses = [v4("255.255.255.255", 1), v4(*listener.getsockname())]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, UNBOUNDED)) as winner:
            assert winner.getpeername() == listener.getsockname()


def test_a_wake_up_without_a_reason_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without = [1, 2]

    def ready(fds: Iterable[int], reading: bool, seconds: float | None) -> list[int]:
        if without:
            without.pop()
            return list(fds)
        return system.ready(fds, reading, seconds)

    monkeypatch.setattr(dialing, "ready", ready)
    with listening() as listener, silent_server() as silent:
        addresses = [v4(*silent), v4(*listener.getsockname())]
        with closing(race(addresses, socket.SOCK_STREAM, TCP, Deadline(20_000))) as winner:
            assert winner.getpeername() == listener.getsockname()
    assert without == []


def test_timeouts() -> None:
    with silent_server() as (host, port):
        before = open_descriptors()
        began = time.monotonic()
        for timeout in (0, 50):
            with pytest.raises(TimeoutError, match=f"{timeout} ms"):
                dial(host, port, TCP, True, timeout)
        assert time.monotonic() - began < 5
        assert open_descriptors() == before


def test_a_timeout_may_be_longer_than_the_longest_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "LONGEST_POLL", 0.001)
    with silent_server() as (host, port):
        began = time.monotonic()
        with pytest.raises(TimeoutError, match="50 ms"):
            dial(host, port, TCP, True, 50)
        assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("timeout", [-1, 10_000, 2**31 - 1, 2**31, 2**63 - 1])
def test_tcp(host: str, timeout: int) -> None:
    with (
        listening() as listener,
        closing(dial(host, listener.getsockname()[1], TCP, False, timeout)) as endpoint,
    ):
        peer, _ = listener.accept()
        with peer:
            endpoint.send(b"x", 2, -1)
            assert peer.recv(1) == b"x"
        assert endpoint.domain == socket.AF_INET
        assert not endpoint.buffered
        assert endpoint.describe().startswith("stream AF_INET 127.0.0.1:")


def test_tcp6() -> None:
    with (
        listening("tcp6") as listener,
        closing(dial("::1", listener.getsockname()[1], TCP, True, 5000)) as endpoint,
    ):
        assert endpoint.domain == socket.AF_INET6
        assert endpoint.get_peer_addr() == ("::1", listener.getsockname()[1])


def test_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        for timeout in (-1, 0, 5000):
            with closing(dial("127.0.0.1", peer.getsockname()[1], UDP, True, timeout)) as endpoint:
                endpoint.send(b"x", 2, -1)
                assert peer.recv(10) == b"x"
                assert endpoint.sock_type == socket.SOCK_DGRAM


@pytest.mark.parametrize("protocol", [None, "tcp", [], memoryview(bytearray(1)), 6.0])
def test_a_protocol_of_a_wrong_type_is_a_type_error(protocol: object) -> None:
    with pytest.raises(TypeError):
        dial("127.0.0.1", 1, protocol, True, -1)  # type: ignore[arg-type]  # what untyped code might do


@pytest.mark.parametrize("protocol", [0, -1, 255, 2**40])
def test_other_protocols(protocol: int) -> None:
    with pytest.raises(OSError, match="protocol must be IPPROTO_TCP or IPPROTO_UDP"):
        dial("127.0.0.1", 1, protocol, True, -1)
