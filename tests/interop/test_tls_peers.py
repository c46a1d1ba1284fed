"""Who the peer is and how TLS fails, as real peers see it from the other side."""

from __future__ import annotations

import hashlib
import re
import signal
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from harness.authority import CLIENT, DAY, Authority, Identity
from harness.nginx import Nginx
from harness.openssl import certified, s_client, s_server
from interop.client import HttpClient
from interop.secured import (
    PATIENCE,
    TLS_1_2,
    Version,
    accepted,
    connected,
    dialled,
    listening,
    pinned,
    presenting,
    psk_client,
    trusting,
)
from nimnet import (
    C_VERIFY_NONE,
    Port,
    Socket,
    SslAlertError,
    SslCertificateError,
    SslError,
    SslNotTlsError,
    SslTruncationError,
    dial,
    new_context,
)
from OpenSSL import SSL

BINDING = ["-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"]


def der(identity: Identity) -> bytes:
    return identity.certificate.public_bytes(Encoding.DER)


def exported(printed: bytes) -> bytes:
    """What openssl says that the keying material is."""
    found = re.search(rb"Keying material: ([0-9A-F]+)", printed)
    assert found, printed
    return bytes.fromhex(found[1].decode())


# --- openssl s_server, s_client


def test_openssl_exports_the_same(
    authority: Authority, identity: Identity, version: Version
) -> None:
    """It gives no context, which only TLS 1.3 has for an empty one, as the binding wants it."""
    with (
        s_server(version.option, *BINDING, *certified(identity)) as server,
        connected(trusting(authority), server.port) as sock,
    ):
        server.wait_for_one(rb"Keying material: [0-9A-F]+\n")
        theirs = exported(server.printed())
        assert sock.export_keying_material("EXPORTER-Channel-Binding", 32) == theirs
        assert (sock.get_channel_binding() == theirs) is (version is not TLS_1_2)
        assert sock.get_tls_version() == version.dotted
        assert sock.get_cipher().encode() in server.printed()


def test_a_server_exports_the_same(identity: Identity, version: Version) -> None:
    with listening(presenting(identity, version=version)) as (listener, port):

        def talk(client: Socket) -> bytes:
            client.handshake(PATIENCE)
            mine = client.export_keying_material("EXPORTER-Channel-Binding", 32)
            assert client.recv_line(PATIENCE) == b"done"
            return mine

        served = accepted(listener, talk)
        with s_client(port, *BINDING) as client:
            client.wait_for_one(rb"Keying material: [0-9A-F]+\n")
            client.type(b"done\n")
            assert exported(client.printed()) == served.result(PATIENCE / 1000)


def test_openssl_agrees_on_a_protocol(authority: Authority, identity: Identity) -> None:
    context = trusting(authority)
    context.context.set_alpn_protos([b"pop3", b"imap"])
    with (
        s_server("-rev", "-alpn", "imap,pop3", *certified(identity)) as server,
        connected(context, server.port) as sock,
    ):
        assert sock.get_alpn_protocol() == "imap"


def test_a_key_is_no_certificate() -> None:
    with (
        s_server("-nocert", "-psk", "00112233", "-psk_identity", "anna", "-rev") as server,
        connected(psk_client("anna", bytes.fromhex("00112233")), server.port) as sock,
    ):
        assert sock.get_peer_certificates() == []
        assert sock.get_unverified_certificate() == b""
        assert not sock.is_resumed()
        assert len(sock.get_channel_binding()) == 32


def test_an_expired_server(authority: Authority, version: Version) -> None:
    """This side says so, and openssl hears it as an alert."""
    old = authority.issue(begins=-3 * DAY, ends=-DAY)
    with s_server(version.option, *certified(old)) as server:
        with pytest.raises(SslCertificateError) as caught:
            connected(trusting(authority), server.port)
        assert (caught.value.verify_code, caught.value.verify_name) == (10, "CERT_HAS_EXPIRED")
        server.wait_for(b"alert certificate expired")


def test_a_server_that_wants_a_certificate(
    authority: Authority, identity: Identity, version: Version
) -> None:
    """In TLS 1.3 that shows in the first read."""
    options = ["-Verify", "1", "-verify_return_error", "-CAfile", authority.ca_file]
    with (
        s_server(version.option, *options, *certified(identity)) as server,
        pytest.raises(SslAlertError) as caught,
        connected(trusting(authority), server.port) as sock,
    ):
        sock.recv(1, PATIENCE)
    wanted = (40, "handshake_failure") if version is TLS_1_2 else (116, "certificate_required")
    assert (caught.value.number, caught.value.name) == wanted


