"""What a context makes of its settings: whom servers judge, what is refused, and when."""

from __future__ import annotations

import ast
import contextlib
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import nimnet
import pytest
from harness import tlspair
from harness.authority import CLIENT, Authority, Identity
from harness.tlspair import NONE, PATIENCE, PEER, PEER_USE_ENV_VARS
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.extradata import get_ssl_context_extra_data_index
from nimnet_runtime.tls import bindings, verification
from nimnet_runtime.tls.bindings import contexts, library
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_PEM, X509, load_certificate

DEMAND = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


def server_context(identity: Identity, verify: int, ca_file: str = "") -> Context:
    return tlspair.context(
        verify=verify, cert_file=identity.cert_file, key_file=identity.key_file, ca_file=ca_file
    )


def served(server: Context, client: Context | None = None) -> str:
    """What the server says of a client, by default one without a certificate."""
    return tlspair.attempt(client or tlspair.context(), server)[1]


def demands_and_judges(server: Context, authority: Authority, folder: Path) -> bool:
    """Whether the server accepts those clients only that the authority vouches for."""

    def client(identity: Identity) -> Context:
        return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)

    stranger = Authority(folder, "stranger").issue(purposes=[CLIENT])
    return (
        "did not return a certificate" in served(server)
        and "certificate verify failed" in served(server, client(stranger))
        and served(server, client(authority.issue(purposes=[CLIENT]))) == ""
    )


# Whether a server demands certificates.


