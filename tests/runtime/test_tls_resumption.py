"""Sessions that are resumed: who gives them, who takes them, and what they never stand in for."""

from __future__ import annotations

import contextlib
import datetime
import gc
import math
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from harness import tlspair
from harness.authority import CLIENT as FOR_CLIENTS
from harness.authority import Authority, Identity
from harness.tlspair import CLIENT, NONE, PATIENCE, PEER, SERVER, VERSIONS
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.sessions import TlsSession
from nimnet_runtime.tls import resumption
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream
from OpenSSL import SSL
from OpenSSL.crypto import X509


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue(names=("localhost", "other.example"))


def serving(identity: Identity, version: int, *, ca_file: str = "", origin: str = "x") -> Context:
    server = tlspair.context(
        verify=PEER if ca_file else NONE,
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        ca_file=ca_file,
        version=version,
    )
    server.session_id_context = origin
    return server


def asking(authority: Authority, identity: Identity | None = None) -> Context:
    return tlspair.context(
        verify=PEER,
        ca_file=authority.ca_file,
        cert_file=identity.cert_file if identity else "",
        key_file=identity.key_file if identity else "",
    )


def visit(
    client: Context,
    server: Context,
    session: TlsSession | None = None,
    *,
    hostname: str = "localhost",
) -> tuple[TlsSession | None, bool]:
    """Connects, lets a byte pass each way, and tells what is to be had and what was resumed."""
    with tlspair.secured(client, server, hostname=hostname, session=session) as (a, b):
        b.send(b"s", 0, PATIENCE)
        assert a.reader.receive(1, PATIENCE, 0) == b"s"
        a.send(b"c", 0, PATIENCE)
        assert b.reader.receive(1, PATIENCE, 0) == b"c"
        resumed = {end.stream._machine.reused() for end in (a, b)}  # type: ignore[attr-defined]  # a TLS stream
        assert len(resumed) == 1
        assert b.stream.protection.get_tls_session() is None
        return session_of(a), resumed.pop()


def session_of(end: Endpoint) -> TlsSession | None:
    session = end.stream.protection.get_tls_session()
    assert session is None or isinstance(session, TlsSession)
    return session


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_resumed(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version)
    session, resumed = visit(client, server)
    assert not resumed
    for _ in range(3):
        session, resumed = visit(client, server, session)
        assert resumed
    assert repr(session) == "<TLS session with 'localhost'>"


@pytest.mark.parametrize("version", VERSIONS)
def test_several_times(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version)
    session, _ = visit(client, server)
    assert [visit(client, server, session)[1] for _ in range(2)] == [True, True]