def test_a_client_that_does_not_trust_this_server(
    identity: Identity, version: Version, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "another")
    with listening(presenting(identity, version=version)) as (listener, port):
        served = accepted(listener, lambda client: client.recv(1, PATIENCE))
        with s_client(port, "-verify_return_error", "-CAfile", other.ca_file) as client:
            error = served.exception(PATIENCE / 1000)
            client.wait_for(b"verify error")
        assert isinstance(error, SslAlertError)
        assert (error.number, error.name) == (48, "unknown_ca")


def test_a_server_learns_its_clients_name(
    authority: Authority, identity: Identity, version: Version
) -> None:
    anna = authority.issue(names=[], addresses=[], common_name="anna", purposes=[CLIENT])
    context = new_context(
        cert_file=identity.cert_file, key_file=identity.key_file, ca_file=authority.ca_file
    )
    with listening(pinned(context, version)) as (listener, port):

        def name(client: Socket) -> str:
            client.handshake(PATIENCE)
            first = x509.load_der_x509_certificate(client.get_peer_certificates()[0])
            (common,) = first.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return str(common.value)

        served = accepted(listener, name)
        with s_client(port, *certified(anna)):
            assert served.result(PATIENCE / 1000) == "anna"


def test_an_end_without_a_goodbye(identity: Identity, version: Version) -> None:
    """A client that is killed; and what a program may choose to make of it."""
    strict, lax = (presenting(identity, version=version) for _ in range(2))
    lax.context.set_options(SSL.OP_IGNORE_UNEXPECTED_EOF)

    def talk(client: Socket) -> bytes:
        assert client.recv_line(PATIENCE) == b"data"
        client.send(b"heard\n")
        return client.recv(9, PATIENCE)

    for context in (strict, lax):
        with listening(context) as (listener, port):
            served = accepted(listener, talk)
            with s_client(port) as client:
                client.type(b"data\n")
                client.wait_for(b"heard")
                client.program.signal_all(signal.SIGKILL)
                error = served.exception(PATIENCE / 1000)
            if context is strict:
                assert isinstance(error, SslTruncationError)
            else:
                assert served.result() == b""


# --- nginx


def test_nginx_speaks_http(nginx: Nginx, authority: Authority, version: Version) -> None:
    """ALPN, and the chain that leads to the authority."""
    context = trusting(authority, version=version)
    context.context.set_alpn_protos([b"http/1.1"])
    with connected(context, nginx.tls_port) as sock:
        assert sock.got_handshake()
        assert sock.get_alpn_protocol() == "http/1.1"
        leaf, root = sock.get_peer_certificates()
        assert sock.get_unverified_certificate() == leaf
        assert ssl.DER_cert_to_PEM_cert(root) == Path(authority.ca_file).read_text()
        assert HttpClient(sock, PATIENCE).request("GET", "/small").status == 200


def test_pinning(nginx: Nginx, identity: Identity) -> None:
    """A certificate that is known needs no authority."""
    known = hashlib.sha256(der(identity)).digest()
    with connected(new_context(verify_mode=C_VERIFY_NONE), nginx.tls_port) as sock:
        assert hashlib.sha256(sock.get_unverified_certificate()).digest() == known
        assert sock.get_peer_certificates() == []


def test_nginx_in_the_clear_is_no_tls(nginx: Nginx, authority: Authority) -> None:
    with pytest.raises(SslNotTlsError, match="does not speak TLS on this port"):
        connected(trusting(authority), nginx.port)


def test_nginx_is_for_another_host(nginx: Nginx, authority: Authority) -> None:
    with pytest.raises(SslCertificateError) as caught:
        dialled(trusting(authority), nginx.tls_port, "example.com")
    assert caught.value.verify_name == "HOSTNAME_MISMATCH"


def test_a_request_in_the_clear(identity: Identity) -> None:
    with listening(presenting(identity)) as (listener, port):
        served = accepted(listener, lambda client: client.recv(1, PATIENCE))
        with dial("127.0.0.1", Port(port), timeout=PATIENCE) as plain:
            plain.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            error = served.exception(PATIENCE / 1000)
        assert isinstance(error, SslNotTlsError)
        assert error.reason == "http request"


def test_nothing_of_this_without_tls(nginx: Nginx) -> None:
    with dial("127.0.0.1", Port(nginx.port), timeout=PATIENCE) as sock:
        assert sock.get_peer_certificates() == []
        assert sock.get_unverified_certificate() == b""
        assert (sock.get_tls_version(), sock.get_cipher(), sock.get_alpn_protocol()) == ("", "", "")
        for call in (sock.got_handshake, sock.ssl_handle, sock.get_channel_binding):
            with pytest.raises(SslError, match="needs a TLS socket"):
                call()
