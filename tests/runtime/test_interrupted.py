"""What a signal handler that raises leaves behind, wherever in a call it runs.

The interpreter runs handlers when a Python function begins and when a call into C has returned. A
profiler hears of the same moments, so it stands for the handler: each test goes through them all.
"""

import _socket
import contextlib
import itertools
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType

import nimnet_runtime
import pytest
from harness import tlspair
from harness.authority import Authority
from harness.loopback import Background, stream_endpoint, udp_endpoint, until_waiting
from harness.resolver import silent
from harness.tlspair import PATIENCE
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.pump import Pump
from nimnet_runtime.tls.stream import TlsStream

RUNTIME = str(Path(nimnet_runtime.__file__).parent)
BOTH = pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])


class InterruptError(Exception):
    """What the handler raises."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


def interrupted(call: Callable[[], object], moment: int) -> bool:
    """Runs `call`, raises at one moment of it, and tells whether there was such a moment."""
    moments = itertools.count(1)

    def handle(frame: FrameType, event: str, _argument: object) -> None:
        if (
            event in ("call", "c_return")
            and frame.f_code.co_filename.startswith(RUNTIME)
            and next(moments) == moment
        ):
            sys.setprofile(None)
            raise InterruptError

    sys.setprofile(handle)
    try:
        call()
    except InterruptError:
        return True
    finally:
        sys.setprofile(None)
    return False


@contextlib.contextmanager
def connected(server: Context, *, tls: bool) -> Iterator[tuple[Endpoint, Endpoint]]:
    with tlspair.secured(tlspair.context(), server) if tls else tlspair.ends() as both:
        yield both


def reading(endpoint: Endpoint) -> Background:
    return Background(lambda: endpoint.stream.receive(1, Deadline(-1)))


@BOTH
@pytest.mark.timeout(60)
@pytest.mark.parametrize("inside", [False, True], ids=["idle", "with-a-reader"])
def test_a_close_can_be_finished(server: Context, tls: bool, inside: bool) -> None:
    for moment in itertools.count(1):
        with connected(server, tls=tls) as (a, _):
            readers = [reading(a)] if inside else []
            for reader in readers:
                until_waiting(reader)
            reached = interrupted(a.close, moment)
            Background(a.close).join()  # by another thread: no lock is left held
            assert a.closed
            for reader in readers:
                with pytest.raises(OSError, match="closed"):
                    reader.join()
            with pytest.raises(OSError, match="closed"):
                reading(a).join()
            assert a.descriptor.sock.fileno() == -1, f"the descriptor is open, moment {moment}"
        if not reached:
            break
    assert moment > 10


@pytest.mark.timeout(60)
def test_an_interrupted_close_wakes_who_waits() -> None:
    """From the moment on when the socket says that it is closed; nobody closes it again."""
    for moment in itertools.count(1):
        with tlspair.ends() as (a, _):
            reader = reading(a)
            until_waiting(reader)
            reached = interrupted(a.close, moment)
            if a.closed:
                with pytest.raises(OSError, match="closed"):
                    reader.join()
        if not reached:
            break
    assert moment > 10


@pytest.mark.timeout(60)
def test_an_interrupted_close_wakes_all_who_wait_for_the_resolver() -> None:
    with silent():
        for moment in itertools.count(1):
            endpoint = stream_endpoint()
            connect = partial(endpoint.connect_within, "a.silent", 80, -1)
            calls = [Background(connect) for _ in range(3)]
            while len(endpoint.descriptor._waiting) < 3:
                time.sleep(0.0005)
            reached = interrupted(endpoint.close, moment)
            if endpoint.closed:
                for call in calls:
                    with pytest.raises(OSError, match="closed"):
                        call.join()
            endpoint.close()
            for call in calls:
                with pytest.raises(OSError, match="closed"):
                    call.join()
            if not reached:
                break
    assert moment > 10


@pytest.mark.timeout(60)
def test_an_interrupted_wait_for_the_resolver_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither a turn nor a place: the next call on the same socket finds the name."""
    found = [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(_socket, "getaddrinfo", lambda *_: found)
    with contextlib.closing(udp_endpoint()) as sender, socket.socket(type=socket.SOCK_DGRAM) as to:
        to.bind(("127.0.0.1", 0))
        send = partial(sender.send_to, "a.example", to.getsockname()[1], b"x", -1)
        for moment in itertools.count(1):
            reached = interrupted(send, moment)
            assert not sender.descriptor._waiting
            Background(send).join()
            if not reached:
                break
    assert moment > 20


@pytest.mark.timeout(60)
def test_an_interrupted_look_leaves_the_session_free(server: Context) -> None:
    with connected(server, tls=True) as (a, b):
        for moment in itertools.count(1):
            reached = interrupted(a.reader.has_data_buffered, moment)
            b.send(b"x")
            assert reading(a).join() == b"x"
            if not reached:
                break
        assert moment > 5


@pytest.mark.timeout(60)
def test_an_interrupted_read_lets_another_one_go_on(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The interrupted one was waiting for the network, and the other one for it."""
    receive = Pump._receive
    others: list[Background] = []
    pumps: list[Pump] = []

    def not_alone(pump: Pump, flags: int) -> None:
        if not others and pump in pumps:
            profiler = sys.getprofile()
            sys.setprofile(None)
            others.append(reading(a))
            while not pump._waiting:
                time.sleep(0.0005)
            b.send(b"x")
            sys.setprofile(profiler)
        receive(pump, flags)

    monkeypatch.setattr(Pump, "_receive", not_alone)
    for moment in itertools.count(1):
        others.clear()
        with connected(server, tls=True) as (a, b):
            assert isinstance(a.stream, TlsStream)
            pumps.append(a.stream._pump)
            reached = interrupted(partial(a.stream.receive, 1, Deadline(PATIENCE)), moment)
            b.send(b"x")
            for other in others:
                assert other.join() == b"x"
        if not reached:
            break
    assert moment > 10
