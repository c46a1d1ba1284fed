"""Pre-shared keys with OpenSSL's command line, on either side: used, and refused on both sides."""

from __future__ import annotations

import re
from concurrent.futures import Future

import pytest
from harness.authority import Authority, Identity
from harness.openssl import certified, s_client, s_server
from interop.secured import (
    IDENTITY,
    KEY,
    PATIENCE,
    TLS_1_2,
    TLS_1_3,
    Version,
    accepted,
    connected,
    dialled,
    listening,
    pinned,
    presenting,
    psk_client,
    psk_server,
    trusting,
)
from nimnet import C_VERIFY_NONE, Socket, SslContext, SslError, new_context


def keyed(version: Version, identity: str = IDENTITY, key: bytes = KEY) -> list[str]:
    """Return the options of a program that has a key."""
    return [version.option, "-psk", key.hex(), "-psk_identity", identity]


def only_keyed(version: Version) -> list[str]:
    """Return those of a server that has no certificate either."""
    return [*keyed(version), "-nocert"]


def refused(context: SslContext, port: int) -> SslError:
    """Return what a client's first line, or its answer, fails with."""

    def talk() -> bytes:
        with connected(context, port) as sock:
            sock.send(b"hello\n", timeout=PATIENCE)
            return sock.recv_line(PATIENCE)

    with pytest.raises(SslError) as caught:
        talk()
    return caught.value


def read_line(client: Socket) -> bytes:
    return client.recv_line(PATIENCE)


def failure(served: Future[bytes]) -> SslError:
    error = served.exception(PATIENCE / 1000)
    assert isinstance(error, SslError), repr(error)
    return error


def raising(_: str) -> bytes:
    raise LookupError("the key store is closed")


# --- As a client

NO_KEY = {TLS_1_2: b"alert handshake failure", TLS_1_3: b"unexpected message"}
"""What a server says when the client has no key after all: TLS 1.3 needs it for the first message,
and an alert comes in its place."""


def test_client(version: Version, buffered: bool) -> None:
    hints: list[str] = []
    context = pinned(new_context(), version)

    def choose(hint: str) -> tuple[str, bytes]:
        hints.append(hint)
        return IDENTITY, KEY

    context.client_get_psk_func = choose
    with (
        s_server("-rev", "-psk_hint", "which?", *only_keyed(version)) as server,
        connected(context, server.port, buffered=buffered) as sock,
    ):
        sock.send(b"abc\n", timeout=PATIENCE)
        assert sock.recv_line(PATIENCE) == b"cba"
    assert hints[0] == ("which?" if version is TLS_1_2 else "")


def test_client_uploads(version: Version, big_body: bytes) -> None:
    data = big_body[: 4 << 20]
    with s_server(*only_keyed(version)) as server:
        with connected(psk_client(), server.port) as sock:
            sock.send(data, timeout=PATIENCE)
        server.wait_for(data[-64:] + b"DONE\n")
        assert data in server.printed()


def test_client_with_another_key(version: Version) -> None:
    with s_server(*only_keyed(version)) as server:
        assert "differ" in str(refused(psk_client(key=bytes(32)), server.port))
        server.wait_for_one(b"bad record mac|binder does not verify")


def test_client_that_is_not_known() -> None:
    """With TLS 1.2, s_server knows everybody."""
    with s_server(*only_keyed(TLS_1_3)) as server:
        said = str(refused(psk_client("bert"), server.port))
        assert "alert 'handshake failure'" in said
        server.wait_for(b"no suitable signature algorithm")


@pytest.mark.parametrize(
    ("identity", "key", "said"),
    [
        ("i" * 257, KEY, "identity .* must be 1 to 256 bytes of UTF-8 without NUL; it has 257"),
        ("", KEY, "identity .* must be 1 to 256 bytes .* it has 0"),
        (IDENTITY, bytes(513), "key .* must be 1 to 512 bytes; it has 513"),
    ],
    ids=["long identity", "no identity", "long key"],
)
def test_client_with_an_impossible_key(
    version: Version, identity: str, key: bytes, said: str
) -> None:
    with s_server(*only_keyed(version)) as server:
        error = refused(psk_client(identity, key, version=version), server.port)
        assert re.search(said, str(error)), error
        assert error.__cause__ is None
        server.wait_for(NO_KEY[version])


