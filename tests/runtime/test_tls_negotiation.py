"""What the two sides agree on: versions, cipher suites of TLS 1.3 and application protocols."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Sequence
from typing import TypedDict, Unpack

import pytest
from harness import tlspair
from harness.authority import Authority, Identity
from harness.tlspair import NONE, PATIENCE, TLS_1_2, TLS_1_3, VERSIONS
from nimnet_runtime.errors import SslError
from nimnet_runtime.tls.bindings import contexts
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL

TLS_1_0, TLS_1_1 = 0x0301, 0x0302
AES_128, AES_256 = "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"


class Negotiated(TypedDict, total=False):
    """Settings that this module is about."""

    cipher_list: str
    ciphersuites: str
    alpn: Sequence[str]
    min_version: int
    max_version: int


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Authority(tmp_path_factory.mktemp("authority")).issue()


def client(**settings: Unpack[Negotiated]) -> Context:
    return Context(3, NONE, **settings)


def server(identity: Identity, **settings: Unpack[Negotiated]) -> Context:
    return Context(3, NONE, identity.cert_file, identity.key_file, **settings)


def agreed(client: Context, server: Context) -> tuple[SSL.Connection, SSL.Connection]:
    """The connections of both sides after their handshake."""
    with tlspair.secured(client, server) as ends:
        a, b = (end.stream._machine.connection for end in ends)  # type: ignore[attr-defined]  # a TLS stream
        return a, b


# Versions.


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("limits_server", [False, True])
def test_a_single_version(identity: Identity, version: int, limits_server: bool) -> None:
    limits: Negotiated = {"min_version": version, "max_version": version}
    mine = client() if limits_server else client(**limits)
    theirs = server(identity, **limits) if limits_server else server(identity)
    for connection in agreed(mine, theirs):
        assert connection.get_protocol_version() == version


def test_no_version_in_common(identity: Identity) -> None:
    told = tlspair.attempt(client(max_version=TLS_1_2), server(identity, min_version=TLS_1_3))
    assert all("no version of TLS in common" in side for side in told)


def test_older_versions_by_choice(identity: Identity) -> None:
    weak = "ALL:@SECLEVEL=0"
    old = client(cipher_list=weak, min_version=TLS_1_0, max_version=TLS_1_1)
    for connection in agreed(old, server(identity, cipher_list=weak, min_version=TLS_1_0)):
        assert connection.get_protocol_version() == TLS_1_1
    told, _ = tlspair.attempt(old, server(identity))
    assert "version" in told


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"max_version": TLS_1_1}, "max_version TLS 1.1 is older than TLS 1.2, the oldest version"),
        (
            {"min_version": TLS_1_3, "max_version": TLS_1_2},
            "max_version TLS 1.2 is older than min_version TLS 1.3",
        ),
        (
            {"min_version": TLS_1_0, "max_version": TLS_1_1},
            "the security level of this OpenSSL forbids TLS 1.1 and older",
        ),
    ],
)
def test_versions_that_leave_none(limits: Negotiated, told: str) -> None:
    with pytest.raises(SslError, match=told):
        client(**limits)


@pytest.mark.parametrize("name", ["min_version", "max_version"])
@pytest.mark.parametrize("version", [0, 0x0300, 0x0305, 1 << 70])
def test_what_is_no_version(name: str, version: int) -> None:
    with pytest.raises(OSError, match=f"{name} must be one of TlsVersion or None"):
        Context(3, NONE, **{name: version})  # type: ignore[arg-type]  # the test's own names


def test_the_version_of_a_single_protocol() -> None:
    with pytest.raises(SslError, match="min_version and max_version go with"):
        Context(2, NONE, cipher_list="ALL:@SECLEVEL=0", max_version=TLS_1_2)


# Cipher suites of TLS 1.3.


@pytest.mark.parametrize("suites", [AES_128, AES_256])
def test_a_single_suite(identity: Identity, suites: str) -> None:
    for connection in agreed(client(ciphersuites=suites), server(identity)):
        assert connection.get_cipher_name() == suites
    for connection in agreed(client(), server(identity, ciphersuites=suites)):
        assert connection.get_cipher_name() == suites


def test_no_suite_in_common(identity: Identity) -> None:
    told = tlspair.attempt(client(ciphersuites=AES_128), server(identity, ciphersuites=AES_256))
    assert "no cipher suite" in told[1]


def test_they_are_for_tls_1_3_alone(identity: Identity) -> None:
    narrow = client(ciphersuites=AES_128, cipher_list="ECDHE-ECDSA-AES256-GCM-SHA384")
    assert agreed(narrow, server(identity))[0].get_cipher_name() == AES_128
    older = server(identity, max_version=TLS_1_2)
    assert agreed(narrow, older)[0].get_cipher_name() == "ECDHE-ECDSA-AES256-GCM-SHA384"


def test_their_order_stays_with_pre_shared_keys() -> None:
    def newer(suites: str) -> list[str]:
        context = client(ciphersuites=suites)
        context.client_get_psk_func = lambda _: ("anna", bytes(32))
        return [x for x in contexts.suites(context.context) if x.startswith("TLS_")]

    assert newer(f"{AES_256}:{AES_128}") == [AES_256, AES_128]
    assert newer("")[-1] == AES_256


@pytest.mark.parametrize(
    "suites",
    [
        "nonsense",
        f"{AES_128}:nonsense",
        f"{AES_128},{AES_256}",
        f"{AES_128}:",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        f"{AES_128}\0",
        "\udc80",
    ],
)
def test_what_is_no_suite(suites: str) -> None:
    with pytest.raises(SslError, match="ciphersuites"):
        client(ciphersuites=suites)


# Application protocols.


@pytest.mark.parametrize("version", VERSIONS)
def test_the_server_chooses(identity: Identity, version: int) -> None:
    mine = client(alpn=["h2", "http/1.1"], max_version=version)
    for connection in agreed(mine, server(identity, alpn=["spdy/1", "http/1.1", "h2"])):
        assert connection.get_alpn_proto_negotiated() == b"http/1.1"


@pytest.mark.parametrize("version", VERSIONS)
def test_no_protocol_in_common(identity: Identity, version: int) -> None:
    mine = client(alpn=["h2"], max_version=version)
    told = tlspair.attempt(mine, server(identity, alpn=["http/1.1"]))
    assert "the peer sent the alert 'no application protocol'" in told[0]
    assert "the server speaks none of the protocols in alpn" in told[0]
    assert "the client offers none of the protocols in alpn" in told[1]


@pytest.mark.parametrize(("offered", "spoken"), [(["h2"], []), ([], ["h2"])])
def test_one_side_without(identity: Identity, offered: list[str], spoken: list[str]) -> None:
    for connection in agreed(client(alpn=offered), server(identity, alpn=spoken)):
        assert connection.get_alpn_proto_negotiated() == b""


def test_names_of_any_bytes(identity: Identity) -> None:
    odd = ["\u00e4\u00f6", "\0", "x" * 255]
    for connection in agreed(client(alpn=odd), server(identity, alpn=odd[::-1])):
        assert connection.get_alpn_proto_negotiated() == b"x" * 255
    for connection in agreed(client(alpn=odd), server(identity, alpn=odd[:1])):
        assert connection.get_alpn_proto_negotiated() == "\u00e4\u00f6".encode()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([""], "of 0 bytes: a protocol's name has 1 to 255"),
        (["h2", "x" * 256], "of 256 bytes: a protocol's name has 1 to 255"),
        (["\ud800"], "cannot be encoded"),
        (["x" * 255] * 256, "alpn has 256 names, more than a handshake has room for"),
    ],
)
def test_names_that_cannot_be_one(names: list[str], told: str) -> None:
    with pytest.raises(SslError, match=told):
        client(alpn=names)


def test_as_many_as_there_is_room_for(identity: Identity) -> None:
    many = [f"{number:0255}" for number in range(60)]
    for connection in agreed(client(alpn=many), server(identity, alpn=many[-1:])):
        assert connection.get_alpn_proto_negotiated() == many[-1].encode()


def python_client(protocols: list[str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    return context


def test_with_a_client_of_python(identity: Identity) -> None:
    ours = server(identity, alpn=["http/1.1", "h2"])
    with tlspair.python_peer(python_client(["h2", "http/1.1"]), server=False) as (a, theirs):
        ours.wrap_connected_socket(a, tlspair.SERVER, "", PATIENCE)
        assert theirs.result(PATIENCE / 1000).selected_alpn_protocol() == "http/1.1"


def test_a_client_of_python_hears_the_alert(identity: Identity) -> None:
    ours = server(identity, alpn=["http/1.1"])
    with tlspair.python_peer(python_client(["h2"]), server=False) as (a, theirs):
        with pytest.raises(SslError, match="the client offers none of the protocols in alpn"):
            ours.wrap_connected_socket(a, tlspair.SERVER, "", PATIENCE)
        with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
            theirs.result(PATIENCE / 1000)


def test_the_callback_of_a_program_counts(identity: Identity) -> None:
    ours = server(identity, alpn=["http/1.1"])
    ours.context.set_alpn_select_callback(lambda _connection, offered: offered[-1])
    assert agreed(client(alpn=["http/1.1", "h2"]), ours)[0].get_alpn_proto_negotiated() == b"h2"


def test_a_connection_of_the_programs_own(identity: Identity) -> None:
    """It has nobody who selects for it."""
    mine = SSL.Connection(server(identity, alpn=["h2"]).context)
    peer = SSL.Connection(client(alpn=["h2"]).context)
    peer.set_connect_state()
    mine.set_accept_state()
    done: set[SSL.Connection] = set()
    while len(done) < 2:
        for one, other in ((peer, mine), (mine, peer)):
            try:
                one.do_handshake()
                done.add(one)
            except SSL.WantReadError:
                pass
            with contextlib.suppress(SSL.WantReadError):
                other.bio_write(one.bio_read(1 << 16))
    assert mine.get_alpn_proto_negotiated() == b""
