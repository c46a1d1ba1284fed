"""Pre-shared keys, TLS 1.2 and 1.3: who is who, and what each side hears when it fails."""

import re
import threading
from typing import Any

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.tlspair import PATIENCE, PEER, SERVER
from nimnet_runtime.errors import SslError, TimeoutError
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.psk import Exchange, Functions

KEY = bytes(range(32))
BOTH = pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def client_context(version: int, identity: str = "anna", key: bytes = KEY) -> Context:
    made = tlspair.context(version=version)
    made.client_get_psk_func = lambda _hint: (identity, key)
    return made


def server_context(version: int, keys: dict[str, bytes] | None = None) -> Context:
    known = {"anna": KEY} if keys is None else keys
    made = tlspair.context(version=version)
    made.server_get_psk_func = lambda identity: known.get(identity, b"")
    return made


def heard(version: int) -> str:
    """How a server hears of a client's alert: in TLS 1.3 it comes in place of a hello."""
    return "SslAlertError: " if version == tlspair.TLS_1_2 else "SslError: "


@BOTH
def test_a_shared_key_authenticates(version: int) -> None:
    hints: list[str] = []
    client = client_context(version)

    def answer(hint: str) -> tuple[str, bytes]:
        hints.append(hint)
        return "ännä", KEY

    client.client_get_psk_func = answer
    assert client.client_get_psk_func is answer
    server = server_context(version, {"ännä": KEY})
    server.psk_identity_hint = "höhle"
    with tlspair.secured(client, server, hostname="") as (a, b):
        a.send(b"secret")
        assert b.reader.receive(6, PATIENCE, 0) == b"secret"
        assert b.stream.protection.get_psk_identity() == "ännä"
    assert hints == (["höhle"] if version == tlspair.TLS_1_2 else [""])


def test_getters_and_the_way_back() -> None:
    made = tlspair.context()
    assert made.client_get_psk_func is None
    assert made.server_get_psk_func is None
    made.server_get_psk_func = str.encode
    assert made.server_get_psk_func == str.encode
    made.server_get_psk_func = None
    assert not made.server_get_psk_func


def test_no_identity_without_a_key(authority: Authority) -> None:
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.ends() as (a, b):
        assert a.stream.protection.get_psk_identity() == ""
        assert b.stream.protection.get_psk_identity() == ""
    with tlspair.secured(client, server) as (a, b):
        identities = [end.stream.protection.get_psk_identity() for end in (a, b)]
        assert identities == ["", ""]


@BOTH
def test_an_unknown_identity(version: int) -> None:
    asked, served = tlspair.attempt(client_context(version, "bert"), server_context(version))
    assert "no key for the identity 'bert'" in served
    assert asked.startswith("SslAlertError: ")


@BOTH
def test_different_keys(version: int) -> None:
    asked, served = tlspair.attempt(client_context(version, key=bytes(32)), server_context(version))
    assert served.startswith("SslError: ")
    assert "differ" in served
    assert asked.startswith("SslAlertError: ")


@BOTH
@pytest.mark.parametrize(
    ("identity", "key", "said"),
    [
        ("i" * 257, KEY, "identity .* 1 to 256 bytes"),
        ("a\0b", KEY, "without NUL"),
        ("", KEY, "identity .* 1 to 256"),
        ("anna", bytes(513), "key .* 1 to 512 bytes; it has 513"),
        ("anna", b"", "key .* 1 to 512 bytes; it has 0"),
    ],
)
def test_what_a_client_cannot_offer(version: int, identity: str, key: bytes, said: str) -> None:
    with tlspair.ends() as (a, b):
        served = tlspair.in_thread(
            lambda: tlspair.outcome(
                lambda: server_context(version).wrap_connected_socket(b, SERVER, "", PATIENCE)
            )
        )
        client = client_context(version, identity, key)
        with pytest.raises(SslError, match=said):
            client.wrap_connected_socket(a, 0, "", PATIENCE)
        with pytest.raises(SslError, match=said):
            a.reader.receive(1, PATIENCE, 2)
        a.close()
        assert served.result(20).startswith(heard(version))


@BOTH
def test_the_longest_of_all(version: int) -> None:
    identity, key = "i" * 256, bytes(range(256)) * 2
    client = client_context(version, identity, key)
    with tlspair.secured(client, server_context(version, {identity: key}), hostname="") as (_, b):
        assert b.stream.protection.get_psk_identity() == identity


@BOTH
def test_an_oversized_key_on_the_server(version: int) -> None:
    asked, served = tlspair.attempt(
        client_context(version), server_context(version, {"anna": bytes(513)})
    )
    assert "key that server_get_psk_func returned must be 1 to 512 bytes" in served
    assert asked.startswith("SslAlertError: ")


@BOTH
@pytest.mark.parametrize("side", ["client", "server"])
def test_what_a_function_raises_is_the_cause(version: int, side: str) -> None:
    error = LookupError("the key store is closed")

    def fail(_: str) -> bytes:
        raise error

    client, server = client_context(version), server_context(version)
    if side == "client":
        client.client_get_psk_func = fail  # type: ignore[assignment]  # it never returns
    else:
        server.server_get_psk_func = fail
    with tlspair.ends() as (a, b):

        def serve() -> None:
            try:
                server.wrap_connected_socket(b, SERVER, "", PATIENCE)
            finally:
                b.close()

        def ask() -> None:
            try:
                client.wrap_connected_socket(a, 0, "", PATIENCE)
                a.reader.receive(1, PATIENCE, 0)
            finally:
                a.close()

        calls = {"server": tlspair.in_thread(serve), "client": tlspair.in_thread(ask)}
        failed = calls.pop(side).exception(20)
        assert isinstance(failed, SslError)
        assert "raised LookupError" in str(failed)
        assert failed.__cause__ is error
        (other,) = calls.values()
        assert isinstance(other.exception(20), SslError)