def test_authorities_of_the_environment_judge_nobody(
    authority: Authority, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are there for the servers that this machine's clients go to."""
    monkeypatch.setenv("SSL_CERT_FILE", authority.ca_file)
    monkeypatch.setenv("SSL_CERT_DIR", str(Path(authority.ca_file).parent))
    assert served(server_context(identity, PEER)) == ""


def test_authorities_of_the_environment_judge_clients_where_they_are_to(
    authority: Authority, identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority.ca_file)
    server = server_context(identity, PEER_USE_ENV_VARS)
    assert demands_and_judges(server, authority, tmp_path)


def test_a_directory_of_the_environment_judges_clients(
    identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", f"/etc/ssl/certs:{tmp_path}")
    server = server_context(identity, PEER_USE_ENV_VARS)
    assert "did not return a certificate" in served(server)


def test_authorities_that_were_given_take_the_place_of_the_environment(
    authority: Authority, identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", Authority(tmp_path, "other").ca_file)
    server = server_context(identity, PEER_USE_ENV_VARS, authority.ca_file)
    assert demands_and_judges(server, authority, tmp_path)


def test_authorities_in_memory_judge_clients(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    server = Context(
        3,
        PEER,
        identity.cert_file,
        identity.key_file,
        ca_data=Path(authority.ca_file).read_bytes(),
    )
    assert demands_and_judges(server, authority, tmp_path)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_public_authorities_judge_nobody(
    identity: Identity, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    monkeypatch.setattr(verification, "_SYSTEM_STORES", ("/missing", str(store)))
    link = tmp_path / "link"
    link.symlink_to(store)
    assert served(server_context(identity, PEER_USE_ENV_VARS)) == ""
    monkeypatch.setenv(variable, str(link))
    assert served(server_context(identity, PEER_USE_ENV_VARS)) == ""


def test_no_verification_demands_nothing(
    authority: Authority, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority.ca_file)
    assert served(server_context(identity, NONE)) == ""


@pytest.mark.parametrize("verify", [NONE, PEER])
def test_the_mode_alone_counts(identity: Identity, verify: int) -> None:
    server = server_context(identity, verify)
    server.context.set_verify(DEMAND)
    assert "did not return a certificate" in served(server)


@pytest.mark.parametrize("verify", [NONE, PEER])
def test_the_mode_that_a_program_sets_counts(
    authority: Authority, identity: Identity, tmp_path: Path, verify: int
) -> None:
    server = server_context(identity, verify)
    server.context.set_verify(DEMAND)
    server.context.load_verify_locations(authority.ca_file)
    assert demands_and_judges(server, authority, tmp_path)


def test_the_callback_that_a_program_sets_is_asked(
    authority: Authority, identity: Identity
) -> None:
    asked: list[int] = []

    def judge(_connection: SSL.Connection, _x509: X509, _error: int, depth: int, good: int) -> bool:
        asked.append(depth)
        return bool(good)

    server = server_context(identity, NONE)
    server.context.set_verify(SSL.VERIFY_PEER, judge)
    server.context.load_verify_locations(authority.ca_file)
    assert served(server) == ""  # without FAIL_IF_NO_PEER_CERT a certificate is welcome, no more
    mine = authority.issue(purposes=[CLIENT])
    client = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)
    assert served(server, client) == ""
    assert 0 in asked


def load_file(context: SSL.Context, authority: Authority) -> None:
    context.load_verify_locations(authority.ca_file)


def add_to_store(context: SSL.Context, authority: Authority) -> None:
    store = context.get_cert_store()
    assert store is not None
    pem = Path(authority.ca_file).read_bytes()
    store.add_cert(load_certificate(FILETYPE_PEM, pem))


@pytest.mark.parametrize("add", [load_file, add_to_store])
def test_authorities_that_a_program_adds_judge_clients(
    authority: Authority,
    identity: Identity,
    tmp_path: Path,
    add: Callable[[SSL.Context, Authority], None],
) -> None:
    server = server_context(identity, PEER)
    add(server.context, authority)
    assert demands_and_judges(server, authority, tmp_path)


def test_a_program_can_ask_for_nothing(authority: Authority, identity: Identity) -> None:
    server = server_context(identity, PEER, authority.ca_file)
    assert "did not return a certificate" in served(server)
    server = server_context(identity, PEER, authority.ca_file)
    server.context.set_verify(SSL.VERIFY_NONE)
    assert served(server) == ""


# Names, functions, order of suites.


@pytest.mark.parametrize(
    "name", ["1.2.3.4.", "127.1", "1", "1.2.3.4.5", "256.1.1.1", "\uff11\uff12\uff17.0.0.1"]
)
def test_what_looks_like_an_address_is_no_host_name(name: str) -> None:
    with pytest.raises(OSError, match="no host name or IP address: it ends in a number"):
        verification.server_name("hostname", name)


def test_digits_in_host_names() -> None:
    assert verification.server_name("hostname", "3.example.1a").host == b"3.example.1a"


@pytest.mark.parametrize("setting", ["client_get_psk_func", "server_get_psk_func"])
def test_what_is_no_function(setting: str) -> None:
    context = tlspair.context()
    with pytest.raises(TypeError, match=f"{setting} must be a function or None, not int"):
        setattr(context, setting, 5)
    assert getattr(context, setting) is None


def test_an_explicit_cipher_list_keeps_its_order() -> None:
    wanted = ["ECDHE-RSA-AES256-GCM-SHA384", "PSK-AES128-GCM-SHA256", "DHE-PSK-AES128-GCM-SHA256"]

    def older(ciphers: str) -> list[str]:
        context = tlspair.context(ciphers=ciphers)
        context.client_get_psk_func = lambda _: ("anna", bytes(32))
        names = contexts.suites(context.context)
        assert [x for x in names if x.startswith("TLS_")][-1] == "TLS_AES_256_GCM_SHA384"
        return [x for x in names if not x.startswith("TLS_")]

    assert older(":".join(wanted)) == wanted
    with_key = ["PSK" in name for name in older("ALL")]
    assert with_key == sorted(with_key, reverse=True)
    assert len(set(with_key)) == 2


def test_a_destroyed_context_says_so() -> None:
    context = nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
    index = get_ssl_context_extra_data_index()
    context.set_extra_data(index, "kept")
    context.destroy_context()

    def live() -> object:
        return context.context

    def hint() -> None:
        context.psk_identity_hint = "x"

    def client() -> None:
        context.client_get_psk_func = None

    def server() -> None:
        context.server_get_psk_func = None

    def data() -> object:
        return context.get_extra_data(index)

    calls: tuple[Callable[[], object], ...] = (data, live, hint, client, server)
    for call in calls:
        with pytest.raises(SslError, match="the context was destroyed"):
            call()


# Unix sockets.


def test_a_path_has_no_name_to_verify(authority: Authority, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.setblocking(False)
        with contextlib.closing(Endpoint.create(socket.AF_UNIX, socket.SOCK_STREAM, 0, True)) as a:
            client.wrap_socket(a)
            with pytest.raises(SslError, match="wrap_connected_socket"):
                a.connect_unix(path, PATIENCE)
            with pytest.raises(BlockingIOError):
                listener.accept()  # it was refused before anything was connected
            client.destroy()
            with pytest.raises(SslError, match="destroyed"):
                a.connect_unix(path, PATIENCE)
            with pytest.raises(BlockingIOError):
                listener.accept()


# What the bindings must have.


BOUNDARY = Path(bindings.__file__).parent


def test_every_name_of_the_library_is_checked() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in BOUNDARY.glob("*.py"))
    assert set(re.findall(r"\blib\.(\w+)", source)) == set(library._REQUIRED)
    private = set(re.findall(r"connection\.(_\w+)", source)) - {"_context"}
    assert private == set(library._PRIVATE)


def test_nothing_else_has_values_without_a_type() -> None:
    saying = {
        path.parent
        for path in BOUNDARY.parents[1].rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == "Any"
    }
    assert saying == {BOUNDARY}


@pytest.mark.parametrize(
    ("names", "told"),
    [("_REQUIRED", "SSL_no_such_call"), ("_PRIVATE", "Connection.SSL_no_such_call")],
)
def test_bindings_that_lack_a_name(names: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, names, (*getattr(library, names), "SSL_no_such_call"))
    with pytest.raises(SslError, match=rf"lack {told}; install the newest pyOpenSSL"):
        library._checked_bindings()


def test_bindings_without_pre_shared_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.lib, "Cryptography_HAS_PSK", 0, raising=False)
    with pytest.raises(SslError, match="lack PSK support"):
        library._checked_bindings()


# Texts and numbers of any size.

MEGABYTE = "x" * (1 << 20)


@pytest.mark.parametrize(
    "setting", ["cert_file", "key_file", "cipher_list", "ciphersuites", "ca_file", "ca_dir"]
)
@pytest.mark.parametrize(
    "text", [MEGABYTE, "A:" * (1 << 19), MEGABYTE + "\0", "\udc80\ud800" * 1000]
)
def test_a_megabyte_in_a_setting_is_refused_at_once(setting: str, text: str) -> None:
    settings = dict.fromkeys(("cert_file", "key_file", "ca_file", "ca_dir"), "")
    settings |= {"cipher_list": "ALL", setting: text}
    began = time.perf_counter()
    with pytest.raises((OSError, SslError)) as caught:
        Context(3, PEER, **settings)  # type: ignore[arg-type]  # texts alone
    assert time.perf_counter() - began < 0.3
    assert len(str(caught.value)) < 4000


def test_a_megabyte_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(variable, "/x" * 50_000)
    assert len(tlspair.context(verify=PEER).context.empty_store) < 2000


def test_the_longest_cipher_list() -> None:
    longest = "PSK-AES128-GCM-SHA256".ljust(1 << 16, ":")
    assert contexts.suites(tlspair.context(ciphers=longest).context)
    with pytest.raises(SslError, match="cipher_list has 65537 characters"):
        tlspair.context(ciphers=longest + ":")


def test_numbers_of_any_size() -> None:
    huge = 10**5000  # which Python refuses to write
    context = tlspair.context()
    calls: list[Callable[[], object]] = [
        lambda: Context(huge, PEER, "", "", "ALL"),
        lambda: Context(3, huge, "", "", "ALL"),
        lambda: context.get_extra_data(huge),
        lambda: context.set_extra_data(huge, None),
    ]
    for call in calls:
        with pytest.raises((OSError, IndexError), match="a number that large"):
            call()
    with tlspair.ends() as (a, _), pytest.raises(OSError, match="a number that large"):
        context.wrap_connected_socket(a, huge, "", -1)
