"""How much a send had taken that ends early: on its exception, so that the rest can be sent."""

from __future__ import annotations

import contextlib
import copy
import errno
import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.loopback import Background, stream_endpoint, udp_endpoint, until_waiting
from harness.tlspair import PATIENCE
from nimnet_runtime import errors
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslAlertError, SslError, TimeoutError

DATA = bytes(range(256)) * (1 << 17)
"""More than the buffers of any socket take: 32 MiB."""

Ends = AbstractContextManager[tuple[Endpoint, Endpoint]]


@pytest.fixture(params=["tcp", "unix", "tls12", "tls13"])
def secure(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ends(secure: str, tmp_path: Path) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two ends of a connection, of which the second does not read."""
    family = socket.AF_UNIX if secure == "unix" else socket.AF_INET
    connection: Ends
    if secure.startswith("tls"):
        identity = Authority(tmp_path).issue()
        version = dict(zip(("tls12", "tls13"), tlspair.VERSIONS, strict=True))[secure]
        server = tlspair.context(
            cert_file=identity.cert_file, key_file=identity.key_file, version=version
        )
        connection = tlspair.secured(tlspair.context(), server, family=family)
    else:
        connection = tlspair.ends(family=family)
    with connection as both:
        yield both


def written(error: BaseException) -> int:
    count = getattr(error, "characters_written")  # noqa: B009 - typeshed has it for one OSError
    assert isinstance(count, int)
    return count


def read(endpoint: Endpoint, size: int) -> bytes:
    return endpoint.reader.receive(size, PATIENCE, 0)


def test_what_is_left_can_be_sent(ends: tuple[Endpoint, Endpoint], secure: str) -> None:
    sender, receiver = ends
    sent = 0
    for timeout in (0, 20):
        with pytest.raises(TimeoutError) as caught:
            sender.send(DATA[sent:], 0, timeout)
        message = f"after {written(caught.value)} of {len(DATA) - sent} bytes were accepted"
        assert message in str(caught.value)
        assert ("bytes of ciphertext wait in this process" in str(caught.value)) == (
            secure.startswith("tls")
        )
        sent += written(caught.value)
    assert 0 < sent < len(DATA)
    rest = Background(lambda: sender.send(DATA[sent:], 0, PATIENCE))
    assert read(receiver, len(DATA)) == DATA
    rest.join()


def test_all_that_is_counted_arrives(ends: tuple[Endpoint, Endpoint], secure: str) -> None:
    """What TLS has encrypted is sent by the next call, which may be a close."""
    sender, receiver = ends
    with pytest.raises(TimeoutError) as caught:
        sender.send(DATA, 0, 20)
    sent = written(caught.value)
    if secure.startswith("tls"):
        going = Background(lambda: sender.send(b"", 0, PATIENCE))
        assert read(receiver, sent) == DATA[:sent]
        going.join()
    sender.close()
    if not secure.startswith("tls"):
        assert read(receiver, len(DATA)) == DATA[:sent]


def test_a_close_during_a_send(ends: tuple[Endpoint, Endpoint]) -> None:
    sender, _ = ends
    sending = Background(lambda: sender.send(DATA, 0, PATIENCE))
    until_waiting(sending)
    sender.close()
    with pytest.raises(OSError, match="closed while this call was using it") as caught:
        sending.join()
    assert caught.value.errno == errno.EBADF
    assert 0 < written(caught.value) < len(DATA)


def test_a_peer_that_leaves(ends: tuple[Endpoint, Endpoint], secure: str) -> None:
    sender, receiver = ends
    sending = Background(lambda: sender.send(DATA, 0, PATIENCE))
    until_waiting(sending)
    receiver.close()
    with pytest.raises((OSError, SslError)) as caught:
        sending.join()
    assert 0 < written(caught.value) < len(DATA), secure


def test_a_turn_that_does_not_come(ends: tuple[Endpoint, Endpoint]) -> None:
    sender, receiver = ends
    sending = Background(lambda: sender.send(DATA, 0, PATIENCE))
    until_waiting(sending)
    with pytest.raises(TimeoutError, match="waiting for another thread's call") as caught:
        sender.send(b"abc", 0, 5)
    assert written(caught.value) == 0
    assert read(receiver, len(DATA)) == DATA
    sending.join()


NOTHING: dict[str, Callable[[], Endpoint]] = {
    "not connected": stream_endpoint,
    "a datagram without a receiver": udp_endpoint,
}


@pytest.mark.parametrize("kind", NOTHING)
def test_what_cannot_begin_has_taken_nothing(kind: str) -> None:
    with closing(NOTHING[kind]()) as endpoint:
        for closed in (False, True):
            if closed:
                endpoint.close()
            for data in (b"abc", bytearray(b"abc"), memoryview(b"abc")):
                with pytest.raises(OSError) as caught:  # noqa: PT011 - two of them, see below
                    endpoint.send(data, 0)
                assert (caught.value.errno == errno.EBADF) == closed
                assert written(caught.value) == 0


def test_a_session_that_has_failed(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        identity = Authority(tmp_path).issue()
        server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
        sender, receiver = stack.enter_context(tlspair.secured(tlspair.context(), server))
        receiver.descriptor.sock.send(b"this is no record of TLS")
        with pytest.raises(SslError):
            sender.reader.receive(1, PATIENCE, 0)
        with pytest.raises(SslError) as caught:
            sender.send(b"abc")
        assert caught.value.characters_written == 0


def test_no_other_call_has_written(ends: tuple[Endpoint, Endpoint]) -> None:
    calls: list[Callable[[], object]] = [
        lambda: ends[0].reader.receive(1, 0, 0),
        lambda: ends[0].reader.recv_line(0, 0, 10),
        lambda: ends[0].reader.receive_until(b"\n", 0, 0, 10),
    ]
    for call in calls:
        with pytest.raises(TimeoutError) as caught:
            call()
        assert caught.value.characters_written == 0


@pytest.mark.parametrize("kind", [TimeoutError, SslError, SslAlertError])
def test_copies_have_it(kind: type[TimeoutError | SslError]) -> None:
    assert kind().characters_written == 0
    error = errors.after_writing(kind("ended"), 7)
    for copied in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert (type(copied), copied.args) == (kind, ("ended",))
        assert copied.characters_written == 7
    assert kind().characters_written == 0