NONSENSE: dict[str, Any] = {
    r"must return a tuple of str .* and bytes .*, not NoneType": None,
    r"must return a tuple of str .* and bytes .*, not str": "id",
    r"must return a tuple of str .* and bytes .*, not tuple of bytes and bytes": (b"id", b"key"),
    r"the key that client_get_psk_func returned must be bytes, not str": ("id", "key"),
    r"the key that client_get_psk_func returned must be bytes, not int": ("id", 7),
}


@BOTH
@pytest.mark.parametrize("told", NONSENSE)
def test_a_function_that_returns_nonsense(version: int, told: str) -> None:
    client = client_context(version)
    client.client_get_psk_func = lambda _: NONSENSE[told]
    asked, served = tlspair.attempt(client, server_context(version), hostname="")
    assert re.search(told, asked)
    assert "raised" not in asked
    assert served.startswith(heard(version))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_what_is_no_matter_of_tls_is_not_hidden(error: type[BaseException]) -> None:
    def interrupt(_: str) -> tuple[str, bytes]:
        raise error

    client = client_context(tlspair.TLS_1_3)
    client.client_get_psk_func = interrupt
    with tlspair.ends() as (a, _):
        with pytest.raises(error):
            client.wrap_connected_socket(a, 0, "", PATIENCE)
        with pytest.raises(SslError, match=error.__name__):
            a.send(b"x")


@BOTH
def test_a_server_without_the_key_is_an_impostor(authority: Authority, version: int) -> None:
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file, version=version)
    client = tlspair.context()  # offers both versions
    client.client_get_psk_func = lambda _: ("anna", KEY)
    asked, _ = tlspair.attempt(client, server, hostname="")
    assert "did not use the pre-shared key" in asked
    verifying = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    verifying.client_get_psk_func = lambda _: ("anna", KEY)
    assert tlspair.attempt(verifying, server) == ("", "")
    assert "without hostname" in tlspair.attempt(verifying, server, hostname="")[0]


@BOTH
def test_a_client_may_decline(authority: Authority, version: int) -> None:
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file, version=version)
    client = client_context(version, "", b"")
    assert tlspair.attempt(client, server) == ("", "")
    server.server_get_psk_func = lambda _: KEY
    if version == tlspair.TLS_1_3:
        assert tlspair.attempt(client, server) == ("", "")
    else:  # the server has chosen a suite for pre-shared keys by then
        assert "psk identity not found" in tlspair.attempt(client, server)[0]


@BOTH
def test_a_key_goes_before_a_certificate(authority: Authority, version: int) -> None:
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file, version=version)
    server.server_get_psk_func = lambda _: KEY
    client = client_context(version)
    client.client_get_psk_func = client.client_get_psk_func  # again, which changes nothing
    with tlspair.secured(client, server, hostname="") as (_, b):
        assert b.stream.protection.get_psk_identity() == "anna"
    with_certificate = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.secured(with_certificate, server) as (_, b):
        assert b.stream.protection.get_psk_identity() == ""
    with_certificate.client_get_psk_func = lambda _: ("anna", KEY)  # too late for its preference
    assert tlspair.attempt(with_certificate, server) == ("", "")


def test_no_common_suite() -> None:
    client = tlspair.context(ciphers="PSK-AES128-GCM-SHA256", version=tlspair.TLS_1_2)
    client.client_get_psk_func = lambda _: ("anna", KEY)
    server = tlspair.context(ciphers="PSK-AES256-GCM-SHA384", version=tlspair.TLS_1_2)
    server.server_get_psk_func = lambda _: KEY
    asked, served = tlspair.attempt(client, server, hostname="")
    assert "no cipher suite in common" in served
    assert "alert 'handshake failure'" in asked


@pytest.mark.parametrize("hint", ["h" * 257, "a\0b", "\udc80"])
def test_hints_that_cannot_be(hint: str) -> None:
    with pytest.raises(SslError, match="psk_identity_hint must be at most 256 bytes"):
        tlspair.context().psk_identity_hint = hint


@pytest.mark.timeout(20)
def test_a_slow_function_does_not_hold_up_close() -> None:
    entered, leave = threading.Event(), threading.Event()

    def wait(_: str) -> tuple[str, bytes]:
        entered.set()
        leave.wait(10)
        return "anna", KEY

    client = client_context(tlspair.TLS_1_3)
    client.client_get_psk_func = wait
    with tlspair.ends() as (a, _):
        asking = tlspair.in_thread(lambda: client.wrap_connected_socket(a, 0, "", PATIENCE))
        assert entered.wait(10)
        a.close()
        assert a.closed
        leave.set()
        with pytest.raises((OSError, SslError)) as caught:
            asking.result(10)
        assert not isinstance(caught.value, TimeoutError)


def test_what_a_function_raised_for_one_identity_is_not_forgotten_for_the_next() -> None:
    """A client of TLS 1.3 may offer several, of which OpenSSL asks for one after the other."""
    functions = Functions()
    functions.server = {"bert": KEY}.__getitem__
    exchange = Exchange(functions)
    assert exchange.server_key(b"anna", 512) is None
    assert exchange.server_key(b"bert", 512) is None
    assert isinstance(exchange.error, KeyError)
    assert exchange.refusal == "server_get_psk_func raised KeyError"
