"""The end of this side: after everything that was sent, and the other side goes on."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from harness import keyupdates, tlspair
from harness.authority import Authority, Identity
from harness.interruption import at_least, interrupted
from harness.loopback import Background, open_descriptors, pair, until_waiting
from harness.tlspair import CLIENT, PATIENCE
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SAFE_DISCONN, SslError, TimeoutError
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream

pytestmark = pytest.mark.timeout(60)
TIMEOUTS = pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])
VERSIONS = pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])
LARGE = bytes(1 << 24)
"""More than there is room for on the way."""


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Authority(tmp_path_factory.mktemp("authority")).issue()


@pytest.fixture(scope="module")
def server(identity: Identity) -> Context:
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def ends(
    protected: bool, server: Context, family: int = socket.AF_UNIX
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two connected endpoints, protected by TLS or not."""
    made = (
        tlspair.secured(tlspair.context(), server, family=family)
        if protected
        else tlspair.ends(family=family)
    )
    with made as (a, b):
        yield a, b


PROTECTED = pytest.mark.parametrize("protected", [False, True], ids=["plain", "tls"])


@PROTECTED
@TIMEOUTS
def test_it_waits_for_another_threads_data(protected: bool, timeout: int, server: Context) -> None:
    with ends(protected, server) as (a, b):
        writer = Background(lambda: a.send(LARGE))
        until_waiting(writer)
        ender = Background(lambda: a.send_eof(timeout))
        assert b.reader.receive(len(LARGE) + 1, PATIENCE, None) == LARGE
        writer.join()
        ender.join()
        b.send(b"answer")
        assert a.reader.receive(6, PATIENCE, None) == b"answer"


@PROTECTED
def test_it_does_not_wait_past_its_deadline(protected: bool, server: Context) -> None:
    with ends(protected, server) as (a, b):
        writer = Background(lambda: a.send(LARGE))
        until_waiting(writer)
        for timeout in (0, 50):
            with pytest.raises(TimeoutError):
                a.send_eof(timeout)
        assert b.reader.receive(len(LARGE), PATIENCE, None) == LARGE
        writer.join()
        a.send(b"more")  # what timed out has ended nothing
        a.send_eof(PATIENCE)
        assert b.reader.receive(10, PATIENCE, None) == b"more"


def test_what_tls_could_not_send_before_is_sent_first(server: Context) -> None:
    with ends(True, server) as (a, b):
        with pytest.raises(TimeoutError):
            a.send(LARGE, None, 100)
        with pytest.raises(TimeoutError):
            a.send_eof(50)
        received = Background(lambda: b.reader.receive(len(LARGE) + 1, PATIENCE, None))
        a.send_eof(PATIENCE)
        data = received.join()
        assert isinstance(data, bytes)
        assert LARGE.startswith(data)  # as far as it was accepted, and then a clean end
        b.send(b"answer")
        assert a.reader.receive(6, PATIENCE, None) == b"answer"


@PROTECTED
@TIMEOUTS
def test_a_reader_in_another_thread_goes_on(protected: bool, timeout: int, server: Context) -> None:
    with ends(protected, server) as (a, b):
        reader = Background(lambda: a.reader.receive(6, timeout, None))
        until_waiting(reader)
        a.send_eof(PATIENCE)
        assert b.reader.receive(1, PATIENCE, None) == b""
        b.send(b"answer")
        assert reader.join() == b"answer"


@PROTECTED
def test_a_close_ends_the_waiting(protected: bool, server: Context) -> None:
    with ends(protected, server) as (a, _):
        writer = Background(lambda: a.send(LARGE))
        until_waiting(writer)
        ender = Background(lambda: a.send_eof(-1))
        while not ender.ended() and not a.closed:
            a.close()
        for call in (writer, ender):
            with pytest.raises(OSError, match="closed") as caught:
                call.join()
            assert caught.value.errno == errno.EBADF


