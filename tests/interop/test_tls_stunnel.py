"""Pre-shared keys with stunnel: between nimnet on both of its sides, and curl."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from harness.programs import find, run
from harness.stunnel import Stunnel, stunnel
from interop.client import HttpClient, ProtocolError, connect_unix
from interop.secured import (
    IDENTITY,
    KEY,
    PATIENCE,
    Version,
    accepted,
    bound,
    listening,
    psk_client,
    psk_server,
)
from interop.servers import blob, http, serving
from nimnet import HANDSHAKE_AS_CLIENT, Port, Socket, SslContext, SslError, new_socket

SIZE = 16 << 20


def only(version: Version) -> str:
    return f"sslVersion = {version.dotted}"


# --- In front of a plain nimnet server


@pytest.fixture
def front(version: Version) -> Iterator[Stunnel]:
    """A stunnel that has the keys of two clients, in front of an HTTP server on nimnet."""
    keys = {"bert": bytes(range(16, 48)), IDENTITY: KEY}
    with new_socket() as listener:
        listener.bind_addr(Port(0), "127.0.0.1")
        place = f"127.0.0.1:{listener.get_local_addr()[1]}"
        with (
            serving(listener, http),
            stunnel(place, keys, client=False, options=only(version)) as there,
        ):
            yield there


def through(there: Stunnel, context: SslContext, buffered: bool = True) -> Socket:
    """Return a TLS socket whose peer is a stunnel."""
    sock = connect_unix(str(there.path), buffered=buffered, timeout=PATIENCE)
    try:
        context.wrap_connected_socket(sock, HANDSHAKE_AS_CLIENT, timeout=PATIENCE)
    except BaseException:
        sock.close()
        raise
    return sock


def test_client(front: Stunnel, buffered: bool) -> None:
    with through(front, psk_client(), buffered) as sock:
        client = HttpClient(sock, PATIENCE)
        for _ in range(2):
            body = client.request("GET", f"/blob/{SIZE}").body
            assert hashlib.sha256(body).digest() == hashlib.sha256(blob(SIZE)).digest()
        digest = client.request("PUT", "/digest", body=blob(SIZE)).body
        assert digest.decode() == hashlib.sha256(blob(SIZE)).hexdigest()


def test_each_client_has_its_key(front: Stunnel) -> None:
    for context in (psk_client("bert", bytes(range(16, 48))), psk_client()):
        with through(front, context) as sock:
            assert HttpClient(sock, PATIENCE).request("GET", "/blob/10").body == blob(10)


@pytest.mark.parametrize(
    ("identity", "key"), [("carl", KEY), ("bert", KEY)], ids=["unknown", "another key"]
)
def test_refused_client(front: Stunnel, identity: str, key: bytes) -> None:
    def talk() -> None:
        with through(front, psk_client(identity, key)) as sock:
            HttpClient(sock, PATIENCE).request("GET", "/blob/10")

    with pytest.raises(SslError, match="the peer sent the alert"):
        talk()
    if identity == "carl":
        front.wait_for("PSK identity not found")
    front.wait_for("SSL_accept: ")


# --- As the client of a nimnet server


def test_server(version: Version, buffered: bool) -> None:
    with bound(psk_server(version=version), buffered=buffered) as (listener, port):
        place = f"127.0.0.1:{port}"
        with (
            serving(listener, http),
            stunnel(place, {IDENTITY: KEY}, client=True) as there,
        ):
            curl = [find("curl"), "--silent", "--show-error", "--unix-socket", str(there.path)]
            body = run([*curl, f"http://localhost/blob/{SIZE}"])
            assert hashlib.sha256(body).digest() == hashlib.sha256(blob(SIZE)).digest()
            upload = ["--data-binary", "@-", "http://localhost/digest"]
            digest = run([*curl, *upload], data=body)
            assert digest.decode() == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize(
    ("keys", "said"),
    [({"bert": KEY}, "has no key for the identity 'anna'"), ({IDENTITY: bytes(16)}, "differ")],
    ids=["unknown", "another key"],
)
def test_refusing_server(version: Version, keys: dict[str, bytes], said: str) -> None:
    with listening(psk_server(keys, version=version)) as (listener, port):
        served = accepted(listener, lambda client: client.recv(1, PATIENCE))
        with (
            stunnel(f"127.0.0.1:{port}", {IDENTITY: KEY}, client=True) as there,
            connect_unix(str(there.path), timeout=PATIENCE) as sock,
        ):
            with pytest.raises((ProtocolError, OSError)):
                HttpClient(sock, PATIENCE).request("GET", "/")
            there.wait_for("SSL_connect: ")
            error = served.exception(PATIENCE / 1000)
            assert isinstance(error, SslError), error
            assert said in str(error)
