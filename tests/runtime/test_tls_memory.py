"""What an idle TLS connection holds of the memory that it needed while it was busy."""

import contextlib
import itertools
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.interruption import disturbed, interrupted
from harness.loopback import Background, until_waiting
from harness.tlspair import PATIENCE
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream

LARGE = bytes(1 << 14)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@pytest.fixture
def ends(server: Context) -> Iterator[tuple[Endpoint, Endpoint]]:
    with tlspair.secured(tlspair.context(), server) as both:
        yield both


def stream_of(endpoint: Endpoint) -> TlsStream:
    assert isinstance(endpoint.stream, TlsStream)
    return endpoint.stream


def has_grown(endpoint: Endpoint) -> bool:
    return stream_of(endpoint)._machine.grown


def find_nothing(endpoint: Endpoint) -> None:
    with contextlib.suppress(TimeoutError):
        endpoint.reader.receive(1, 0, 0)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc/self")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("traffic", [0, 1 << 20], ids=["after-the-handshake", "after-traffic"])
def test_idle_connections_hold_little(traffic: int, tmp_path: Path) -> None:
    """Measured: twice what Python's `ssl` with its own OpenSSL does; 12 times without care."""
    identity = Authority(tmp_path).issue()
    command = ["-m", "harness.idle", identity.cert_file, identity.key_file, str(traffic)]
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=100,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    ours, theirs = map(int, done.stdout.split())
    assert theirs > 4096
    assert ours < (2.6 if not traffic else 3.5) * theirs


def test_a_reader_that_waits_gives_memory_back(ends: tuple[Endpoint, Endpoint]) -> None:
    a, b = ends
    machine = stream_of(a)._machine
    b.send(LARGE, 0, PATIENCE)
    a.send(LARGE, 0, PATIENCE)
    assert a.reader.receive(len(LARGE), PATIENCE, 0) == LARGE
    assert b.reader.receive(len(LARGE), PATIENCE, 0) == LARGE
    assert has_grown(a)
    before = machine._input, machine._output
    reader = Background(lambda: a.stream.receive(1, Deadline(-1)))
    while has_grown(a):
        until_waiting(reader)
    assert not {*before} & {machine._input, machine._output}
    b.send(b"x", 0, PATIENCE)
    assert reader.join() == b"x"
    a.send(b"y", 0, PATIENCE)
    assert b.reader.receive(1, PATIENCE, 0) == b"y"


def test_a_busy_connection_keeps_its_buffers(ends: tuple[Endpoint, Endpoint]) -> None:
    a, b = ends
    machine = stream_of(a)._machine
    buffers = machine._input, machine._output
    for _ in range(20):
        b.send(LARGE, 0, PATIENCE)
        assert a.reader.receive(len(LARGE), PATIENCE, 0) == LARGE
    assert buffers == (machine._input, machine._output)


def test_what_waits_to_be_sent_is_not_given_back(ends: tuple[Endpoint, Endpoint]) -> None:
    a, b = ends
    with pytest.raises(TimeoutError) as caught:
        a.send(LARGE * 1000, 0, 0)  # to a peer that takes none
    find_nothing(a)
    accepted = int(str(caught.value).partition("after ")[2].split()[0])
    sending = Background(lambda: a.send(b"the end", 0, PATIENCE))
    assert b.reader.receive(accepted + 7, PATIENCE, 0) == bytes(accepted) + b"the end"
    sending.join()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("raising", [True, False], ids=["raises", "encrypts"])
def test_a_handler_at_any_moment_loses_nothing(
    ends: tuple[Endpoint, Endpoint], raising: bool
) -> None:
    a, b = ends
    stream = stream_of(a)
    left = 0

    def encrypt() -> None:
        nonlocal left
        with contextlib.suppress(OSError):
            stream._session.step(Deadline(0), stream._machine.write, memoryview(b"left"))
            left += 1

    idle = partial(find_nothing, a)
    for moment in itertools.count(1):
        b.send(LARGE, 0, PATIENCE)
        assert a.reader.receive(len(LARGE), PATIENCE, 0) == LARGE
        assert has_grown(a)
        reached = interrupted(idle, moment) if raising else disturbed(idle, moment, encrypt)
        a.send(b"and this", 0, PATIENCE)
        sent = b"left" * left + b"and this"
        assert b.reader.receive(len(sent), PATIENCE, 0) == sent
        left = 0
        if not reached:
            break
    assert moment > 20
    assert not has_grown(a)
