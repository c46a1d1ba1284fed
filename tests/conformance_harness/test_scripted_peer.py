"""The scripted peer against sockets of the standard library: what it demands, and what it tells."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.actions import (
    Accept,
    Action,
    ByteByByte,
    Close,
    Connect,
    Expect,
    ExpectEnd,
    Garbage,
    HalfClose,
    Secure,
    Send,
    Silent,
    WaitFor,
)
from harness.peer import Peer
from harness.psk_peer import PskSecured
from harness.wire import prepared
from nimnet_gen.testing.background import started
from nimnet_gen.testing.callbacks import answering, failing
from nimnet_gen.testing.matrix import Form, scenario


def connect(peer: Peer) -> socket.socket:
    connected = socket.create_connection((peer.host, peer.port))
    connected.settimeout(20)
    return connected


def read(subject: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := subject.recv(size - len(data))):
        data += part
    return data


def trusting(peer: Peer) -> ssl.SSLSocket:
    settings = ssl.create_default_context(cafile=peer.ca_file)
    return settings.wrap_socket(connect(peer), server_hostname=peer.name)


def run(peer: Peer, steps: Callable[[socket.socket], object]) -> None:
    """Does the steps of a subject within a peer, as a stage would."""
    with peer, connect(peer) as subject:
        steps(subject)


def open_descriptors() -> set[str]:
    return {str(path) for path in Path("/proc/self/fd").iterdir()}


def test_it_plays_in_order_and_leaves_nothing_open() -> None:
    before = open_descriptors()
    script = [Send(b"ab"), WaitFor("go"), ByteByByte(b"cd", every=1), Expect(b"ef"), ExpectEnd()]
    with Peer("connection", "tcp", script) as peer, connect(peer) as subject:
        assert subject.recv(10) == b"ab"
        peer.signal("go")
        assert subject.recv(1) + subject.recv(1) == b"cd"
        subject.sendall(b"ef")
    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([WaitFor("never")], "no step signalled 'never'"),
        ([Expect(b"ab")], r"expected b'ab' and got b'xy'"),
        ([Expect(b"xyz")], "expected b'xyz' and got b'xy'"),
        ([Accept()], "nobody connected"),
        ([Connect()], "nobody told the peer where the subject listens"),
        ([Expect(b"x"), ExpectEnd()], "expected the end and got b'y'"),
    ],
)
def test_a_script_that_cannot_be_played_is_a_failure(script: list[Action], words: str) -> None:
    before = open_descriptors()

    def steps(subject: socket.socket) -> None:
        subject.sendall(b"xy")
        subject.shutdown(socket.SHUT_WR)

    with pytest.raises(AssertionError, match=words):
        run(Peer("connection", "tcp", script), steps)
    assert open_descriptors() == before


def test_a_failure_inside_stays_what_it_is_and_has_the_peers_as_a_note() -> None:
    def steps(subject: socket.socket) -> None:
        subject.sendall(b"xy")
        assert subject.recv(1) == b""  # it gives up at once
        raise KeyError

    with pytest.raises(KeyError) as caught:
        run(Peer("connection", "tcp", [Expect(b"ab"), WaitFor("x")]), steps)
    assert "expected b'ab' and got b'xy'" in caught.value.__notes__[0]


def test_a_failure_inside_does_not_wait_for_the_script() -> None:
    peer = Peer("connection", "tcp", [WaitFor("x"), Expect(b"1")])

    def steps(_subject: socket.socket) -> None:
        peer.signal("x")
        raise KeyError

    began = time.monotonic()
    with pytest.raises(KeyError):
        run(peer, steps)
    assert time.monotonic() - began < 10


def test_it_tells_what_was_played() -> None:
    script = [Send(b"0123"), ByteByByte(b"456789", every=10_000), HalfClose(), Close()]
    with Peer("connection", "tcp", script) as peer, connect(peer) as subject:
        assert read(subject, 5) == b"01234"
        while "1 of 6" not in peer.describe():  # the byte comes before its count
            time.sleep(0.001)
        assert peer.describe().splitlines() == [
            "played: Accept(), Send(b'0123')",
            "in progress: ByteByByte(b'456789', every=10000) after 1 of 6 bytes",
            "still to come: HalfClose(), Close()",
        ]
        peer.finish()  # which ends the pauses
    assert peer.describe() == (
        "played: Accept(), Send(b'0123'), ByteByByte(b'456789', every=10000), HalfClose(), Close()"
    )


def test_long_data_is_cut_in_what_it_tells() -> None:
    assert repr(Send(b"x" * 1000)) == f"Send({b'x' * 40!r}... 1000 bytes)"
    assert repr(Accept(plain=True)) == "Accept(plain=True)"


def test_an_unknown_signal_is_refused() -> None:
    script = [WaitFor("one")]
    with Peer("connection", "tcp", script) as peer, connect(peer):
        with pytest.raises(ValueError, match=r"waits for no signal 'two'; it waits for \['one'\]"):
            peer.signal("two")
        peer.signal("one")


def test_a_dribbling_peer_takes_its_time() -> None:
    script = [ByteByByte(b"abc", every=40)]
    began = time.monotonic()  # before it can begin
    with Peer("connection", "tcp", script) as peer, connect(peer) as subject:
        assert read(subject, 3) == b"abc"
        assert 0.08 <= time.monotonic() - began < 10


@pytest.mark.parametrize(("transport", "version"), [("tls12", "TLSv1.2"), ("tls13", "TLSv1.3")])
def test_it_speaks_the_version_of_the_transport(transport: str, version: str) -> None:
    script = [Send(b"hi"), HalfClose(), Expect(b"late"), ExpectEnd()]
    with Peer("connection", transport, script) as peer, trusting(peer) as subject:
        assert subject.version() == version
        assert subject.recv(2) == b"hi"
        assert subject.recv(1) == b""
        subject.sendall(b"late")
        with subject.unwrap():
            peer.finish()


@pytest.mark.parametrize("transport", ["tls12", "tls13"])
def test_a_missing_close_notify_is_not_the_end(transport: str) -> None:
    def run_without_goodbye() -> None:
        with (
            Peer("connection", transport, [Send(b"y"), Expect(b"x"), ExpectEnd()]) as peer,
            trusting(peer) as subject,
        ):
            assert subject.recv(1) == b"y"
            subject.sendall(b"x")

    with pytest.raises(ssl.SSLEOFError):
        run_without_goodbye()


def test_a_handshake_that_the_subject_refuses_is_played() -> None:
    with Peer("client", "tls13", [Accept(), Silent()], "expired") as peer:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            trusting(peer)
        peer.finish()
    assert "the peer's handshake failed: SSLError" in peer.describe()


def test_a_refused_handshake_with_more_to_come_is_not() -> None:
    def run_and_refuse() -> None:
        with Peer("client", "tls13", [Accept(), Send(b"x")], "untrusted") as peer:
            with pytest.raises(ssl.SSLCertVerificationError):
                trusting(peer)
            peer.finish()

    with pytest.raises(ssl.SSLError, match="alert"):
        run_and_refuse()


def test_garbage_goes_beneath_tls() -> None:
    script = [Expect(b"x"), Garbage(b"garbage")]
    with Peer("connection", "tls13", script) as peer, trusting(peer) as subject:
        subject.sendall(b"x")
        with pytest.raises(ssl.SSLError):
            subject.recv(1)


def test_a_connection_can_be_secured_later() -> None:
    with Peer("unsecured", "tls13", [Send(b"clear"), Secure("client"), Expect(b"x")]) as peer:
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(peer.cert_file, peer.key_file)
        raw = connect(peer)
        assert read(raw, 5) == b"clear"
        with settings.wrap_socket(raw, server_side=True) as subject:
            subject.sendall(b"x")


@pytest.mark.parametrize(("transport", "version"), [("psk12", "TLSv1.2"), ("psk13", "TLSv1.3")])
def test_pre_shared_keys_are_used_in_the_version_of_the_transport(
    transport: str, version: str
) -> None:
    left, right = (prepared(end) for end in socket.socketpair())
    with left, right:
        client = PskSecured(left, transport, server=False)
        server = PskSecured(right, transport, server=True)
        serving = started(server.shake_hands)
        client.shake_hands()
        serving.result()
        assert client._tls.get_protocol_version_name() == version
        assert client._tls.get_peer_certificate() is None
        assert client.send(memoryview(b"x" * 20_000)) == 1 << 14
        assert server.receive(1 << 14) == b"x" * (1 << 14)
        server.finish()
        assert client.receive(1) == b""
        client.finish()
        assert server.receive(1) == b""


def test_places_of_a_peer() -> None:
    with Peer("client", "unix") as peer:
        assert Path(peer.path).is_socket()
        assert (peer.host, peer.port) == (peer.path, 0)
        assert Path(peer.fresh_path).parent.is_dir()
        assert not Path(peer.fresh_path).exists()
        assert not Path(peer.missing_file).exists()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", peer.closed_port))
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", peer.full_port), timeout=0.05)
    assert not Path(peer.path).exists()


def test_a_descriptor_belongs_to_who_asks_for_it() -> None:
    before = open_descriptors()
    with Peer("descriptor", "tcp", [Expect(b"x")]) as peer:
        assert os.get_blocking(peer.descriptor)
        os.write(peer.descriptor, b"x")
        os.close(peer.descriptor)
    assert open_descriptors() == before


def test_a_peer_connects_to_where_the_subject_listens() -> None:
    with (
        Peer("server", "tcp", [Connect(), Send(b"1"), Connect(), Send(b"2")]) as peer,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        peer.reach(*listener.getsockname())
        assert peer.own_port == listener.getsockname()[1]
        first, _ = listener.accept()
        second, address = listener.accept()
        with first, second:
            assert (first.recv(1), second.recv(1)) == (b"1", b"2")
            assert (peer.host, peer.port) == address


@pytest.mark.parametrize("waits", [True, False])
def test_a_started_call_waits_or_has_ended(waits: bool) -> None:
    begun, go = threading.Event(), threading.Event()

    def call() -> int:
        begun.set()
        if waits:
            go.wait(20)
        return 3

    running = started(call)
    assert begun.is_set()
    go.set()
    assert running.result() == 3


def test_a_started_call_raises_where_its_result_is_asked_for() -> None:
    def fail() -> None:
        raise KeyError("here")

    running = started(fail)
    with pytest.raises(KeyError, match="here"):
        running.result()


def test_callbacks_answer_what_they_are_to_be_asked() -> None:
    assert answering(("client", b"key"))("any") == ("client", b"key")
    assert answering(b"key", takes="client")("client") == b"key"
    with pytest.raises(ValueError, match="asked about 'other', not about 'client'"):
        answering(b"key", takes="client")("other")
    with pytest.raises(ValueError, match="no key today"):
        failing("no key today")("any")


def test_forms_without_a_common_transport_are_refused() -> None:
    def call() -> None: ...

    form: Form[Callable[..., object]] = Form("connectUnix", call, ("unix",))
    with pytest.raises(ValueError, match="no form exists on any of the transports"):
        scenario("connect.connects", transports=("tcp",), connect=[form])
