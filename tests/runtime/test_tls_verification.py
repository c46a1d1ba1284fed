"""Certificates: refused and accepted as a careful browser would."""

import contextlib
import datetime
import errno
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import CLIENT, DAY, SERVER, Authority, Identity, write_chain
from harness.loopback import stream_endpoint
from harness.resolver import answering_for, known
from harness.tlspair import PEER
from nimnet_runtime.errors import SslError, TimeoutError
from nimnet_runtime.tls.bindings import certificates, datapath, errorqueue
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.verification import server_name
from OpenSSL import SSL


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client(authority: Authority) -> Context:
    return tlspair.context(verify=PEER, ca_file=authority.ca_file)


def told(client: Context, identity: Identity, hostname: str = "localhost") -> str:
    """What the client says of a server with this certificate; "" if it accepts."""
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    refused, _ = tlspair.attempt(client, server, hostname=hostname)
    return refused


@pytest.mark.parametrize(
    "hostname", ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1"]
)
def test_the_right_name_or_address(authority: Authority, client: Context, hostname: str) -> None:
    assert told(client, authority.issue(), hostname) == ""


@pytest.mark.parametrize(
    "hostname", ["example.com", "127.0.0.2", "::2", "ocalhost", "127.0.0.1.example"]
)
def test_a_wrong_name_or_address(authority: Authority, client: Context, hostname: str) -> None:
    message = told(client, authority.issue(), hostname)
    assert message.startswith("SslCertificateError: ")
    assert "mismatch" in message
    assert repr(hostname) in message


@pytest.mark.parametrize(
    ("hostname", "accepted"),
    [
        ("www.example.com", True),
        ("example.com", False),
        ("a.b.example.com", False),
        (".example.com", False),
        ("*.example.com", False),
    ],
)
def test_a_wildcard_is_one_label(
    authority: Authority, client: Context, hostname: str, accepted: bool
) -> None:
    identity = authority.issue(names=["*.example.com"])
    assert (told(client, identity, hostname) == "") is accepted


@pytest.mark.parametrize("pattern", ["w*.example.com", "*w.example.com", "www.*.com", "*"])
def test_no_other_wildcards(authority: Authority, client: Context, pattern: str) -> None:
    assert "mismatch" in told(client, authority.issue(names=[pattern]), "www.example.com")


def test_international_names(authority: Authority, client: Context) -> None:
    identity = authority.issue(names=["xn--bcher-kva.example"])
    assert told(client, identity, "bücher.example") == ""


def test_a_common_name_is_no_name(authority: Authority, client: Context) -> None:
    identity = authority.issue(names=[], addresses=[], common_name="localhost")
    assert "hostname mismatch" in told(client, identity)


def test_an_address_among_the_names_is_none(authority: Authority, client: Context) -> None:
    identity = authority.issue(names=["127.0.0.1"], addresses=[])
    assert "IP address mismatch" in told(client, identity, "127.0.0.1")


def test_a_thousand_names(authority: Authority, client: Context) -> None:
    identity = authority.issue(names=[f"host-{n}.example.com" for n in range(1000)])
    assert told(client, identity, "host-999.example.com") == ""
    assert "mismatch" in told(client, identity, "host-1000.example.com")


def test_expired_and_not_yet_valid(authority: Authority, client: Context) -> None:
    assert "has expired" in told(client, authority.issue(begins=-3 * DAY, ends=-DAY))
    assert "not yet valid" in told(client, authority.issue(begins=DAY))
    barely = authority.issue(begins=-datetime.timedelta(hours=1), ends=datetime.timedelta(hours=1))
    assert told(client, barely) == ""


def test_self_signed(authority: Authority, client: Context) -> None:
    identity = authority.issue(self_signed=True, common_name="self")
    assert "self-signed" in told(client, identity)
    trusting = tlspair.context(verify=PEER, ca_file=identity.cert_file)
    assert told(trusting, identity) == ""
    assert "mismatch" in told(trusting, identity, "example.com")


def test_an_unknown_root(client: Context, tmp_path: Path) -> None:
    message = told(client, Authority(tmp_path, "somebody else").issue())
    assert "unable to get local issuer certificate" in message
    assert "ca_file" in message


