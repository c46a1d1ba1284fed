"""Contexts: what they load, and what they say about what they cannot."""

import contextlib
import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import permissions, tlspair
from harness.authority import Authority, Identity, private_pem, write_chain
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.extradata import get_ssl_context_extra_data_index
from nimnet_runtime.security import new_context
from nimnet_runtime.tls import verification
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


def plain_context() -> Context:
    return new_context(3, 0, "", "", "ALL")


def test_context_is_the_live_one() -> None:
    context = plain_context()
    assert isinstance(context.context, SSL.Context)
    assert context.context is context.context


@pytest.mark.parametrize(
    ("version", "name"), [(0, "PROT_SSL_V2"), (1, "PROT_SSL_V3"), (2, "PROT_TLS_V1")]
)
def test_protocols_that_cannot_be_had(version: int, name: str) -> None:
    with pytest.raises(SslError, match=name):
        new_context(version, 0, "", "", "ALL")


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [((4, 0), "prot_version"), ((-1, 0), "prot_version"), ((3, 3), "verify_mode")],
)
def test_ordinals_out_of_range(arguments: tuple[int, int], setting: str) -> None:
    with pytest.raises(OSError, match=setting):
        new_context(*arguments, "", "", "ALL")


@pytest.mark.parametrize("ciphers", ["", "no-such-suite", "aNULL:@SECLEVEL=0", "ALL\0", "\udc80"])
def test_cipher_lists_that_leave_nothing(ciphers: str) -> None:
    with pytest.raises(SslError, match="cipher_list"):
        new_context(3, 0, "", "", ciphers)


def test_never_an_anonymous_or_unencrypted_suite() -> None:
    context = new_context(3, 0, "", "", "ALL:eNULL:@SECLEVEL=0")
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
            3, 1, files["cert_file"], files["key_file"], "ALL", files["ca_dir"], files["ca_file"]
        )
    assert caught.value.filename == missing
    assert caught.value.strerror == f"{setting}: No such file or directory"


def test_an_unreadable_file_is_named(identity: Identity, tmp_path: Path) -> None:
    secret = tmp_path / "secret.key"
    secret.write_text("x")
    secret.chmod(0)
    with permissions.heeded(), pytest.raises(PermissionError) as caught:
        new_context(3, 0, identity.cert_file, str(secret), "ALL")
    assert caught.value.filename == str(secret)


@pytest.mark.parametrize("name", ["nul\0.pem", "\ud800.pem"])
def test_a_name_no_file_can_have(name: str) -> None:
    with pytest.raises(OSError, match="no file name"):
        new_context(3, 0, name, "", "ALL")


def test_a_key_of_another_certificate(authority: Authority, identity: Identity) -> None:
    other = authority.issue()
    with pytest.raises(SslError) as caught:
        new_context(3, 0, identity.cert_file, other.key_file, "ALL")
    assert identity.cert_file in str(caught.value)
    assert other.key_file in str(caught.value)


def test_a_key_of_another_kind(authority: Authority, identity: Identity) -> None:
    other = authority.issue(weak=True)
    with pytest.raises(SslError, match="does not belong"):
        new_context(3, 0, identity.cert_file, other.key_file, "ALL")


def test_a_chain_in_the_wrong_order(authority: Authority, tmp_path: Path) -> None:
    identity = authority.issue()
    wrong = write_chain(tmp_path / "wrong.pem", [authority.certificate, identity.certificate])
    with pytest.raises(SslError, match="must be the first"):
        new_context(3, 0, wrong, identity.key_file, "ALL")