@PROTECTED
def test_a_signal_handler_cannot_end_what_it_interrupts(protected: bool, server: Context) -> None:
    problems: list[OSError] = []

    def handle(_number: int, _frame: FrameType | None) -> None:
        try:
            a.send_eof(100)
        except OSError as error:
            problems.append(error)

    with ends(protected, server) as (a, b):
        before = signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            with pytest.raises(TimeoutError):
                a.send(LARGE, None, 500)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert [error.errno for error in problems] == [errno.EDEADLK]
        assert not a.stream.ended
        assert b.reader.receive(10, PATIENCE, None) == bytes(10)


@PROTECTED
def test_a_call_that_a_handler_ended_can_be_repeated(protected: bool, server: Context) -> None:
    for moment in itertools.count(1):
        with ends(protected, server) as (a, b):
            a.send(b"all")
            reached = interrupted(lambda: a.send_eof(PATIENCE), moment)
            a.send_eof(PATIENCE)
            assert b.reader.receive(10, PATIENCE, None) == b"all"
            b.send(b"answer")
            assert a.reader.receive(6, PATIENCE, None) == b"answer"
            with pytest.raises(BrokenPipeError, match="send_eof"):
                a.send(b"more")
        if not reached:
            break
    assert moment > at_least(5)


@PROTECTED
def test_low_level_forms_record_the_error(protected: bool, server: Context) -> None:
    with ends(protected, server) as (a, _):
        a.send_eof(PATIENCE)
        assert not a.try_send(b"x")
        assert a.get_socket_error() == errno.EPIPE
        a.reader.last_error = 0
        assert a.send_or_error(memoryview(b"x"), 1) == -1
        assert a.get_socket_error() == errno.EPIPE


def test_no_tls_after_the_end() -> None:
    with tlspair.ends() as (a, _):
        a.send_eof(-1)
        with pytest.raises(BrokenPipeError, match="send_eof"):
            tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)


def test_a_reset_that_a_send_takes_from_the_system_is_still_read() -> None:
    with pair("tcp") as (endpoint, peer):
        endpoint.send_eof(-1)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        with pytest.raises(BrokenPipeError, match="send_eof"):
            endpoint.send(b"x", SAFE_DISCONN)
        with pytest.raises(ConnectionResetError):
            endpoint.reader.receive(1, PATIENCE, 0)


