"""Sessions that nimnet and other programs resume, as servers of FTP over TLS demand it."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.authority import Authority, Identity
from harness.openssl import Openssl, certified, s_client, s_server
from interop.secured import (
    PATIENCE,
    Version,
    accepted,
    demanding,
    in_thread,
    listening,
    presenting,
    trusting,
)
from nimnet import (
    HANDSHAKE_AS_CLIENT,
    IPPROTO_TCP,
    Port,
    Socket,
    SslContext,
    SslError,
    TlsSession,
    dial,
    new_socket,
)

RESUMED = rb"(?m)^Reused, TLSv1\.[23], Cipher is "
ANEW = rb"(?m)^New, TLSv1\.[23], Cipher is "
"""What `s_client` says of a handshake."""
REUSED = b"Reused session-id\n"
"""What `s_server` says of one in which it has resumed a session."""


def resuming(context: SslContext, port: int, session: TlsSession | None) -> Socket:
    """Return a socket that has connected, and offered the session in its handshake."""
    sock = new_socket()
    try:
        context.wrap_socket(sock, session=session)
        sock.connect("localhost", Port(port), timeout=PATIENCE)
    except BaseException:
        sock.close()
        raise
    return sock


# --- s_server


def told(server: Openssl, sock: Socket) -> TlsSession | None:
    """Receive a line, behind which tickets have come, and return the session."""
    server.type(b"hello\n")
    assert sock.recv_line(PATIENCE) == b"hello"
    return sock.get_tls_session()


def test_a_session_of_s_server(authority: Authority, identity: Identity, version: Version) -> None:
    context, session = trusting(authority), None
    with s_server(version.option, *certified(identity)) as server:
        for times in range(3):
            with resuming(context, server.port, session) as sock:
                session = told(server, sock)
                assert session is not None
                assert server.printed().count(REUSED) == times


def test_an_identifier_in_place_of_a_ticket(authority: Authority, identity: Identity) -> None:
    """As servers of TLS 1.2 without tickets have it (RFC 5246 section 7.3)."""
    context = trusting(authority)
    with s_server("-tls1_2", "-no_ticket", *certified(identity)) as server:
        with resuming(context, server.port, None) as sock:
            session = sock.get_tls_session()
        assert session is not None
        with resuming(context, server.port, session):
            server.wait_for(REUSED)


def session_of(context: SslContext, identity: Identity, version: Version) -> TlsSession | None:
    """Return a session of a server that is gone."""
    with (
        s_server(version.option, *certified(identity)) as server,
        resuming(context, server.port, None) as sock,
    ):
        return told(server, sock)


def test_a_server_that_has_forgotten(
    authority: Authority, identity: Identity, version: Version
) -> None:
    """Another process has other keys for its tickets: the handshake is a full one."""
    context = trusting(authority)
    session = session_of(context, identity, version)
    assert session is not None
    with (
        s_server(version.option, *certified(identity)) as server,
        resuming(context, server.port, session) as sock,
    ):
        assert told(server, sock) is not None
        assert REUSED not in server.printed()


def test_an_impostor_is_found_out(
    authority: Authority, identity: Identity, version: Version, tmp_path: Path
) -> None:
    context = trusting(authority)
    session = session_of(context, identity, version)
    assert session is not None
    stranger = Authority(tmp_path, "stranger").issue()
    with (
        s_server(version.option, *certified(stranger)) as server,
        pytest.raises(SslError, match="certificate verify failed"),
    ):
        resuming(context, server.port, session)


# --- s_client


def hello(client: Socket) -> bytes:
    """Greet a client, and return the line that it says."""
    client.send(b"hello\n", timeout=PATIENCE)
    return client.recv_line(PATIENCE)


@pytest.mark.parametrize("judges", [False, True])
def test_s_client_resumes(
    authority: Authority, identity: Identity, version: Version, judges: bool, tmp_path: Path
) -> None:
    context = demanding(identity, authority) if judges else presenting(identity)
    context.session_id_context = "ours"
    kept = tmp_path / "session.pem"
    shown = certified(authority.issue()) if judges else []
    with listening(context) as (listener, port):
        for options, handshake in (("-sess_out", ANEW), ("-sess_in", RESUMED)):
            served = accepted(listener, hello)
            with s_client(port, version.option, options, str(kept), *shown) as client:
                client.wait_for(b"hello\n")
                client.wait_for_one(handshake)
                client.type(b"bye\n")
                assert served.result(PATIENCE / 1000) == b"bye"
                client.wait_for(b"closed")


def test_s_client_does_not_by_default(identity: Identity, version: Version, tmp_path: Path) -> None:
    kept = tmp_path / "session.pem"
    with listening(presenting(identity)) as (listener, port):
        for options in (["-sess_out", str(kept)], ["-sess_in", str(kept)]):
            if not Path(options[1]).exists() and options[0] == "-sess_in":
                break  # it was not given any
            served = accepted(listener, hello)
            with s_client(port, version.option, *options) as client:
                client.wait_for(b"hello\n")
                client.wait_for_one(ANEW)
                client.type(b"bye\n")
                assert served.result(PATIENCE / 1000) == b"bye"


# --- FTP over TLS (RFC 4217): the data connection resumes the session of the control connection


@contextlib.contextmanager
def ftp_server(identity: Identity, version: Version) -> Iterator[tuple[int, int]]:
    """Serve one client, which must resume for its data; the ports for control and for data."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(identity.cert_file, identity.key_file)
    made.minimum_version = made.maximum_version = ssl.TLSVersion(version.number)

    with (
        socket.create_server(("127.0.0.1", 0)) as control,
        socket.create_server(("127.0.0.1", 0)) as passive,
    ):

        def serve() -> None:
            plain, _ = control.accept()
            plain.settimeout(PATIENCE / 1000)
            with plain.makefile("rwb") as lines:
                lines.write(b"220 ready\r\n")
                lines.flush()
                assert lines.readline() == b"AUTH TLS\r\n"
                lines.write(b"234 go on\r\n")
                lines.flush()
            with made.wrap_socket(plain, server_side=True) as secured:
                secured.sendall(b"200 protected\r\n")
                assert secured.recv(100) == b"LIST\r\n"
                data, _ = passive.accept()
                data.settimeout(PATIENCE / 1000)
                with made.wrap_socket(data, server_side=True) as listing:
                    if not listing.session_reused:
                        secured.sendall(b"522 session reuse required\r\n")
                        return
                    listing.sendall(b"file\r\n")
                    listing.unwrap()
                secured.sendall(b"226 done\r\n")

        served = in_thread(serve)
        yield control.getsockname()[1], passive.getsockname()[1]
        served.result(PATIENCE / 1000)