def test_an_encrypted_key_never_asks_at_the_terminal(identity: Identity, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    locked.write_bytes(private_pem(identity.key, b"secret"))
    with pytest.raises(SslError, match="encrypted") as caught:
        new_context(3, 0, identity.cert_file, str(locked), "ALL")
    assert str(locked) in str(caught.value)


def test_files_without_what_they_should_hold(identity: Identity, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here\n")
    with pytest.raises(SslError, match="cert_file"):
        new_context(3, 0, str(empty), "", "ALL")
    with pytest.raises(SslError, match="key_file"):
        new_context(3, 0, identity.cert_file, str(empty), "ALL")
    with pytest.raises(SslError, match="ca_file"):
        new_context(3, 1, "", "", "ALL", "", str(empty))
    with pytest.raises(SslError, match="without key_file"):
        new_context(3, 0, identity.cert_file, "", "ALL")
    with pytest.raises(SslError, match="needs cert_file"):
        new_context(3, 0, "", identity.key_file, "ALL")


def test_certificate_and_key_in_one_file(identity: Identity, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(identity.cert_file).read_bytes() + Path(identity.key_file).read_bytes())
    server = new_context(3, 0, str(bundle), "", "ALL")
    assert tlspair.attempt(plain_context(), server) == ("", "")


def test_authorities_without_verification_are_a_mistake(authority: Authority) -> None:
    with pytest.raises(SslError, match="C_VERIFY_PEER"):
        new_context(3, 0, "", "", "ALL", "", authority.ca_file)


# The system's own authorities, and a system that has no more to give.


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the system keeps its authorities; nothing is there yet."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    file = tmp_path / "bundle.crt"
    monkeypatch.setattr(SSL, "_CERTIFICATE_FILE_LOCATIONS", [str(file)])
    monkeypatch.setattr(SSL, "_CERTIFICATE_PATH_LOCATIONS", [])
    file.touch()
    context = SSL.Context(SSL.TLS_METHOD)
    with contextlib.suppress(SSL.Error):  # which is what these tests are about
        context.set_default_verify_paths()
        pytest.skip("this OpenSSL was built for the paths of this system")
    return file


def verifying() -> Context:
    return new_context(3, 1, "", "", "ALL")


@contextlib.contextmanager
def no_descriptor_left() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, limits[1]), limits[1]))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        yield
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_bundle_of_the_system_that_cannot_be_used(bundle: Path, authority: Authority) -> None:
    whole = Path(authority.ca_file).read_text()
    for contents in ("", "nothing here\n", whole[: len(whole) // 2], whole + whole[:200]):
        bundle.write_text(contents)
        with pytest.raises(SslError, match="damaged") as caught:
            verifying()
        assert str(bundle) in str(caught.value)
    bundle.write_text(whole)
    verifying()


def test_a_bundle_of_the_system_that_cannot_be_read(bundle: Path) -> None:
    bundle.chmod(0)
    with permissions.heeded(), pytest.raises(PermissionError) as caught:
        verifying()
    assert caught.value.filename == str(bundle)


def test_no_descriptor_left_for_the_bundle(bundle: Path, authority: Authority) -> None:
    bundle.write_text(Path(authority.ca_file).read_text())
    verifying()
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files") as caught:
        verifying()
    assert caught.value.errno == errno.EMFILE
    assert caught.value.filename == str(bundle)
    verifying()


@pytest.mark.parametrize("setting", ["cert_file", "key_file", "ca_file", "ca_dir", "SSL_CERT_FILE"])
def test_no_descriptor_left_for_a_file(
    setting: str, authority: Authority, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"ca_dir": str(Path(authority.ca_file).parent), "ca_file": authority.ca_file}
    cert = identity.cert_file if setting == "cert_file" else ""
    ca_file, ca_dir = (files[name] if setting == name else "" for name in ("ca_file", "ca_dir"))
    if setting == "SSL_CERT_FILE":
        monkeypatch.setenv(setting, authority.ca_file)
    if setting == "key_file":
        with pytest.raises(SslError, match="needs cert_file"):
            new_context(3, 1, "", identity.key_file, "ALL")
        cert = identity.cert_file
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files") as caught:
        new_context(3, 1, cert, cert and identity.key_file, "ALL", ca_dir, ca_file)
    assert caught.value.filename in (cert, ca_file, ca_dir, authority.ca_file)


@pytest.mark.parametrize("kind", ["missing", "directory", "garbage", "empty", "cut"])
def test_what_the_environment_may_name(
    kind: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The context is made; who is refused with it hears what was looked at."""
    file = tmp_path / kind
    contents = {"garbage": "x" * 5000, "empty": "", "cut": Path(authority.ca_file).read_text()[:99]}
    if kind == "directory":
        file.mkdir()
    elif kind in contents:
        file.write_text(contents[kind])
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    server = tlspair.context(
        cert_file=(mine := authority.issue()).cert_file, key_file=mine.key_file
    )
    told, _ = tlspair.attempt(verifying(), server)
    assert "no trusted authority was found: SSL_CERT_FILE is " in told
    assert str(file) in told


def test_a_system_with_a_folder_of_authorities_alone(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a trust store, and who is not in there is not trusted: no more."""
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "01234567.0").write_text(Path(authority.ca_file).read_text())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(SSL, "_CERTIFICATE_FILE_LOCATIONS", [])
    monkeypatch.setattr(SSL, "_CERTIFICATE_PATH_LOCATIONS", [str(folder)])
    monkeypatch.setattr(verification, "_SYSTEM_STORES", (str(folder),))
    server = tlspair.context(
        cert_file=(mine := authority.issue()).cert_file, key_file=mine.key_file
    )
    told, _ = tlspair.attempt(verifying(), server)
    assert "its issuer is not trusted" in told


@pytest.mark.parametrize(
    "call",
    [
        "set_min_proto_version",
        "set_cipher_list",
        "check_privatekey",
        "set_default_verify_paths",
        "load_verify_locations",
        "set_tls13_ciphersuites",
        "__init__",
    ],
)
@pytest.mark.parametrize("told", [True, False], ids=["reason", "no-reason"])
def test_what_openssl_refuses_is_never_its_own_exception(
    call: str, told: bool, identity: Identity, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SSL.Error([("some library", "", "malloc failure")] if told else [])

    monkeypatch.setattr(SSL.Context, call, refuse)

    def settings(ca_file: str) -> None:
        made = new_context(3, 1, identity.cert_file, identity.key_file, "ALL", "", ca_file)
        made.client_get_psk_func = lambda _: ("", b"")

    for ca_file in ("", authority.ca_file):
        fails = ca_file == "" or call != "set_default_verify_paths"
        with pytest.raises(SslError) if fails else contextlib.nullcontext():
            settings(ca_file)


@pytest.mark.parametrize("server", [False, True])
def test_a_session_that_cannot_be_made(server: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SSL.Error([("BIO routines", "", "malloc failure")])

    context = plain_context()
    monkeypatch.setattr(SSL.Connection, "__init__", refuse)
    with tlspair.ends() as (a, _):
        with pytest.raises(SslError, match="OpenSSL cannot begin a session: malloc failure"):
            context.wrap_connected_socket(a, int(server), "localhost", 1000)
        assert not a.is_ssl()


def test_in_a_process_that_may_read_nothing(tmp_path: Path) -> None:
    """Whatever the user, and whatever this machine trusts: a context, or a declared error."""
    code = (
        "import nimnet, os\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: nimnet.new_context()\n"
        "except (nimnet.SslError, OSError): pass\n"
    )
    locked = tmp_path / "locked.pem"
    locked.touch(mode=0)
    subprocess.run(
        [sys.executable, "-c", "import nimnet_runtime.tls.context\n" + code],
        env={"PYTHONPATH": ":".join(sys.path), "SSL_CERT_FILE": str(locked)},
        check=True,
        timeout=60,
    )


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
