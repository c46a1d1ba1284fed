"""nimnet and OpenSSL's command line, on either side, with certificates."""

from __future__ import annotations

import hashlib
import signal
from concurrent.futures import Future
from pathlib import Path

import pytest
from harness.authority import DAY, SERVER, Authority, Identity
from harness.openssl import certified, s_client, s_server
from harness.programs import find, run
from interop.secured import (
    PATIENCE,
    TLS_1_2,
    TLS_1_3,
    Version,
    accepted,
    connected,
    demanding,
    listening,
    pinned,
    presenting,
    trusting,
)
from nimnet import (
    C_VERIFY_NONE,
    PROT_SSL_V23,
    Socket,
    SslError,
    new_context,
)

SIZE = 6 << 20


def result(future: Future[bytes]) -> bytes:
    return future.result(PATIENCE / 1000)


def failure(future: Future[bytes]) -> SslError:
    """Return the `SslError` that the other thread must have ended with."""
    error = future.exception(PATIENCE / 1000)
    assert isinstance(error, SslError), repr(error)
    return error


# --- s_server


def test_lines_both_ways(
    authority: Authority, identity: Identity, version: Version, buffered: bool
) -> None:
    with (
        s_server("-rev", version.option, *certified(identity)) as server,
        connected(trusting(authority), server.port, buffered=buffered) as sock,
    ):
        assert sock.is_ssl()
        for number in range(100):
            sock.send(b"line %03d\n" % number, timeout=PATIENCE)
            assert sock.recv_line(PATIENCE) == (b"line %03d" % number)[::-1]


def test_the_server_learns_the_host_name(authority: Authority, identity: Identity) -> None:
    options = ["-servername", "localhost", "-cert2", identity.cert_file, "-key2", identity.key_file]
    with (
        s_server(*options, *certified(identity)) as server,
        connected(trusting(authority), server.port),
    ):
        server.wait_for(b'Hostname in TLS extension: "localhost"')


def test_upload_to_openssl(
    authority: Authority, identity: Identity, version: Version, big_body: bytes
) -> None:
    data = big_body[:SIZE]
    with s_server(version.option, *certified(identity)) as server:
        with connected(trusting(authority), server.port) as sock:
            sock.send(data, timeout=PATIENCE)
        server.wait_for(data[-64:] + b"DONE\n")  # and not "ERROR": it was told of the end
        assert data in server.printed()


def test_download_from_openssl(
    authority: Authority,
    identity: Identity,
    version: Version,
    buffered: bool,
    big_body: bytes,
    tmp_path: Path,
) -> None:
    (tmp_path / "data").write_bytes(big_body[:SIZE])
    with (
        s_server("-WWW", version.option, *certified(identity), directory=tmp_path) as server,
        connected(trusting(authority), server.port, buffered=buffered) as sock,
    ):
        sock.send(b"GET /data HTTP/1.0\r\n\r\n", timeout=PATIENCE)
        while sock.recv_line(PATIENCE) != b"\r\n":
            pass
        assert sha256(sock.recv(SIZE, PATIENCE)) == sha256(big_body[:SIZE])
        assert sock.recv(1, PATIENCE) == b""
        assert sock.recv_line(PATIENCE) == b""


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_truncation_is_an_error_after_the_data(
    authority: Authority, identity: Identity, version: Version, buffered: bool
) -> None:
    with (
        s_server(version.option, *certified(identity)) as server,
        connected(trusting(authority), server.port, buffered=buffered) as sock,
    ):
        server.type(b"the last words\nwithout an end\n")
        assert sock.recv_line(PATIENCE) == b"the last words"
        server.program.signal_all(signal.SIGKILL)
        assert sock.recv(15, PATIENCE) == b"without an end\n"
        for _ in range(2):
            with pytest.raises(SslError, match="without close_notify"):
                sock.recv(1, PATIENCE)


def test_key_updates_of_the_server_never_surface(
    authority: Authority, identity: Identity, buffered: bool
) -> None:
    with (
        s_server("-msg", "-tls1_3", *certified(identity)) as server,
        connected(trusting(authority), server.port, buffered=buffered) as sock,
    ):
        server.wait_for(b"CIPHER is")
        for number in range(1, 6):
            server.type(b"K\n")  # updates its keys, and asks for an update of ours
            server.wait_for(b">>> TLS 1.3, Handshake [length 0005], KeyUpdate", number)
            server.type(b"hello %d\n" % number)
            assert sock.recv_line(PATIENCE) == b"hello %d" % number
            sock.send(b"answer %d\n" % number, timeout=PATIENCE)
            server.wait_for(b"answer %d\n" % number)
        server.wait_for(b"<<< TLS 1.3, Handshake [length 0005], KeyUpdate", 5)