@pytest.mark.parametrize("version", VERSIONS)
def test_none_by_default(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version, origin="")
    session, _ = visit(client, server)
    assert not visit(client, server, session)[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_switched_off_again(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version)
    session, _ = visit(client, server)
    server.session_id_context = ""
    assert not visit(client, server, session)[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_another_session_context(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version)
    session, _ = visit(client, server)
    server.session_id_context = "y"
    assert not visit(client, server, session)[1]
    server.session_id_context = "x"
    assert visit(client, server, session)[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_another_server(authority: Authority, identity: Identity, version: int) -> None:
    client = asking(authority)
    session, _ = visit(client, serving(identity, version))
    assert not visit(client, serving(identity, version), session)[1]


@pytest.mark.parametrize("text", ["x" * 33, "\u00e4" * 17, "a\0b", "\udc80"])
def test_what_is_no_session_context(identity: Identity, text: str) -> None:
    server = serving(identity, tlspair.TLS_1_3)
    with pytest.raises(SslError, match="session_id_context must be at most 32 bytes of UTF-8"):
        server.session_id_context = text
    assert server.session_id_context == "x"
    server.session_id_context = "\u00e4" * 16
    assert server.session_id_context == "\u00e4" * 16
    server.destroy()
    with pytest.raises(SslError, match="destroyed"):
        server.session_id_context = "x"


# When there is one.


def test_with_the_handshake_or_after_it(authority: Authority, identity: Identity) -> None:
    for version in VERSIONS:
        with tlspair.secured(asking(authority), serving(identity, version)) as (a, b):
            assert (session_of(a) is None) == (version == tlspair.TLS_1_3)
            b.send(b"s", 0, PATIENCE)
            a.reader.receive(1, PATIENCE, 0)
            assert session_of(a) is not None


def test_none_where_there_is_none(authority: Authority) -> None:
    with tlspair.ends() as (a, _b):
        assert session_of(a) is None
        client = asking(authority)
        stream = TlsStream(a.descriptor, client, server=False, hostname="localhost")
        assert stream.protection.get_tls_session() is None


@pytest.mark.parametrize("version", VERSIONS)
def test_after_the_end(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version)
    with tlspair.secured(client, server) as (a, b):
        b.send(b"s", 0, PATIENCE)
        a.reader.receive(1, PATIENCE, 0)
        a.close()
        session = session_of(a)
    assert visit(client, server, session)[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_none_of_a_connection_that_failed(
    authority: Authority, identity: Identity, version: int
) -> None:
    with tlspair.secured(asking(authority), serving(identity, version)) as (a, b):
        b.send(b"s", 0, PATIENCE)
        a.reader.receive(1, PATIENCE, 0)
        b.descriptor.sock.sendall(b"\x17\x03\x03\x00\x18" + bytes(24))
        with pytest.raises(SslError, match="TLS failed"):
            a.reader.receive(1, PATIENCE, 0)
        assert session_of(a) is None


def test_it_outlives_its_connection(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server)
    gc.collect()
    assert visit(client, server, session)[1]


# What it never stands in for.


def test_another_context(authority: Authority, identity: Identity) -> None:
    server = serving(identity, tlspair.TLS_1_3)
    careless = tlspair.context()
    session, _ = visit(careless, server)
    assert session is not None
    for client in (asking(authority), tlspair.context()):
        with tlspair.ends() as (a, _), pytest.raises(SslError, match="with another context"):
            client.wrap_connected_socket(a, 0, "localhost", PATIENCE, session)
        with tcp() as sock, pytest.raises(SslError, match="with another context"):
            client.wrap_socket(sock, session)
        assert not sock.is_ssl()


@pytest.mark.parametrize("hostname", ["other.example", "127.0.0.1"])
def test_another_name(authority: Authority, identity: Identity, hostname: str) -> None:
    """Even one that the certificate is for: it was not looked at for that name."""
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server)
    told = f"the session is one with 'localhost', and cannot be offered to '{hostname}'"
    with tlspair.ends() as (a, _), pytest.raises(SslError, match=told):
        client.wrap_connected_socket(a, 0, hostname, PATIENCE, session)
    assert not a.is_ssl()


def test_letters_of_another_case(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server)
    assert visit(client, server, session, hostname="LocalHost.")[1]


def test_an_address(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server, hostname="127.0.0.1")
    assert visit(client, server, session, hostname="127.0.0.1")[1]
    with tlspair.ends() as (a, _), pytest.raises(SslError, match="cannot be offered to '::1'"):
        client.wrap_connected_socket(a, 0, "::1", PATIENCE, session)


def test_a_server_that_has_lost_its_key_is_verified_anew(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    """An impostor cannot resume, and a full handshake finds out."""
    client = asking(authority)
    session, _ = visit(client, serving(identity, tlspair.TLS_1_3))
    stranger = Authority(tmp_path, "stranger").issue()
    with tlspair.ends() as (a, b):
        impostor = serving(stranger, tlspair.TLS_1_3)
        shaken = tlspair.in_thread(
            lambda: tlspair.outcome(lambda: impostor.wrap_connected_socket(b, SERVER, "", PATIENCE))
        )
        with pytest.raises(SslError, match="certificate verify failed"):
            client.wrap_connected_socket(a, 0, "localhost", PATIENCE, session)
        assert "alert" in shaken.result(PATIENCE / 1000)


@pytest.mark.parametrize("version", VERSIONS)
def test_who_was_not_judged_is_not_resumed(
    authority: Authority, identity: Identity, version: int
) -> None:
    """Sessions from before a server judged its clients say nothing of who they are."""
    client = asking(authority)
    server = tlspair.context(
        verify=PEER,
        ca_file="",
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        version=version,
    )
    server.session_id_context = "x"
    session, _ = visit(client, server)
    assert visit(client, server, session)[1]
    assert server.context.get_cert_store() is not None  # authorities can be named there
    with tlspair.ends() as (a, b):
        shaken = tlspair.in_thread(
            lambda: tlspair.outcome(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        )
        tlspair.outcome(lambda: client.wrap_connected_socket(a, 0, "localhost", PATIENCE, session))
        assert "did not return a certificate" in shaken.result(PATIENCE / 1000)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_clients_certificate_is_still_known(
    authority: Authority, identity: Identity, version: int
) -> None:
    mine = authority.issue(purposes=[FOR_CLIENTS], common_name="anna")
    client = asking(authority, mine)
    server = serving(identity, version, ca_file=authority.ca_file)
    session, _ = visit(client, server)
    with tlspair.secured(client, server, session=session) as (a, b):
        for end, theirs in ((a, identity), (b, mine)):
            connection = end.stream._machine.connection  # type: ignore[attr-defined]  # a TLS stream
            assert end.stream._machine.reused()  # type: ignore[attr-defined]  # a TLS stream
            assert connection.get_peer_certificate(as_cryptography=True) == theirs.certificate
            chain = [theirs.certificate, authority.certificate]
            known = end.stream.protection.get_peer_certificates()
            # A server keeps no more than the ticket has.
            assert known == [der(one) for one in chain[: 2 if end is a else 1]]


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_not_verified_is_not_known(identity: Identity, version: int) -> None:
    client, server = tlspair.context(), serving(identity, version)
    session, _ = visit(client, server)
    with tlspair.secured(client, server, session=session) as ends:
        for end in ends:
            assert end.stream._machine.reused()  # type: ignore[attr-defined]  # a TLS stream
            assert end.stream.protection.get_peer_certificates() == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_callback_of_a_servers_is_asked_each_time(
    authority: Authority, identity: Identity, version: int
) -> None:
    mine = authority.issue(purposes=[FOR_CLIENTS])
    client, server = asking(authority, mine), serving(identity, version)
    asked: list[int] = []

    def judge(
        _connection: SSL.Connection, _x509: X509, _error: int, depth: int, _good: int
    ) -> bool:
        asked.append(depth)
        return True

    server.context.set_verify(SSL.VERIFY_PEER, judge)
    session, _ = visit(client, server)
    seen = len(asked)
    assert seen
    assert not visit(client, server, session)[1]
    assert len(asked) == 2 * seen


@pytest.mark.parametrize("version", VERSIONS)
def test_a_callback_of_one_connection_is_not_passed_over(
    authority: Authority, identity: Identity, version: int
) -> None:
    """A server that judges this client takes no ticket; a client that cannot has a doubt."""
    mine = authority.issue(purposes=[FOR_CLIENTS])
    client = asking(authority, mine)
    server = serving(identity, version, ca_file=authority.ca_file)
    session, _ = visit(client, server)
    assert session is not None
    asked: list[int] = []

    def judge(_connection: SSL.Connection, _x509: X509, _error: int, depth: int, good: int) -> bool:
        asked.append(depth)
        return bool(good)

    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            server.wrap_connected_socket(b, SERVER, "", 0)
        b.stream.protection.ssl_handle().set_verify(SSL.VERIFY_PEER, judge)
        shaken = tlspair.in_thread(lambda: b.handshake(PATIENCE))
        client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE, session)
        shaken.result()
        assert not a.stream.protection.is_resumed()
        assert asked == [1, 0]
    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 0, session)
        a.stream.protection.ssl_handle().set_verify(SSL.VERIFY_PEER, judge)
        serve = partial(server.wrap_connected_socket, b, SERVER, "", PATIENCE)
        served = tlspair.in_thread(lambda: tlspair.outcome(serve))
        with pytest.raises(SslError, match="nobody has asked the verify callback"):
            a.handshake(PATIENCE)
        a.close()
        served.result()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_callback_that_comes_after_the_first_flight(
    authority: Authority, identity: Identity, version: int
) -> None:
    """The server may give a ticket, because the client has said that it takes one."""
    client, server = asking(authority), serving(identity, version)
    asked: list[int] = []

    def judge(_connection: SSL.Connection, _x509: X509, _error: int, depth: int, good: int) -> bool:
        asked.append(depth)
        return bool(good)

    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 0)
        a.stream.protection.ssl_handle().set_verify(SSL.VERIFY_PEER, judge)
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        a.handshake(PATIENCE)
        shaken.result()
        b.send(b"x")
        assert a.reader.receive(1, PATIENCE, 0) == b"x"
        assert asked == [1, 0]
        assert session_of(a) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_what_one_connection_did_not_verify_satisfies_no_other(
    authority: Authority, identity: Identity, version: int
) -> None:
    """The mode was this connection's alone; what it made of the certificate stays known."""
    client, server = asking(Authority(authority.folder, "stranger")), serving(identity, version)
    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 0)
        a.stream.protection.ssl_handle().set_verify(SSL.VERIFY_NONE)
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        a.handshake(PATIENCE)
        shaken.result()
        b.send(b"x")
        assert a.reader.receive(1, PATIENCE, 0) == b"x"
        session = session_of(a)
    assert session is not None
    with pytest.raises(SslError, match="whose certificate was not verified"):
        visit(client, server, session)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_callback_of_a_clients_is_asked_each_time(
    authority: Authority, identity: Identity, version: int
) -> None:
    """Nothing is resumed in its place: no session is given, and none is taken."""
    client, server = asking(authority), serving(identity, version)
    plain, _ = visit(asking(authority), server)
    asked: list[int] = []

    def judge(_connection: SSL.Connection, _x509: X509, _error: int, depth: int, good: int) -> bool:
        asked.append(depth)
        return bool(good)

    client.context.set_verify(SSL.VERIFY_PEER, judge)
    for count in (1, 2):
        session, resumed = visit(client, server)
        assert (session, resumed) == (None, False)
        assert len(asked) == 2 * count
    assert plain is not None
    mine = TlsSession(
        plain.kept, client.context, plain.name, begun=plain.begun, end=plain.end, chain=plain.chain
    )
    with pytest.raises(SslError, match="verify callback"):
        client.resuming(mine)
    with pytest.raises(SslError, match="verify callback"):
        visit(client, server, mine)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_relies_on_a_certificate_that_has_expired(authority: Authority, version: int) -> None:
    """Be it the server's own, or that of an authority over it."""
    brief, lasting = datetime.timedelta(days=3), datetime.timedelta(days=30)
    for leaf, above in ((brief, lasting), (lasting, brief)):
        between = Authority(authority.folder, "between", parent=authority, ends=above)
        first = between.issue(ends=leaf)
        client, server = asking(authority), serving(first, version)
        session, _ = visit(client, server)
        session, resumed = visit(client, server, session)
        assert session is not None
        assert resumed
        least = min(first.certificate, between.certificate, key=lambda x: x.not_valid_after_utc)
        assert session.end == least.not_valid_after_utc.timestamp()
        session.end = session.begun
        assert not visit(client, server, session)[1]


def test_without_a_chain_nothing_expires(identity: Identity) -> None:
    session, _ = visit(tlspair.context(), serving(identity, tlspair.TLS_1_3))
    assert session is not None
    assert session.end == math.inf


@pytest.mark.parametrize("version", VERSIONS)
def test_what_has_been_verified_too_long_ago(
    authority: Authority, identity: Identity, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, server = asking(authority), serving(identity, version)
    session, _ = visit(client, server)
    session, resumed = visit(client, server, session)
    assert session is not None
    assert resumed
    begun = session.begun
    monkeypatch.setattr(resumption, "LIFETIME", 0)
    session, resumed = visit(client, server, session)
    assert not resumed
    assert session is not None
    assert session.begun > begun


def test_a_resumed_session_is_no_younger(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    first, _ = visit(client, server)
    second, _ = visit(client, server, first)
    assert first is not None
    assert second is not None
    assert second is not first
    assert second.begun == first.begun


# Never for pre-shared keys.


def key_of(_: str) -> bytes:
    return bytes(32)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_session_of_a_pre_shared_key(version: int) -> None:
    client, server = tlspair.context(), tlspair.context(version=version)
    client.client_get_psk_func = lambda _: ("anna", bytes(32))
    server.server_get_psk_func = key_of
    server.session_id_context = "x"
    session, resumed = visit(client, server)
    assert session is None
    assert resumed == (version == tlspair.TLS_1_3)  # as OpenSSL calls it


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_that_has_keys_resumes_nothing(
    authority: Authority, identity: Identity, version: int
) -> None:
    client, server = asking(authority), serving(identity, version)
    session, _ = visit(client, server)
    server.server_get_psk_func = key_of
    session, resumed = visit(client, server, session)
    assert not resumed
    server.server_get_psk_func = None
    assert not visit(client, server, session)[1]


def test_a_client_that_has_keys_offers_nothing(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server)
    assert session is not None
    client.client_get_psk_func = lambda _: ("anna", bytes(32))
    with tlspair.ends() as (a, _), pytest.raises(SslError, match="beside pre-shared keys"):
        client.wrap_connected_socket(a, 0, "localhost", PATIENCE, session)
    with tcp() as sock, pytest.raises(SslError, match="beside pre-shared keys"):
        client.wrap_socket(sock, session)
    assert visit(client, server)[0] is None


@pytest.mark.parametrize("version", VERSIONS)
def test_nobody_is_the_owner_of_a_resumed_key(version: int, identity: Identity) -> None:
    """A server with sessions has no keys, also if it is given some while it shakes hands."""
    server = serving(identity, version)
    client = tlspair.context()
    client.client_get_psk_func = lambda _: ("anna", bytes(32))
    with tlspair.ends() as (a, b):
        stream = TlsStream(b.descriptor, server, server=True)
        server.server_get_psk_func = key_of
        b.secure(server, stream)
        shaken = tlspair.in_thread(lambda: tlspair.outcome(lambda: b.handshake(PATIENCE)))
        tlspair.outcome(lambda: client.wrap_connected_socket(a, 0, "localhost", PATIENCE))
        a.close()
        shaken.result(PATIENCE / 1000)
        assert b.stream.protection.get_psk_identity() == ""


# Sockets that are wrapped before they connect.


@contextlib.contextmanager
def tcp() -> Iterator[Endpoint]:
    endpoint = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
    with contextlib.closing(endpoint):
        yield endpoint


@contextlib.contextmanager
def listening(server: Context) -> Iterator[tuple[Endpoint, int]]:
    with tcp() as listener:
        server.wrap_socket(listener)
        listener.bind_addr(0, "127.0.0.1")
        listener.listen(5)
        yield listener, listener.get_local_addr()[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_connect_offers_it(authority: Authority, identity: Identity, version: int) -> None:
    client, server = asking(authority), serving(identity, version)
    session, _ = visit(client, server)
    with listening(server) as (listener, port), tcp() as a:
        client.wrap_socket(a, session)
        connected = tlspair.in_thread(lambda: a.connect_within("localhost", port, PATIENCE))
        with contextlib.closing(listener.accept(0, PATIENCE)) as b:
            b.handshake(PATIENCE)
            connected.result(PATIENCE / 1000)
            assert b.stream._machine.reused()  # type: ignore[attr-defined]  # a TLS stream


def test_connect_refuses_another_name_at_once(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server)
    with listening(server) as (listener, port), tcp() as a:
        client.wrap_socket(a, session)
        with pytest.raises(SslError, match=r"cannot be offered to '127\.0\.0\.1'"):
            a.connect_within("127.0.0.1", port, PATIENCE)
        with pytest.raises(TimeoutError):
            listener.accept(0, 0)


def test_a_server_offers_nothing(authority: Authority, identity: Identity) -> None:
    client, server = asking(authority), serving(identity, tlspair.TLS_1_3)
    session, _ = visit(client, server)
    with tlspair.ends() as (a, _), pytest.raises(SslError, match="this is a server"):
        client.wrap_connected_socket(a, SERVER, "", PATIENCE, session)
    with tcp() as listener:
        client.wrap_socket(listener, session)
        listener.bind_addr(0, "127.0.0.1")
        listener.listen(5)
        place = ("127.0.0.1", listener.get_local_addr()[1])
        with socket.create_connection(place), pytest.raises(SslError, match="this is a server"):
            listener.accept(0, PATIENCE)
