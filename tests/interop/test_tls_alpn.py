"""The application protocol that nimnet and other programs agree on (ALPN)."""

from __future__ import annotations

import pytest
from harness.authority import Authority, Identity
from harness.nginx import Nginx
from harness.openssl import certified, s_client, s_server
from interop.client import HttpClient
from interop.secured import PATIENCE, Version, accepted, connected, listening
from nimnet import C_VERIFY_NONE, Socket, SslContext, SslError, TlsVersion, new_context


def asking(authority: Authority, version: Version, *protocols: str) -> SslContext:
    number = TlsVersion(version.number)
    return new_context(
        ca_file=authority.ca_file, alpn=protocols, min_version=number, max_version=number
    )


def serving(identity: Identity, version: Version, *protocols: str) -> SslContext:
    number = TlsVersion(version.number)
    return new_context(
        verify_mode=C_VERIFY_NONE,
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        alpn=protocols,
        min_version=number,
        max_version=number,
    )


def test_s_server_selects(authority: Authority, identity: Identity, version: Version) -> None:
    with s_server("-alpn", "spdy/1,http/1.1,h2", *certified(identity)) as server:
        context = asking(authority, version, "h2", "http/1.1")
        with connected(context, server.port):
            server.wait_for(b"ALPN protocols advertised by the client: h2, http/1.1")
            server.wait_for(b"ALPN protocols selected: http/1.1")


def test_s_server_has_none_of_them(
    authority: Authority, identity: Identity, version: Version
) -> None:
    with (
        s_server("-alpn", "spdy/1", *certified(identity)) as server,
        pytest.raises(SslError, match="the server speaks none of the protocols in alpn"),
    ):
        connected(asking(authority, version, "h2"), server.port)


def greet(client: Socket) -> None:
    client.send(b"hello\n", timeout=PATIENCE)
    client.recv_line(PATIENCE)


def test_s_client_is_answered(identity: Identity, version: Version) -> None:
    with listening(serving(identity, version, "http/1.1", "h2")) as (listener, port):
        served = accepted(listener, greet)
        with s_client(port, "-alpn", "h2,http/1.1") as client:
            client.wait_for(b"ALPN protocol: http/1.1")
            client.type(b"bye\n")
            served.result(PATIENCE / 1000)


def test_s_client_has_none_of_them(identity: Identity, version: Version) -> None:
    with listening(serving(identity, version, "http/1.1")) as (listener, port):
        served = accepted(listener, greet)
        with s_client(port, "-alpn", "h2") as client:
            client.wait_for_one(rb"(?i)alert no application protocol")
            with pytest.raises(SslError, match="the client offers none of the protocols in alpn"):
                served.result(PATIENCE / 1000)


def test_nginx_speaks_http(authority: Authority, nginx: Nginx, version: Version) -> None:
    context = asking(authority, version, "http/1.1")
    with connected(context, nginx.tls_port) as sock:
        assert HttpClient(sock, PATIENCE).request("GET", "/small").status == 200
    with pytest.raises(SslError, match="the server speaks none of the protocols in alpn"):
        connected(asking(authority, version, "imap"), nginx.tls_port)