def test_renegotiation_is_refused_by_the_client(authority: Authority, identity: Identity) -> None:
    with (
        s_server("-tls1_2", *certified(identity)) as server,
        connected(trusting(authority), server.port) as sock,
    ):
        server.type(b"ahead\n")
        assert sock.recv_line(PATIENCE) == b"ahead"
        server.type(b"r\n")
        with pytest.raises(SslError, match="alert 'handshake failure'"):
            sock.recv(1, PATIENCE)  # who asked takes the refusal amiss
        server.wait_for(b"no renegotiation")


def test_plain_text_in_between_is_an_error(
    authority: Authority, identity: Identity, version: Version
) -> None:
    with (
        s_server(version.option, *certified(identity)) as server,
        connected(trusting(authority), server.port) as sock,
    ):
        server.type(b"ahead\n")
        assert sock.recv_line(PATIENCE) == b"ahead"
        server.type(b"P\n")  # writes plain text to the connection
        for _ in range(2):
            with pytest.raises(SslError, match="TLS failed"):
                sock.recv(1, PATIENCE)
        server.wait_for(b"SSL alert number")


# --- s_client


def test_openssl_uploads_and_downloads(
    authority: Authority, identity: Identity, version: Version, buffered: bool, big_body: bytes
) -> None:
    up, down = big_body[:SIZE], big_body[-SIZE:]

    def talk(client: Socket) -> bytes:
        data = bytearray()
        assert client.recv(data, SIZE, PATIENCE) == SIZE
        client.send(down, timeout=PATIENCE)
        return bytes(data)

    with listening(presenting(identity), buffered=buffered) as (listener, port):
        served = accepted(listener, talk)
        check = ["-CAfile", authority.ca_file, "-verify_return_error"]
        place = ["-connect", f"127.0.0.1:{port}", "-servername", "localhost"]
        printed = run(
            [find("openssl"), "s_client", "-quiet", version.option, *check, *place], data=up
        )
        assert sha256(result(served)) == sha256(up)
        assert sha256(printed) == sha256(down)


def test_openssl_sees_what_it_should(authority: Authority, identity: Identity) -> None:
    """The version, a chain that it can verify, no compression, a clean end."""

    def talk(client: Socket) -> bytes:
        client.send(b"welcome\n", timeout=PATIENCE)
        return client.recv(100, PATIENCE)

    with listening(presenting(identity)) as (listener, port):
        served = accepted(listener, talk)
        options = ["-CAfile", authority.ca_file, "-verify_hostname", "localhost"]
        with s_client(port, *options) as client:
            client.wait_for(b"welcome")
            client.type(b"Q\n")
            assert client.program.process.wait(PATIENCE / 1000) == 0
            printed = client.printed().decode()
        assert result(served) == b""
    for fact in (
        "Protocol  : TLSv1.3",
        "New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384",
        "Verify return code: 0 (ok)",
        "Compression: NONE",
    ):
        assert fact in printed


def test_key_updates_of_the_client_never_surface(
    identity: Identity, buffered: bool, authority: Authority
) -> None:
    def talk(client: Socket) -> bytes:
        for number in range(1, 6):
            assert client.recv_line(PATIENCE) == b"hello %d" % number
            client.send(b"answer %d\n" % number, timeout=PATIENCE)
        return client.recv(1, PATIENCE)

    with listening(presenting(identity), buffered=buffered) as (listener, port):
        served = accepted(listener, talk)
        with s_client(port, "-msg", "-CAfile", authority.ca_file) as client:
            client.wait_for(b"Verify return code: 0 (ok)")
            for number in range(1, 6):
                client.type(b"K\n")
                client.wait_for(b">>> TLS 1.3, Handshake [length 0005], KeyUpdate", number)
                client.type(b"hello %d\n" % number)
                client.wait_for(b"answer %d\n" % number)
            client.wait_for(b"<<< TLS 1.3, Handshake [length 0005], KeyUpdate", 5)
            client.type(b"Q\n")
            assert result(served) == b""


def test_renegotiation_is_refused_by_the_server(identity: Identity) -> None:
    def talk(client: Socket) -> bytes:
        assert client.recv_line(PATIENCE) == b"ahead"
        client.send(b"heard\n", timeout=PATIENCE)
        return client.recv(1, PATIENCE)

    with listening(presenting(identity)) as (listener, port):
        served = accepted(listener, talk)
        with s_client(port, "-tls1_2") as client:
            client.type(b"ahead\n")
            client.wait_for(b"heard")
            client.type(b"R\n")
            client.wait_for(b"no renegotiation")
        assert "alert 'handshake failure'" in str(failure(served))


def test_a_client_that_dies_cuts_the_stream_off(
    identity: Identity, version: Version, buffered: bool
) -> None:
    heard: list[bytes] = []

    def talk(client: Socket) -> bytes:
        heard.append(client.recv_line(PATIENCE))
        client.send(b"heard\n", timeout=PATIENCE)
        return client.recv(1, PATIENCE)

    with listening(presenting(identity), buffered=buffered) as (listener, port):
        served = accepted(listener, talk)
        with s_client(port, version.option) as client:
            client.type(b"ahead\n")
            client.wait_for(b"heard")
            client.program.signal_all(signal.SIGKILL)
        assert "without close_notify" in str(failure(served))
    assert heard == [b"ahead"]