def test_client_whose_function_raises(version: Version) -> None:
    context = psk_client(version=version)
    context.client_get_psk_func = raising  # type: ignore[assignment]  # it never returns
    with s_server(*only_keyed(version)) as server:
        error = refused(context, server.port)
        assert "client_get_psk_func raised LookupError" in str(error)
        assert isinstance(error.__cause__, LookupError)
        server.wait_for(NO_KEY[version])


def test_client_of_a_server_without_keys(version: Version, identity: Identity) -> None:
    with s_server(version.option, *certified(identity)) as server:
        assert "did not use the pre-shared key" in str(refused(psk_client(), server.port))
        assert b"hello" not in server.printed()


def test_client_without_a_suite_in_common() -> None:
    options = ["-ciphersuites", "TLS_AES_256_GCM_SHA384", *only_keyed(TLS_1_3)]
    with s_server(*options) as server:
        said = str(refused(psk_client(), server.port))
        assert "no cipher suite, key or certificate that both sides accept" in said
        server.wait_for(b"no suitable signature algorithm")
    with s_server("-cipher", "PSK-AES128-GCM-SHA256", *only_keyed(TLS_1_2)) as server:
        context = new_context(verify_mode=C_VERIFY_NONE, cipher_list="PSK-AES256-GCM-SHA384")
        context.client_get_psk_func = lambda _hint: (IDENTITY, KEY)
        said = str(refused(pinned(context, TLS_1_2), server.port))
        assert "no cipher suite, key or certificate that both sides accept" in said
        server.wait_for(b"no shared cipher")


@pytest.mark.parametrize(
    "cipher",
    [
        "PSK-AES128-CBC-SHA256",
        "DHE-PSK-AES256-GCM-SHA384",
        "ECDHE-PSK-CHACHA20-POLY1305",
    ],
)
def test_client_with_each_kind_of_suite(cipher: str) -> None:
    with (
        s_server("-rev", "-cipher", cipher, *only_keyed(TLS_1_2)) as server,
        connected(psk_client(), server.port) as sock,
    ):
        sock.send(b"abc\n", timeout=PATIENCE)
        assert sock.recv_line(PATIENCE) == b"cba"
        server.wait_for(f"Ciphersuite: {cipher}\n".encode())


def test_client_that_accepts_a_certificate_as_well(
    version: Version, authority: Authority, identity: Identity
) -> None:
    """The server has no keys; its certificate is verified, as for any other client."""
    context = trusting(authority, version=version)
    context.client_get_psk_func = lambda _hint: (IDENTITY, KEY)
    with s_server("-rev", *certified(identity)) as server:
        with connected(context, server.port) as sock:
            sock.send(b"abc\n", timeout=PATIENCE)
            assert sock.recv_line(PATIENCE) == b"cba"
        with pytest.raises(SslError, match="hostname mismatch"):
            dialled(context, server.port, "example.com")


# --- As a server


def test_server(version: Version, buffered: bool) -> None:
    def talk(client: Socket) -> str:
        assert client.get_psk_identity() == ""
        line = client.recv_line(PATIENCE)
        client.send(line.upper() + b"\n", timeout=PATIENCE)
        assert client.recv(1, PATIENCE) == b""
        return client.get_psk_identity()

    context = psk_server({"ännä": KEY})
    context.psk_identity_hint = "wer?"
    with listening(context, buffered=buffered) as (listener, port):
        served = accepted(listener, talk)
        with s_client(port, *keyed(version, "ännä")) as client:
            client.type(b"hello\n")
            client.wait_for(b"HELLO\n")
            client.type(b"Q\n")
            assert served.result(PATIENCE / 1000) == "ännä"
            if version is TLS_1_2:
                assert b"PSK identity hint: wer?" in client.printed()


