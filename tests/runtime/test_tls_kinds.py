"""The kinds of TLS failure: each where it belongs, and what a program can go by."""

import copy
import pickle
import socket
import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.bindings.openssl.binding import Binding
from harness import tlspair
from harness.authority import CLIENT as FOR_CLIENTS
from harness.authority import DAY, Authority
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER, VERSIONS
from nimnet_runtime import errors
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import (
    SslAlertError,
    SslCertificateError,
    SslError,
    SslNotTlsError,
    SslTruncationError,
)
from nimnet_runtime.tls import codes
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL

BOTH = pytest.mark.parametrize("version", VERSIONS, ids=["tls12", "tls13"])
SIDES = pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["client", "server"])

UNKNOWN_CA = b"\x15\x03\x03\x00\x02\x02\x30"
"""An alert in the clear, as it comes in the first flight."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def raised(call: Callable[[], object]) -> SslError:
    with pytest.raises(SslError) as caught:
        call()
    return caught.value


def twice(call: Callable[[], object], again: Callable[[], object]) -> SslError:
    """What a call raises, if a later one raises another error that is the same."""
    first, second = raised(call), raised(again)
    assert first is not second
    assert (type(first), str(first), vars(first)) == (type(second), str(second), vars(second))
    return first


def first_heard(side: int, heard: bytes) -> SslError:
    """What this side raises when its peer begins with these bytes, and leaves."""
    with tlspair.ends() as (a, b):
        b.send(heard, 0, PATIENCE)
        b.close()
        return twice(
            lambda: tlspair.context().wrap_connected_socket(a, side, "localhost", PATIENCE),
            lambda: a.handshake(PATIENCE),
        )


@SIDES
@pytest.mark.parametrize(
    "heard",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\n\r\n",
        b"SSH-2.0-x\r\n",
        bytes(100),
        b"\x80\x2e\x01\x03\x01" + bytes(60),
        b"\x16\x02\x00" + bytes(60),
        b"?",
        b"no\r\n",
    ],
)
def test_no_tls_at_all(side: int, heard: bytes) -> None:
    error = first_heard(side, heard)
    assert type(error) is SslNotTlsError
    assert error.reason
    assert "speak" in str(error)  # "the peer does not speak TLS on this port", or HTTP


@SIDES
@pytest.mark.parametrize(
    "heard", [b"", b"\x16", b"\x16\x03\x03", b"\x16\x03\x03\x00\x04\x63" + bytes(60)]
)
def test_tls_that_goes_wrong(side: int, heard: bytes) -> None:
    """An end in the handshake is no truncation: there was no data yet to be cut off."""
    error = first_heard(side, heard)
    assert type(error) is SslError
    assert error.reason


def test_what_was_read_ahead_is_no_tls() -> None:
    with tlspair.ends() as (a, b):
        b.send(b"220 go\r\n250 sorry\r\n", 0, PATIENCE)
        assert a.reader.recv_line(PATIENCE, 0, 100) == b"220 go"
        error = raised(
            lambda: tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        )
        assert type(error) is SslNotTlsError


def test_an_alert_in_the_clear() -> None:
    error = first_heard(CLIENT, UNKNOWN_CA)
    assert isinstance(error, SslAlertError)
    assert (error.number, error.name) == (48, "unknown_ca")


def test_an_alert_without_a_name() -> None:
    error = first_heard(CLIENT, UNKNOWN_CA[:-1] + b"\xc8")
    assert isinstance(error, SslAlertError)
    assert (error.number, error.name) == (200, "")
    assert "the alert 200" in str(error)
    assert error.reason == "an alert of the unknown number 200"


def test_an_alert_that_openssl_has_no_words_for() -> None:
    error = first_heard(CLIENT, UNKNOWN_CA[:-1] + b"\x00")
    assert isinstance(error, SslAlertError)
    assert (error.number, error.name, error.reason) == (0, "close_notify", "close_notify")


@BOTH
def test_a_client_that_does_not_trust_this_server(authority: Authority, version: int) -> None:
    """The client has a certificate refused, and the server hears of it."""
    mine = authority.issue(self_signed=True)
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file, version=version)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.ends() as (a, b):

        def serve() -> SslError:
            return twice(
                lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE),
                lambda: b.reader.receive(1, PATIENCE, 0),
            )

        served = tlspair.in_thread(serve)
        refused = twice(
            lambda: client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE),
            lambda: a.reader.receive(1, PATIENCE, 0),
        )
        told = served.result(PATIENCE / 1000)
    assert isinstance(refused, SslCertificateError)
    assert (refused.verify_code, refused.verify_name) == (18, "DEPTH_ZERO_SELF_SIGNED_CERT")
    assert refused.reason == "self-signed certificate"
    assert isinstance(told, SslAlertError)
    assert (told.number, told.name) == (48, "unknown_ca")


@BOTH
def test_a_server_that_does_not_trust_this_client(authority: Authority, version: int) -> None:
    """In TLS 1.3 the client hears of it after its own half of the handshake."""
    mine, expired = authority.issue(), authority.issue(purposes=[FOR_CLIENTS], ends=-DAY)
    server = tlspair.context(
        verify=PEER, ca_file=authority.ca_file, cert_file=mine.cert_file, key_file=mine.key_file
    )
    client = tlspair.context(
        cert_file=expired.cert_file, key_file=expired.key_file, version=version
    )
    with tlspair.ends() as (a, b):

        def serve() -> SslError:
            return raised(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))

        def ask() -> None:
            client.wrap_connected_socket(a, CLIENT, "", PATIENCE)
            a.reader.receive(1, PATIENCE, 0)

        served = tlspair.in_thread(serve)
        told = twice(ask, lambda: a.reader.receive(1, PATIENCE, 0))
        refused = served.result(PATIENCE / 1000)
    assert isinstance(refused, SslCertificateError)
    assert (refused.verify_code, refused.verify_name) == (10, "CERT_HAS_EXPIRED")
    assert isinstance(told, SslAlertError)
    assert (told.number, told.name) == (45, "certificate_expired")


@pytest.mark.parametrize(
    ("hostname", "code", "name"),
    [("example.com", 62, "HOSTNAME_MISMATCH"), ("127.0.0.9", 64, "IP_ADDRESS_MISMATCH")],
)
def test_a_certificate_of_somebody_else(
    authority: Authority, hostname: str, code: int, name: str
) -> None:
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.ends() as (a, b):
        served = tlspair.in_thread(
            lambda: raised(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        )
        error = raised(lambda: client.wrap_connected_socket(a, CLIENT, hostname, PATIENCE))
        told = served.result(PATIENCE / 1000)
    assert isinstance(error, SslCertificateError)
    assert (error.verify_code, error.verify_name) == (code, name)
    assert isinstance(told, SslAlertError)


def contexts(authority: Authority, *, tolerant: bool = False) -> tuple[Context, Context]:
    mine = authority.issue()
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    if tolerant:
        client.context.set_options(SSL.OP_IGNORE_UNEXPECTED_EOF)
    return client, tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)


def drop(endpoint: Endpoint) -> None:
    """Closes without close_notify."""
    endpoint.descriptor.close()


def reset(endpoint: Endpoint) -> None:
    sock = endpoint.descriptor.sock
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    drop(endpoint)


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize(
    ("leave", "reason"), [(drop, "unexpected eof"), (reset, "connection reset")]
)
def test_truncation(
    authority: Authority, buffered: bool, leave: Callable[[Endpoint], None], reason: str
) -> None:
    """All that came before is there, and then the same error each time."""
    client, server = contexts(authority)
    with tlspair.secured(client, server, buffered=buffered, family=socket.AF_INET) as (a, b):
        b.send(b"01", 0, PATIENCE)
        assert a.reader.receive(2, PATIENCE, 0) == b"01"
        leave(b)
        error = twice(
            lambda: a.reader.receive(2, PATIENCE, errors.SAFE_DISCONN),
            lambda: a.reader.receive(2, PATIENCE, 0),
        )
    assert type(error) is SslTruncationError
    assert error.reason == reason


@pytest.mark.parametrize("buffered", [True, False])
def test_an_unexpected_end_can_be_an_ordinary_one(authority: Authority, buffered: bool) -> None:
    """After the data; and for every reading call, in whatever order."""
    client, server = contexts(authority, tolerant=True)
    with tlspair.secured(client, server, buffered=buffered) as (a, b):
        b.send(b"line\r\nrest", 0, PATIENCE)
        drop(b)
        assert a.reader.recv_line(PATIENCE, 0, 100) == b"line"
        assert a.stream.peek(10, Deadline(PATIENCE)) in (b"rest", b"")  # buffered: read ahead
        assert a.reader.receive(10, PATIENCE, 0) == b"rest"
        for _ in range(2):
            assert a.reader.receive(10, PATIENCE, 0) == b""
            assert a.reader.receive(10, -1, 0) == b""
            assert a.stream.peek(10, Deadline(PATIENCE)) == b""
            assert a.reader.skip(1, PATIENCE) == 0


def test_a_reset_stays_an_error(authority: Authority) -> None:
    client, server = contexts(authority, tolerant=True)
    with tlspair.secured(client, server, family=socket.AF_INET) as (a, b):
        reset(b)
        assert type(raised(lambda: a.reader.receive(1, PATIENCE, 0))) is SslTruncationError


def test_an_end_in_the_handshake_stays_an_error() -> None:
    client = tlspair.context()
    client.context.set_options(SSL.OP_IGNORE_UNEXPECTED_EOF)
    with tlspair.ends() as (a, b):
        b.close()
        error = raised(lambda: client.wrap_connected_socket(a, CLIENT, "", PATIENCE))
        assert type(error) is SslError


EXAMPLES: tuple[SslError, ...] = (
    SslError("failed (advice)", reason="failed"),
    SslCertificateError("refused", reason="old", verify_code=10, verify_name="CERT_HAS_EXPIRED"),
    SslTruncationError("cut", reason="unexpected eof"),
    SslAlertError("alert", reason="unknown", number=48, name="unknown_ca"),
    SslNotTlsError("not TLS", reason="http request"),
)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_copies_are_the_same(error: SslError) -> None:
    for copied in (
        pickle.loads(pickle.dumps(error)),
        copy.copy(error),
        copy.deepcopy(error),
        errors.renewed(error),
    ):
        assert copied is not error
        assert type(copied) is type(error)
        assert (str(copied), copied.args, vars(copied)) == (str(error), error.args, vars(error))


@pytest.mark.parametrize("kind", [type(error) for error in EXAMPLES])
def test_a_message_alone_is_the_reason(kind: type[SslError]) -> None:
    assert kind("words").reason == str(kind("words")) == "words"
    assert str(kind()) == ""


def test_verdicts_are_named_as_in_openssl() -> None:
    """The bindings have some of the names; all those that this package has as well."""
    prefix = "X509_V_ERR_"
    known = {name for name in dir(Binding.lib) if name.startswith(prefix)}
    assert len(known) > 50
    for name in known:
        assert codes.verify_name(getattr(Binding.lib, name)) == name.removeprefix(prefix)
    assert codes.verify_name(0) == ""