# --- Certificates of clients


def test_the_server_accepts_a_client_with_a_certificate(
    authority: Authority, identity: Identity, version: Version
) -> None:
    demand = ["-Verify", "1", "-verify_return_error", "-CAfile", authority.ca_file]
    mine = authority.issue(common_name="nimnet client", names=[], addresses=[])
    with (
        s_server("-rev", version.option, *demand, *certified(identity)) as server,
        connected(trusting(authority, mine=mine), server.port) as sock,
    ):
        sock.send(b"abc\n", timeout=PATIENCE)
        assert sock.recv_line(PATIENCE) == b"cba"
        assert b"nimnet client" in server.printed()


@pytest.mark.parametrize(
    ("kind", "alert"),
    [
        ("missing", "certificate required|handshake failure"),
        ("stranger", "unknown ca"),
    ],
)
def test_the_server_refuses_a_client(
    authority: Authority,
    identity: Identity,
    version: Version,
    kind: str,
    alert: str,
    tmp_path: Path,
) -> None:
    demand = ["-Verify", "1", "-verify_return_error", "-CAfile", authority.ca_file]
    mine = Authority(tmp_path, "stranger").issue() if kind == "stranger" else None
    with s_server(version.option, *demand, *certified(identity)) as server:

        def talk() -> None:
            # TLS 1.3: the client has completed its handshake when the server judges.
            with connected(trusting(authority, mine=mine), server.port) as sock:
                sock.recv(1, PATIENCE)

        with pytest.raises(SslError, match=f"alert '({alert})'"):
            talk()
        server.wait_for(b"ERROR")


def test_clients_with_a_certificate_are_accepted(
    authority: Authority, identity: Identity, version: Version
) -> None:
    mine = authority.issue(common_name="openssl client", names=[], addresses=[])

    def talk(client: Socket) -> bytes:
        line = client.recv_line(PATIENCE)
        client.send(b"heard\n", timeout=PATIENCE)
        return line

    with listening(demanding(identity, authority, version=version)) as (listener, port):
        served = accepted(listener, talk)
        with s_client(port, "-cert", mine.cert_file, "-key", mine.key_file) as client:
            client.type(b"hello\n")
            client.wait_for(b"heard")
            assert b"nimnet test root" in client.printed()  # the authorities we name
        assert result(served) == b"hello"


@pytest.mark.parametrize(
    ("kind", "said", "alert"),
    [
        ("missing", "did not return a certificate", b"certificate required|handshake failure"),
        ("stranger", "unable to get local issuer certificate", b"unknown ca"),
        ("expired", "has expired", b"certificate expired"),
        ("server's", "purpose", b"unsupported certificate"),
    ],
)
def test_clients_are_refused(
    authority: Authority,
    identity: Identity,
    version: Version,
    kind: str,
    said: str,
    alert: bytes,
    tmp_path: Path,
) -> None:
    match kind:
        case "stranger":
            mine = [Authority(tmp_path, "stranger").issue()]
        case "expired":
            mine = [authority.issue(begins=-3 * DAY, ends=-DAY)]
        case "server's":
            mine = [authority.issue(purposes=[SERVER])]
        case _:
            mine = []

    def talk(client: Socket) -> bytes:
        return client.recv(1, PATIENCE)

    with listening(demanding(identity, authority, version=version)) as (listener, port):
        served = accepted(listener, talk)
        with s_client(port, *(option for one in mine for option in certified(one))) as client:
            assert said in str(failure(served))
            client.wait_for_one(alert)


# --- Nothing in common


def test_no_common_version(authority: Authority, identity: Identity) -> None:
    with s_server("-tls1_2", *certified(identity)) as server:
        with pytest.raises(SslError, match="no version of TLS in common"):
            connected(trusting(authority, version=TLS_1_3), server.port)
        server.wait_for(b"unsupported protocol")
    with listening(presenting(identity, version=TLS_1_3)) as (listener, port):
        served = accepted(listener, lambda client: client.recv(1, PATIENCE))
        with s_client(port, "-tls1_2") as client:
            assert "no version of TLS in common" in str(failure(served))
            client.wait_for(b"alert protocol version")


def test_no_common_cipher(identity: Identity) -> None:
    mine, theirs = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
    with s_server("-tls1_2", "-cipher", theirs, *certified(identity)) as server:
        client_context = pinned(new_context(PROT_SSL_V23, C_VERIFY_NONE, "", "", mine), TLS_1_2)
        with pytest.raises(SslError, match="no cipher suite, key or certificate that both"):
            connected(client_context, server.port)
        server.wait_for(b"no shared cipher")
    with listening(presenting(identity, ciphers=mine)) as (listener, port):
        served = accepted(listener, lambda client: client.recv(1, PATIENCE))
        with s_client(port, "-tls1_2", "-cipher", theirs) as client:
            assert "no cipher suite in common" in str(failure(served))
            client.wait_for(b"alert handshake failure")