def plain(port: int) -> Socket:
    return dial("127.0.0.1", Port(port), IPPROTO_TCP, timeout=PATIENCE)


@pytest.mark.parametrize("resumes", [True, False])
def test_data_of_ftp(
    authority: Authority, identity: Identity, version: Version, resumes: bool
) -> None:
    context = trusting(authority)
    with ftp_server(identity, version) as (port, passive), plain(port) as control:
        assert control.recv_line(PATIENCE) == b"220 ready"
        control.send(b"AUTH TLS\r\n", timeout=PATIENCE)
        assert control.recv_line(PATIENCE) == b"234 go on"
        context.wrap_connected_socket(control, HANDSHAKE_AS_CLIENT, "localhost", timeout=PATIENCE)
        assert control.recv_line(PATIENCE) == b"200 protected"
        control.send(b"LIST\r\n", timeout=PATIENCE)
        with plain(passive) as data:
            context.wrap_connected_socket(
                data,
                HANDSHAKE_AS_CLIENT,
                "localhost",
                timeout=PATIENCE,
                session=control.get_tls_session() if resumes else None,
            )
            if resumes:
                assert data.recv_line(PATIENCE) == b"file"
                assert data.recv_line(PATIENCE) == b""
                data.close()
        assert control.recv_line(PATIENCE)[:3] == (b"226" if resumes else b"522")
