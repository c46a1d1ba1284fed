"""What is told of a connection's protection, and that nothing is told that is not so."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from harness import tlspair
from harness.authority import CLIENT as FOR_CLIENTS
from harness.authority import Authority, Identity
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER, TLS_1_2, VERSIONS
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.protection import Protection
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL

BOTH = pytest.mark.parametrize("version", VERSIONS, ids=["tls12", "tls13"])
NO_EXTENDED_MASTER_SECRET = 0x1
"""SSL_OP_NO_EXTENDED_MASTER_SECRET; pyOpenSSL does not have it."""
LABEL = "EXPORTER-Channel-Binding"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


def told(endpoint: Endpoint) -> Protection:
    return endpoint.stream.protection


def serving(identity: Identity, version: int | None = None) -> Context:
    return tlspair.context(
        cert_file=identity.cert_file, key_file=identity.key_file, version=version
    )


def der(identity: Identity) -> bytes:
    return identity.certificate.public_bytes(Encoding.DER)


def root(authority: Authority) -> bytes:
    return authority.certificate.public_bytes(Encoding.DER)


@BOTH
def test_both_sides_of_a_mutual_handshake(
    authority: Authority, identity: Identity, version: int
) -> None:
    """Both have verified the other; and it stays known after the end."""
    mine = authority.issue(purposes=[FOR_CLIENTS], common_name="anna")
    client = tlspair.context(
        verify=PEER, ca_file=authority.ca_file, cert_file=mine.cert_file, key_file=mine.key_file
    )
    server = tlspair.context(
        verify=PEER,
        ca_file=authority.ca_file,
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        version=version,
    )
    with tlspair.secured(client, server) as (a, b):
        for _ in range(2):
            assert told(a).get_peer_certificates() == [der(identity), root(authority)]
            assert told(b).get_peer_certificates() == [der(mine), root(authority)]
            assert told(a).get_unverified_certificate() == der(identity)
            assert told(b).get_unverified_certificate() == der(mine)
            assert told(a).get_tls_version() == told(b).get_tls_version()
            assert told(a).get_cipher() == told(b).get_cipher() != ""
            assert told(a).got_handshake()
            a.close()
            b.close()


def test_an_intermediate_authority_is_part_of_the_chain(authority: Authority) -> None:
    between = Authority(authority.folder, "between", parent=authority)
    mine = between.issue()
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.secured(client, serving(mine)) as (a, _):
        chain = told(a).get_peer_certificates()
        assert chain == [der(mine), root(between), root(authority)]


def test_a_chain_that_happens_to_verify_is_not_verified(
    authority: Authority, identity: Identity
) -> None:
    """C_VERIFY_NONE looks at no host name, whatever the store has."""
    client = tlspair.context()
    client.context.load_verify_locations(authority.ca_file)
    with tlspair.secured(client, serving(identity), hostname="example.com") as (a, _):
        assert a.stream.protection.ssl_handle().get_verified_chain()
        assert told(a).get_peer_certificates() == []
        assert told(a).get_unverified_certificate() == der(identity)


def trusting(authority: Authority) -> Context:
    """A context whose program verifies by itself, in the live one."""
    client = tlspair.context()
    client.context.load_verify_locations(authority.ca_file)
    client.context.set_verify(SSL.VERIFY_PEER)
    return client


def test_a_mode_of_the_programs_demands_the_name(authority: Authority, identity: Identity) -> None:
    with tlspair.secured(trusting(authority), serving(identity)) as (a, _):
        assert told(a).get_peer_certificates() == [der(identity), root(authority)]
    for wanted in ("example.com", "127.0.0.9"):
        failure, _ = tlspair.attempt(trusting(authority), serving(identity), hostname=wanted)
        assert failure.startswith("SslCertificateError"), failure
        assert wanted in failure


def test_a_mode_of_the_programs_needs_a_name(authority: Authority, identity: Identity) -> None:
    failure, _ = tlspair.attempt(trusting(authority), serving(identity), hostname="")
    assert failure.startswith("SslError: C_VERIFY_PEER needs to know"), failure
    with pytest.raises(SslError, match="a path does not tell"):
        trusting(authority).check_unnamed()
    with pytest.raises(OSError, match="no certificate can be verified for the host name"):
        trusting(authority).check_named("*.example")


def test_a_mode_of_the_programs_that_verifies_nothing(identity: Identity) -> None:
    """It is one mode, whoever has set it: nobody needs a name, and nobody is verified."""
    client = tlspair.context(verify=PEER)
    client.context.set_verify(SSL.VERIFY_NONE)
    with tlspair.secured(client, serving(identity), hostname="") as (a, _):
        assert told(a).get_peer_certificates() == []


def test_a_mode_that_comes_later_has_verified_nothing(
    authority: Authority, identity: Identity
) -> None:
    """What counts is how the handshake was made."""
    client = tlspair.context()
    client.context.load_verify_locations(authority.ca_file)
    with tlspair.secured(client, serving(identity)) as (a, _):
        told(a).ssl_handle().set_verify(SSL.VERIFY_PEER)
        assert told(a).get_peer_certificates() == []
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.secured(client, serving(identity)) as (a, _):
        told(a).ssl_handle().set_verify(SSL.VERIFY_NONE)
        assert told(a).get_peer_certificates() == [der(identity), root(authority)]


@pytest.mark.parametrize("hostname", ["", "localhost", "example.com"])
def test_a_mode_of_one_connection(authority: Authority, identity: Identity, hostname: str) -> None:
    """Set while the handshake waits, it finds that a name is demanded, if one is known."""
    client = tlspair.context()
    client.context.load_verify_locations(authority.ca_file)
    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, hostname, 0)
        told(a).ssl_handle().set_verify(SSL.VERIFY_PEER)
        shaken = tlspair.in_thread(
            lambda: tlspair.outcome(
                lambda: serving(identity).wrap_connected_socket(b, SERVER, "", PATIENCE)
            )
        )
        failure = tlspair.outcome(lambda: a.handshake(PATIENCE))
        assert failure.startswith("SslCertificateError") == (hostname == "example.com")
        verified = [der(identity), root(authority)] if hostname == "localhost" else []
        assert told(a).get_peer_certificates() == verified
        a.close()
        shaken.result()


def started(
    client: Context, a: Endpoint, judge: Callable[..., bool], hostname: str = "localhost"
) -> None:
    """Begins a client's handshake, in which `judge` is the connection's own verify callback."""
    with pytest.raises(TimeoutError):
        client.wrap_connected_socket(a, CLIENT, hostname, 0)
    told(a).ssl_handle().set_verify(SSL.VERIFY_PEER, judge)


@pytest.mark.parametrize("hostname", ["localhost", "example.com"])
def test_a_callback_of_one_connection_that_overrules(
    authority: Authority, identity: Identity, hostname: str
) -> None:
    client, server = tlspair.context(verify=PEER, ca_file=authority.ca_file), serving(identity)
    server.session_id_context = "x"
    with tlspair.ends() as (a, b):
        started(client, a, lambda *_: True, hostname)
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        a.handshake(PATIENCE)
        shaken.result()
        overruled = hostname != "localhost"
        assert (told(a).get_peer_certificates() == []) == overruled
        b.send(b"s", 0, PATIENCE)
        assert a.reader.receive(1, PATIENCE, 0) == b"s"
        assert told(a).get_tls_session() is None


def test_what_a_callback_of_one_connection_raises(authority: Authority, identity: Identity) -> None:
    def fail(*_: object) -> bool:
        raise LookupError("as the program says")

    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.ends() as (a, b):
        started(client, a, fail)
        shaken = tlspair.in_thread(
            lambda: tlspair.outcome(
                lambda: serving(identity).wrap_connected_socket(b, SERVER, "", PATIENCE)
            )
        )
        with pytest.raises(SslError, match="the verify callback of the connection") as caught:
            a.handshake(PATIENCE)
        assert isinstance(caught.value.__cause__, LookupError)
        a.close()
        shaken.result()


def judging(client: Context, judge: Callable[[bool], bool]) -> Context:
    def verify(
        _connection: SSL.Connection, _certificate: object, _code: int, _depth: int, approved: int
    ) -> bool:
        return judge(bool(approved))

    client.context.set_verify(SSL.VERIFY_PEER, verify)
    return client


def test_a_callback_that_agrees_leaves_it_verified(
    authority: Authority, identity: Identity
) -> None:
    client = judging(
        tlspair.context(verify=PEER, ca_file=authority.ca_file), lambda approved: approved
    )
    with tlspair.secured(client, serving(identity)) as (a, _):
        assert told(a).get_peer_certificates() == [der(identity), root(authority)]


@pytest.mark.parametrize("hostname", ["localhost", "example.com"])
def test_a_callback_that_overrules_leaves_nothing_verified(
    authority: Authority, hostname: str
) -> None:
    """Be it the issuer or the host name that OpenSSL does not like."""
    mine = authority.issue(self_signed=hostname == "localhost")
    client = judging(tlspair.context(verify=PEER, ca_file=authority.ca_file), lambda _: True)
    with tlspair.secured(client, serving(mine), hostname=hostname) as (a, _):
        assert told(a).get_peer_certificates() == []
        assert told(a).get_unverified_certificate() == der(mine)


def test_a_handshake_that_failed_tells_nothing(authority: Authority) -> None:
    mine = authority.issue(self_signed=True)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with tlspair.ends() as (a, b):
        served = tlspair.in_thread(
            lambda: tlspair.outcome(
                lambda: serving(mine).wrap_connected_socket(b, SERVER, "", PATIENCE)
            )
        )
        with pytest.raises(SslError):
            client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        assert served.result(PATIENCE / 1000)
        assert not told(a).got_handshake()
        assert told(a).get_peer_certificates() == []
        assert told(a).get_unverified_certificate() == b""
        assert told(a).get_tls_version() == told(a).get_cipher() == ""
        with pytest.raises(SslError, match="complete handshake"):
            told(a).get_channel_binding()


def test_a_fault_that_this_side_alone_finds(authority: Authority, identity: Identity) -> None:
    """A client that verifies a key, and no host name; and a server that shows a certificate."""
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    client.client_get_psk_func = lambda _: ("anna", bytes(16))
    with tlspair.ends() as (a, b):
        served = tlspair.in_thread(
            lambda: tlspair.outcome(
                lambda: serving(identity).wrap_connected_socket(b, SERVER, "", PATIENCE)
            )
        )
        with pytest.raises(SslError, match="did not use the pre-shared key"):
            client.wrap_connected_socket(a, CLIENT, "", PATIENCE)
        a.close()
        served.result(PATIENCE / 1000)
        assert not told(a).got_handshake()
        assert told(a).get_cipher() == ""


@BOTH
def test_an_application_protocol(authority: Authority, identity: Identity, version: int) -> None:
    server = serving(identity, version)
    server.context.set_alpn_select_callback(lambda _connection, offered: offered[1])
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    client.context.set_alpn_protos([b"h2", b"http/1.1"])
    with tlspair.secured(client, server) as (a, b):
        assert told(a).get_alpn_protocol() == told(b).get_alpn_protocol() == "http/1.1"


@BOTH
def test_exported_material(identity: Identity, version: int) -> None:
    """Label, length, context and connection all make a difference, and the side makes none."""
    client, server = tlspair.context(), serving(identity, version)
    made: list[bytes] = []
    for _ in range(2):
        with tlspair.secured(client, server) as (a, b):
            for label, length, context in (
                ("EXPORTER-a", 20, None),
                ("EXPORTER-a", 20, b"context"),
                ("EXPORTER-b", 20, None),
                ("EXPORTER-a", 8160, None),
                (249 * "x", 1, bytes(65535)),
            ):
                mine = told(a).export_keying_material(label, length, context)
                assert mine == told(b).export_keying_material(label, length, context)
                assert len(mine) == length
                made.append(hashlib.sha256(mine).digest() if length > 1 else b"")
            view = memoryview(bytearray(b"context"))
            assert told(a).export_keying_material("EXPORTER-a", 20, view) == told(
                b
            ).export_keying_material("EXPORTER-a", 20, bytearray(b"context"))
            empty = told(a).export_keying_material("EXPORTER-a", 20, b"")
            none = told(a).export_keying_material("EXPORTER-a", 20, None)
            assert (empty == none) is (version != TLS_1_2)
    assert len({*made} - {b""}) == 8


@BOTH
def test_a_channel_binding(identity: Identity, version: int) -> None:
    client, server = tlspair.context(), serving(identity, version)
    with tlspair.secured(client, server) as (a, b), tlspair.secured(client, server) as (c, _):
        binding = told(a).get_channel_binding()
        assert len(binding) == 32
        assert told(b).get_channel_binding() == binding
        assert told(b).export_keying_material(LABEL, 32, b"") == binding
        assert told(c).get_channel_binding() != binding


@pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["client", "server"])
def test_no_binding_without_a_unique_secret(identity: Identity, side: int) -> None:
    """TLS 1.2 without the extended master secret, whichever side does not speak it."""
    client, server = tlspair.context(), serving(identity, TLS_1_2)
    (client, server)[side].context.set_options(NO_EXTENDED_MASTER_SECRET)
    with tlspair.secured(client, server) as (a, b):
        for end in (a, b):
            with pytest.raises(SslError, match="extended master secret"):
                told(end).get_channel_binding()
            assert told(end).export_keying_material("EXPORTER-a", 20, None)


def test_labels_of_tls_itself(identity: Identity) -> None:
    with tlspair.secured(tlspair.context(), serving(identity, TLS_1_2)) as (a, _):
        with pytest.raises(SslError, match=r"OpenSSL cannot export keying material: .*label"):
            told(a).export_keying_material("master secret", 20, None)
        a.send(b"x", 0, PATIENCE)  # and the connection is none the worse


def test_one_thread_reads_and_another_asks(identity: Identity) -> None:
    """A reader that waits for the network does not keep anybody waiting."""
    with tlspair.secured(tlspair.context(), serving(identity)) as (a, b):
        reading = tlspair.in_thread(lambda: a.reader.receive(1, PATIENCE, 0))
        for _ in range(100):
            assert told(a).get_unverified_certificate() == der(identity)
            assert told(a).get_channel_binding() == told(b).get_channel_binding()
        assert not reading.done()
        b.send(b"x", 0, PATIENCE)
        assert reading.result(PATIENCE / 1000) == b"x"


def test_a_callback_of_the_connection_may_ask(identity: Identity) -> None:
    """From inside of the handshake, where nothing is known yet, and of what comes after it."""
    heard: list[tuple[bool, str, list[bytes]]] = []
    client = tlspair.context()
    with tlspair.ends() as (a, b):

        def note(*_: object) -> None:
            heard.append(
                (told(a).got_handshake(), told(a).get_cipher(), told(a).get_peer_certificates())
            )

        client.context.set_info_callback(note)
        server = serving(identity)
        served = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        served.result(PATIENCE / 1000)
    assert heard[0] == (False, "", [])
    assert all(done is (cipher != "") for done, cipher, _ in heard)


def test_the_handle_is_the_connection(identity: Identity) -> None:
    with tlspair.secured(tlspair.context(), serving(identity)) as (a, b):
        handle = told(a).ssl_handle()
        assert handle is told(a).ssl_handle()
        assert handle.get_cipher_name() == told(b).get_cipher()