def test_intermediate_authorities(authority: Authority, client: Context, tmp_path: Path) -> None:
    middle = Authority(tmp_path, "middle", parent=authority)
    low = Authority(tmp_path, "low", parent=middle)
    identity = low.issue()
    assert told(client, identity) == ""
    order = [middle.certificate, low.certificate]
    assert told(client, low.issue(chain=order)) == ""  # leaf first, the rest in any order
    assert "unable to get local issuer" in told(client, low.issue(chain=[]))
    assert "unable to get local issuer" in told(client, low.issue(chain=[middle.certificate]))


def test_removed_from_the_store(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    store = write_chain(tmp_path / "store.pem", [authority.certificate, other.certificate])
    identity = authority.issue()
    assert told(tlspair.context(verify=PEER, ca_file=store), identity) == ""
    write_chain(tmp_path / "store.pem", [other.certificate])
    assert "unable to get local issuer" in told(
        tlspair.context(verify=PEER, ca_file=store), identity
    )


def test_a_weak_key(authority: Authority, client: Context) -> None:
    identity = authority.issue(weak=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.load_cert_chain(identity.cert_file, identity.key_file)
    with (
        tlspair.python_peer(server, server=True) as (endpoint, _),
        pytest.raises(SslError, match="key too weak"),
    ):
        client.wrap_connected_socket(endpoint, 0, "localhost", tlspair.PATIENCE)
    with pytest.raises(SslError, match="key too small"):
        tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


def test_a_wrong_purpose(authority: Authority, client: Context) -> None:
    assert "purpose" in told(client, authority.issue(purposes=[CLIENT]))
    assert told(client, authority.issue(purposes=[SERVER])) == ""


def test_no_verification_checks_nothing(authority: Authority) -> None:
    identity = authority.issue(self_signed=True, ends=-DAY, begins=-3 * DAY)
    assert told(tlspair.context(), identity, "anything.example") == ""


def test_both_sides_hear_of_a_refusal(authority: Authority, client: Context) -> None:
    identity = authority.issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    _, heard = tlspair.attempt(client, server, hostname="example.com")
    assert heard.startswith("SslAlertError: ")
    assert "alert 'bad certificate'" in heard


def test_verification_without_a_name(client: Context, authority: Authority) -> None:
    assert "pass hostname" in told(client, authority.issue(), "")


@pytest.mark.parametrize("version", tlspair.VERSIONS)
def test_client_certificates(authority: Authority, tmp_path: Path, version: int) -> None:
    mine = authority.issue(purposes=[SERVER])
    server = tlspair.context(
        verify=PEER,
        cert_file=mine.cert_file,
        key_file=mine.key_file,
        ca_file=authority.ca_file,
        version=version,
    )

    def client_with(identity: Identity | None) -> Context:
        files = (identity.cert_file, identity.key_file) if identity else ("", "")
        return tlspair.context(
            verify=PEER, ca_file=authority.ca_file, cert_file=files[0], key_file=files[1]
        )

    assert tlspair.attempt(client_with(authority.issue(purposes=[CLIENT])), server) == ("", "")
    asked, served = tlspair.attempt(client_with(None), server)
    assert "did not return a certificate" in served
    assert asked.startswith("SslAlertError: ")
    stranger = Authority(tmp_path, "stranger").issue(purposes=[CLIENT])
    asked, served = tlspair.attempt(client_with(stranger), server)
    assert "certificate verify failed" in served
    assert asked.startswith("SslAlertError: ")


def test_a_server_without_authorities_asks_for_no_certificate(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    mine = authority.issue()
    server = tlspair.context(verify=PEER, cert_file=mine.cert_file, key_file=mine.key_file)
    assert tlspair.attempt(tlspair.context(), server) == ("", "")


@pytest.mark.parametrize(
    ("text", "host", "address"),
    [
        ("Example.com.", b"Example.com", None),
        ("192.0.2.1", None, bytes([192, 0, 2, 1])),
        ("fe80::1%eth0", None, b"\xfe\x80" + bytes(13) + b"\1"),
        ("", None, None),
    ],
)
def test_server_names(text: str, host: bytes | None, address: bytes | None) -> None:
    name = server_name("hostname", text)
    assert (name.host, name.address) == (host, address)


@pytest.mark.parametrize(
    "text", ["a..b", ".a", "x" * 64, ".".join(["abcd"] * 60), "a\0b", "\udc80", "bü..a"]
)
def test_what_is_no_server_name(text: str) -> None:
    with pytest.raises(OSError, match="hostname"):
        server_name("hostname", text)


@pytest.mark.parametrize("host", ["*.example.org", "x", "x.", "a!b"])
def test_a_name_that_cannot_be_verified_is_refused_before_anybody_hears_of_it(
    client: Context, host: str
) -> None:
    if certificates.can_require_host(host.removesuffix(".").encode()):
        pytest.skip("this OpenSSL takes the name")
    addresses = {host: known("127.0.0.1")}
    with socket.create_server(("127.0.0.1", 0)) as server, answering_for(addresses):
        server.setblocking(False)
        port = server.getsockname()[1]
        with contextlib.closing(stream_endpoint()) as endpoint:
            client.wrap_socket(endpoint)
            for timeout in (-1, tlspair.PATIENCE):
                with pytest.raises(OSError, match="no certificate can be verified") as caught:
                    endpoint.connect_within(host, port, timeout)
                assert caught.value.errno == errno.EINVAL
                assert repr(host) in str(caught.value)
            with pytest.raises(BlockingIOError):
                server.accept()
        with contextlib.closing(stream_endpoint()) as endpoint:
            tlspair.context().wrap_socket(endpoint)  # which verifies nothing
            with pytest.raises(TimeoutError):
                endpoint.connect_within(host, port, 50)
            server.accept()[0].close()


def test_what_is_no_host_is_refused_before_anybody_hears_of_it(client: Context) -> None:
    with contextlib.closing(stream_endpoint()) as endpoint:
        client.wrap_socket(endpoint)
        for host in ("a..b", "127.1", ""):
            with pytest.raises(OSError, match="address ") as caught:
                endpoint.connect_within(host, 443, tlspair.PATIENCE)
            assert caught.value.errno == errno.EINVAL


def test_openssl_is_asked_which_names_it_takes() -> None:
    """Its rules are its own, and differ: version 4 takes no name of one character."""
    context = SSL.Context(SSL.TLS_METHOD)
    lengths = [(".".join(["a" * 50] * 5)[: length - 1] + "a").encode() for length in range(1, 254)]
    odd = [b"-ab.example", b"ab-.example", b"*.example.org", b"_sip._tcp.example", b"a.b", b"a!"]
    for name in lengths + odd:
        try:
            certificates.require_host(datapath.Ssl(SSL.Connection(context)._ssl), name)
            taken = True
        except errorqueue.OpenSslError:
            taken = False
        assert certificates.can_require_host(name) == taken
        assert not errorqueue.take_reasons()
        if name in lengths:
            assert taken or len(name) == 1


_STORE_PROBE = """
import sys
from harness import tlspair
from harness.authority import Identity
client = tlspair.context(verify=1)
server = tlspair.context(cert_file=sys.argv[1], key_file=sys.argv[2])
print(tlspair.attempt(client, server)[0])
"""


def probe(identity: Identity, **variables: str) -> str:
    """What a new process, with these variables, says of a server with this certificate."""
    environment = {"PYTHONPATH": ":".join(sys.path), **variables}
    command = [sys.executable, "-c", _STORE_PROBE, identity.cert_file, identity.key_file]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_store_of_the_system(authority: Authority, tmp_path: Path) -> None:
    identity = authority.issue()
    assert probe(identity, SSL_CERT_FILE=authority.ca_file) == ""
    missing = str(tmp_path / "missing.pem")
    refused = probe(identity, SSL_CERT_FILE=missing, SSL_CERT_DIR=str(tmp_path / "missing"))
    assert f"SSL_CERT_FILE is {missing!r}" in refused
    assert "set SSL_CERT_FILE" in refused
    assert "unable to get local issuer certificate" in probe(identity)


def test_a_directory_of_authorities(authority: Authority, tmp_path: Path) -> None:
    identity = authority.issue()
    folder = tmp_path / "hashed"
    folder.mkdir()
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-subject_hash", "-in", authority.ca_file],
        capture_output=True,
        text=True,
        timeout=60,
    )
    (folder / f"{done.stdout.strip()}.0").write_bytes(Path(authority.ca_file).read_bytes())
    assert told(tlspair.context(verify=PEER, ca_dir=str(folder)), identity) == ""
    assert probe(identity, SSL_CERT_DIR=str(folder)) == ""