def test_server_of_many_clients(version: Version) -> None:
    keys = {f"client {number}": bytes([number]) * 16 for number in range(1, 6)}
    with listening(psk_server(keys)) as (listener, port):
        for identity, key in keys.items():
            served = accepted(
                listener, lambda client: (client.recv_line(PATIENCE), client.get_psk_identity())
            )
            with s_client(port, *keyed(version, identity, key)) as client:
                client.type(b"hello\n")
                assert served.result(PATIENCE / 1000) == (b"hello", identity)


def test_server_and_an_unknown_client(version: Version) -> None:
    with listening(psk_server()) as (listener, port):
        served = accepted(listener, read_line)
        with s_client(port, *keyed(version, "bert")) as client:
            assert "has no key for the identity 'bert'" in str(failure(served))
            client.wait_for_one(b"alert (unknown psk identity|decrypt error|handshake failure)")


def test_server_and_a_client_with_another_key(version: Version) -> None:
    with listening(psk_server()) as (listener, port):
        served = accepted(listener, read_line)
        with s_client(port, *keyed(version, key=bytes(32))) as client:
            assert "differ" in str(failure(served))
            client.wait_for_one(b"alert (bad record mac|illegal parameter|decrypt error)")


def test_server_with_an_oversized_key(version: Version) -> None:
    with listening(psk_server({IDENTITY: bytes(513)})) as (listener, port):
        served = accepted(listener, read_line)
        with s_client(port, *keyed(version)) as client:
            assert "must be 1 to 512 bytes; it has 513" in str(failure(served))
            client.wait_for_one(b"SSL alert number")


def test_server_and_a_long_identity(version: Version) -> None:
    """As long as s_client will send it."""
    longest = "i" * (128 if version is TLS_1_2 else 256)
    with listening(psk_server({longest[:-1]: KEY, longest: KEY})) as (listener, port):
        served = accepted(listener, lambda client: (read_line(client), client.get_psk_identity()))
        with s_client(port, *keyed(version, longest)) as client:
            client.type(b"hello\n")
            assert served.result(PATIENCE / 1000) == (b"hello", longest)


def test_server_whose_function_raises(version: Version) -> None:
    context = psk_server()
    context.server_get_psk_func = raising
    with listening(context) as (listener, port):
        served = accepted(listener, read_line)
        with s_client(port, *keyed(version)) as client:
            error = failure(served)
            assert "server_get_psk_func raised LookupError" in str(error)
            assert isinstance(error.__cause__, LookupError)
            client.wait_for(b"SSL alert number")


def test_server_and_a_client_without_a_key(version: Version) -> None:
    with listening(psk_server()) as (listener, port):
        served = accepted(listener, read_line)
        with s_client(port, version.option) as client:
            assert "nor a pre-shared key for" in str(failure(served))
            client.wait_for(b"alert handshake failure")


@pytest.mark.parametrize("servers", ["nimnet", "openssl"])
def test_a_certificate_beside_the_key(version: Version, identity: Identity, servers: str) -> None:
    """A client prefers the key; who has none is shown the certificate."""

    def talk(client: Socket) -> tuple[bytes, str]:
        return client.recv_line(PATIENCE), client.get_psk_identity()

    if servers == "openssl":
        with (
            s_server("-rev", *keyed(version), *certified(identity)) as server,
            connected(psk_client(), server.port) as sock,  # it would not go on without its key
        ):
            sock.send(b"abc\n", timeout=PATIENCE)
            assert sock.recv_line(PATIENCE) == b"cba"
        return
    context = presenting(identity, version=version)
    context.server_get_psk_func = lambda name: KEY if name == IDENTITY else b""
    with listening(context) as (listener, port):
        served = accepted(listener, talk)
        with connected(psk_client(), port) as sock:
            sock.send(b"hello\n", timeout=PATIENCE)
        assert served.result(PATIENCE / 1000) == (b"hello", IDENTITY)
        served = accepted(listener, talk)
        with s_client(port, version.option) as client:
            client.type(b"hello\n")
            assert served.result(PATIENCE / 1000) == (b"hello", "")