@VERSIONS
def test_a_peer_that_answers_with_its_own_end(version: int, identity: Identity) -> None:
    """As TLS up to 1.2 demands; what it had sent before is read."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(identity.cert_file, identity.key_file)
    with tlspair.python_peer(made, server=True) as (endpoint, shaken):
        tlspair.context(version=version).wrap_connected_socket(endpoint, CLIENT, "", PATIENCE)
        peer = shaken.result(PATIENCE / 1000)
        peer.sendall(b"last words")
        endpoint.send(b"question")
        endpoint.send_eof(PATIENCE)
        assert peer.recv(100) == b"question"
        assert peer.recv(100) == b""
        peer.unwrap().close()
        assert endpoint.reader.receive(100, PATIENCE, None) == b"last words"
        endpoint.send_eof(PATIENCE)
        assert endpoint.reader.receive(100, PATIENCE, None) == b""


@VERSIONS
def test_a_peer_that_drops_the_connection_is_no_end(version: int, identity: Identity) -> None:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(identity.cert_file, identity.key_file)
    with tlspair.python_peer(made, server=True) as (endpoint, shaken):
        tlspair.context(version=version).wrap_connected_socket(endpoint, CLIENT, "", PATIENCE)
        peer = shaken.result(PATIENCE / 1000)
        endpoint.send_eof(PATIENCE)
        assert peer.recv(100) == b""
        peer.close()
        with pytest.raises(SslError, match="close_notify"):
            endpoint.reader.receive(100, PATIENCE, None)


def test_key_updates_after_the_end_are_followed_and_not_answered(
    identity: Identity, tmp_path: Path
) -> None:
    """An answer has no way to the peer, and is not kept for one."""
    made = keyupdates.server(identity, tmp_path / "keys")
    with tlspair.python_peer(made, server=True) as (endpoint, shaken):
        tlspair.context().wrap_connected_socket(endpoint, CLIENT, "", PATIENCE)
        peer = shaken.result(PATIENCE / 1000)
        records = keyupdates.Records(peer, tmp_path / "keys")
        endpoint.send_eof(PATIENCE)
        for number in range(3):
            answer = b"answer %d" % number
            sent = records.updates(200, requested=True) + records.data(answer)
            os.write(peer.fileno(), sent)
            assert endpoint.reader.receive(len(answer), PATIENCE, None) == answer
            stream = endpoint.stream
            assert isinstance(stream, TlsStream)
            assert stream._machine.output() == 0
        assert peer.recv(1) == b""


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_dial_to_tls_of_either_family(host: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    shown = authority.issue()
    judging = tlspair.context(verify=tlspair.PEER, ca_file=authority.ca_file)
    showing = tlspair.context(cert_file=shown.cert_file, key_file=shown.key_file)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(Endpoint.create(family, socket.SOCK_STREAM, 0, True)) as listener:
        showing.wrap_socket(listener)
        listener.bind_addr(0, host)
        listener.listen(1)

        def serve() -> None:
            with contextlib.closing(listener.accept(None, PATIENCE)) as accepted:
                accepted.send(b"welcome", None, PATIENCE)

        serving = Background(serve)
        port = listener.get_local_addr()[1]
        dialed = dial(host, port, 6, True, PATIENCE, judging, "localhost")
        with contextlib.closing(dialed):
            assert dialed.reader.receive(7, PATIENCE, None) == b"welcome"
        serving.join()


@pytest.mark.parametrize("timeout", [0, 100])
def test_a_dial_that_fails_in_the_handshake_leaves_nothing_open(timeout: int) -> None:
    context = tlspair.context()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        before = open_descriptors()
        host, port = listener.getsockname()
        with pytest.raises(TimeoutError):
            dial(host, port, 6, True, timeout, context)
        assert open_descriptors() == before
        with listener.accept()[0] as peer:
            while peer.recv(1 << 16):  # the hello, and then an end
                pass


@pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
def test_a_dial_to_a_peer_that_does_not_speak_tls(family: str) -> None:
    context = tlspair.context()
    with socket.create_server(
        (family, 0), family=socket.AF_INET6 if ":" in family else socket.AF_INET
    ) as listener:
        before = open_descriptors()

        def answer() -> None:
            with listener.accept()[0] as peer:
                peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                while peer.recv(1 << 16):
                    pass

        answering = Background(answer)
        with pytest.raises(SslError, match="does not speak TLS"):
            dial(family, listener.getsockname()[1], 6, True, PATIENCE, context)
        answering.join()
        assert open_descriptors() == before


def test_a_dial_that_fails_resets_nobody_who_has_said_much() -> None:
    """What has arrived is read away: the peer hears why, and then an end."""
    said = threading.Event()

    def key(_hint: str) -> tuple[str, bytes]:  # asked for before anything is read
        assert said.wait(20)
        return "anna", bytes(32)

    context = tlspair.context()
    context.client_get_psk_func = key
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as peer:
                peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n" + bytes(40_000))
                said.set()
                while peer.recv(1 << 16):
                    pass

        answering = Background(answer)
        with pytest.raises(SslError, match="does not speak TLS"):
            dial("127.0.0.1", listener.getsockname()[1], 6, True, PATIENCE, context)
        answering.join()


@VERSIONS
@pytest.mark.parametrize("flags", [0, SAFE_DISCONN])
def test_a_goodbye_to_a_peer_that_is_gone(version: int, flags: int, server: Context) -> None:
    with tlspair.secured(tlspair.context(version=version), server, family=socket.AF_INET) as (a, b):
        b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        b.descriptor.sock.close()
        with pytest.raises(SslError):
            a.reader.receive(1, PATIENCE, None)
        if flags:
            a.close(flags)
        else:
            with pytest.raises(BrokenPipeError, match="say goodbye"):
                a.close(flags)
        assert a.closed
        a.close(flags)
