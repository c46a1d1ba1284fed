"""Contexts: what they load, and what they say about what they cannot."""

from pathlib import Path

import pytest
from harness import permissions, tlspair
from harness.authority import Authority, Identity, private_pem, write_chain
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.security import get_ssl_context_extra_data_index, new_context
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


def plain_context() -> Context:
    return new_context(3, 0, "", "", "ALL", "", "")


def test_context_is_the_live_one() -> None:
    context = plain_context()
    assert isinstance(context.context, SSL.Context)
    assert context.context is context.context


@pytest.mark.parametrize(
    ("version", "name"), [(0, "protSSLv2"), (1, "protSSLv3"), (2, "protTLSv1")]
)
def test_protocols_that_cannot_be_had(version: int, name: str) -> None:
    with pytest.raises(SslError, match=name):
        new_context(version, 0, "", "", "ALL", "", "")


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [((4, 0), "prot_version"), ((-1, 0), "prot_version"), ((3, 2), "verify_mode")],
)
def test_ordinals_out_of_range(arguments: tuple[int, int], setting: str) -> None:
    with pytest.raises(OSError, match=setting):
        new_context(*arguments, "", "", "ALL", "", "")


@pytest.mark.parametrize("ciphers", ["", "no-such-suite", "aNULL:@SECLEVEL=0", "ALL\0", "\udc80"])
def test_cipher_lists_that_leave_nothing(ciphers: str) -> None:
    with pytest.raises(SslError, match="cipher_list"):
        new_context(3, 0, "", "", ciphers, "", "")


def test_never_an_anonymous_or_unencrypted_suite() -> None:
    context = new_context(3, 0, "", "", "ALL:eNULL:@SECLEVEL=0", "", "")
    offered = SSL.Connection(context.context, None).get_cipher_list()
    assert offered
    assert not [name for name in offered if name.startswith(("ADH", "AECDH", "NULL"))]


@pytest.mark.parametrize("setting", ["cert_file", "key_file", "ca_file", "ca_dir"])
def test_a_missing_file_is_named(setting: str, identity: Identity, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    files = {
        "cert_file": identity.cert_file,
        "key_file": identity.key_file,
        "ca_file": "",
        "ca_dir": "",
    }
    files[setting] = missing
    with pytest.raises(FileNotFoundError) as caught:
        new_context(
            3, 1, files["cert_file"], files["key_file"], "ALL", files["ca_file"], files["ca_dir"]
        )
    assert caught.value.filename == missing


def test_an_unreadable_file_is_named(identity: Identity, tmp_path: Path) -> None:
    secret = tmp_path / "secret.key"
    secret.write_text("x")
    secret.chmod(0)
    with permissions.heeded(), pytest.raises(PermissionError) as caught:
        new_context(3, 0, identity.cert_file, str(secret), "ALL", "", "")
    assert caught.value.filename == str(secret)


@pytest.mark.parametrize("name", ["nul\0.pem", "\ud800.pem"])
def test_a_name_no_file_can_have(name: str) -> None:
    with pytest.raises(OSError, match="no file name"):
        new_context(3, 0, name, "", "ALL", "", "")


def test_a_key_of_another_certificate(authority: Authority, identity: Identity) -> None:
    other = authority.issue()
    with pytest.raises(SslError) as caught:
        new_context(3, 0, identity.cert_file, other.key_file, "ALL", "", "")
    assert identity.cert_file in str(caught.value)
    assert other.key_file in str(caught.value)


def test_a_key_of_another_kind(authority: Authority, identity: Identity) -> None:
    other = authority.issue(weak=True)
    with pytest.raises(SslError, match="does not belong"):
        new_context(3, 0, identity.cert_file, other.key_file, "ALL", "", "")


def test_a_chain_in_the_wrong_order(authority: Authority, tmp_path: Path) -> None:
    identity = authority.issue()
    wrong = write_chain(tmp_path / "wrong.pem", [authority.certificate, identity.certificate])
    with pytest.raises(SslError, match="must be the first"):
        new_context(3, 0, wrong, identity.key_file, "ALL", "", "")


def test_an_encrypted_key_never_asks_at_the_terminal(identity: Identity, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    locked.write_bytes(private_pem(identity.key, b"secret"))
    with pytest.raises(SslError, match="encrypted") as caught:
        new_context(3, 0, identity.cert_file, str(locked), "ALL", "", "")
    assert str(locked) in str(caught.value)


def test_files_without_what_they_should_hold(identity: Identity, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here\n")
    with pytest.raises(SslError, match="cert_file"):
        new_context(3, 0, str(empty), "", "ALL", "", "")
    with pytest.raises(SslError, match="key_file"):
        new_context(3, 0, identity.cert_file, str(empty), "ALL", "", "")
    with pytest.raises(SslError, match="ca_file"):
        new_context(3, 1, "", "", "ALL", str(empty), "")
    with pytest.raises(SslError, match="without key_file"):
        new_context(3, 0, identity.cert_file, "", "ALL", "", "")
    with pytest.raises(SslError, match="needs cert_file"):
        new_context(3, 0, "", identity.key_file, "ALL", "", "")


def test_certificate_and_key_in_one_file(identity: Identity, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(identity.cert_file).read_bytes() + Path(identity.key_file).read_bytes())
    server = new_context(3, 0, str(bundle), "", "ALL", "", "")
    assert tlspair.attempt(plain_context(), server) == ("", "")


def test_authorities_without_verification_are_a_mistake(authority: Authority) -> None:
    with pytest.raises(SslError, match="C_VERIFY_PEER"):
        new_context(3, 0, "", "", "ALL", authority.ca_file, "")


def test_extra_data() -> None:
    first, second = get_ssl_context_extra_data_index(), get_ssl_context_extra_data_index()
    assert first != second
    context, data = plain_context(), object()
    context.set_extra_data(first, data)
    assert context.get_extra_data(first) is data
    with pytest.raises(IndexError, match=str(second)):
        context.get_extra_data(second)
    with pytest.raises(IndexError, match="get_ssl_context_extra_data_index"):
        context.set_extra_data(second + 1000, data)


def test_destroyed_twice_and_while_connections_live(identity: Identity) -> None:
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    client = plain_context()
    with tlspair.secured(client, server) as (a, b):
        for context in (client, server):
            context.destroy()
            context.destroy()
        a.send(b"still here")
        assert b.reader.receive(10, tlspair.PATIENCE, 0) == b"still here"
    with pytest.raises(SslError, match="destroyed"):
        client.context  # noqa: B018 - reading the property is the test
    with pytest.raises(SslError, match="destroyed"):
        client.set_extra_data(get_ssl_context_extra_data_index(), 1)
    endpoint = Endpoint.create(2, 1, 0, True)
    try:
        with pytest.raises(SslError, match="destroyed"):
            client.wrap_socket(endpoint)
        assert not endpoint.is_ssl()
    finally:
        endpoint.close()
