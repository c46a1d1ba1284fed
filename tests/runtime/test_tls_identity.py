"""A certificate and its key from memory, and what opens an encrypted key."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from harness import tlspair
from harness.authority import Authority, Identity, private_pem
from harness.tlspair import NONE, PEER
from nimnet_runtime.errors import SslError
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.identity import Password

SECRET = b"open sesame"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


def chain_of(identity: Identity) -> bytes:
    return Path(identity.cert_file).read_bytes()


def der_of(identity: Identity) -> bytes:
    return identity.certificate.public_bytes(serialization.Encoding.DER)


def der_key(
    identity: Identity,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
    password: bytes | None = None,
) -> bytes:
    return identity.key.private_bytes(
        serialization.Encoding.DER,
        form,
        serialization.NoEncryption()
        if password is None
        else serialization.BestAvailableEncryption(password),
    )


def traditional(identity: Identity, password: bytes) -> bytes:
    """The key in the form that OpenSSL had before PKCS #8 (RFC 1421)."""
    return identity.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(password),
    )


def serves(server: Context, authority: Authority) -> bool:
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    return tlspair.attempt(client, server) == ("", "")


# Forms.


def test_in_pem(authority: Authority, identity: Identity) -> None:
    server = Context(3, NONE, cert_data=chain_of(identity), key_data=private_pem(identity.key))
    assert serves(server, authority)


@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
def test_in_der(
    authority: Authority, identity: Identity, form: serialization.PrivateFormat
) -> None:
    server = Context(3, NONE, cert_data=der_of(identity), key_data=der_key(identity, form))
    assert serves(server, authority)


def test_certificate_and_key_in_one(authority: Authority, identity: Identity) -> None:
    both = private_pem(identity.key) + chain_of(identity)
    assert serves(Context(3, NONE, cert_data=both), authority)


@pytest.mark.parametrize("der", [False, True])
def test_with_intermediate_authorities(authority: Authority, tmp_path: Path, der: bool) -> None:
    between = Authority(tmp_path, "intermediate", parent=authority)
    mine = between.issue()
    data = chain_of(mine)
    if der:
        data = der_of(mine) + between.certificate.public_bytes(serialization.Encoding.DER)
    assert serves(Context(3, NONE, cert_data=data, key_file=mine.key_file), authority)


def test_one_from_a_file_and_one_from_memory(authority: Authority, identity: Identity) -> None:
    key = private_pem(identity.key)
    assert serves(Context(3, NONE, identity.cert_file, key_data=key), authority)
    server = Context(3, NONE, key_file=identity.key_file, cert_data=chain_of(identity))
    assert serves(server, authority)


def test_any_bytes_will_do(authority: Authority, identity: Identity) -> None:
    certificate = bytearray(chain_of(identity))
    key = memoryview(bytearray(private_pem(identity.key)))
    server = Context(3, NONE, cert_data=certificate, key_data=key)
    certificate[:] = bytes(len(certificate))
    assert serves(server, authority)


@pytest.mark.parametrize("der", [False, True])
def test_authorities(authority: Authority, identity: Identity, tmp_path: Path, der: bool) -> None:
    server = Context(3, NONE, identity.cert_file, identity.key_file)
    both = [Authority(tmp_path, "other").certificate, authority.certificate]
    encoding = serialization.Encoding.DER if der else serialization.Encoding.PEM
    data = [one.public_bytes(encoding) for one in both]
    client = Context(3, PEER, ca_data=b"".join(data))
    assert tlspair.attempt(client, server) == ("", "")
    told, _ = tlspair.attempt(Context(3, PEER, ca_data=data[0]), server)
    assert "its issuer is not trusted" in told


def test_authorities_from_a_file_and_from_memory(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    server = Context(3, NONE, identity.cert_file, identity.key_file)
    other = Authority(tmp_path, "other")
    data = Path(other.ca_file).read_bytes()
    client = Context(3, PEER, ca_file=authority.ca_file, ca_data=data)
    assert tlspair.attempt(client, server) == ("", "")
    mine = other.issue()
    server = Context(3, NONE, mine.cert_file, mine.key_file)
    assert tlspair.attempt(client, server) == ("", "")


# Passwords.


@pytest.mark.parametrize("password", [SECRET, lambda: SECRET, lambda: bytearray(SECRET)])
@pytest.mark.parametrize("form", [traditional, lambda one, secret: private_pem(one.key, secret)])
def test_an_encrypted_key(
    authority: Authority,
    identity: Identity,
    tmp_path: Path,
    password: Password,
    form: Callable[[Identity, bytes], bytes],
) -> None:
    locked = form(identity, SECRET)
    server = Context(3, NONE, cert_data=chain_of(identity), key_data=locked, key_password=password)
    assert serves(server, authority)
    (file := tmp_path / "locked.key").write_bytes(locked)
    server = Context(3, NONE, identity.cert_file, str(file), key_password=password)
    assert serves(server, authority)


def test_a_password_for_a_key_that_needs_none(authority: Authority, identity: Identity) -> None:
    asked: list[bool] = []

    def ask() -> bytes:
        asked.append(True)
        return SECRET

    for password in (SECRET, ask):
        server = Context(3, NONE, identity.cert_file, identity.key_file, key_password=password)
        assert serves(server, authority)
    assert asked == []


@pytest.mark.parametrize("form", [traditional, lambda one, secret: private_pem(one.key, secret)])
@pytest.mark.parametrize(
    ("password", "told"),
    [
        (b"", "is encrypted: pass key_password"),
        (lambda: b"", "is encrypted: pass key_password"),
        (b"open barley", "key_password is not its password"),
        (lambda: b"open barley", "key_password is not its password"),
        (b"x" * 2000, "key_password has 2000 bytes; at most 10"),
    ],
)
def test_a_wrong_password(
    identity: Identity,
    form: Callable[[Identity, bytes], bytes],
    password: Password,
    told: str,
) -> None:
    with pytest.raises(SslError, match=told) as caught:
        Context(
            3,
            NONE,
            cert_data=chain_of(identity),
            key_data=form(identity, SECRET),
            key_password=password,
        )
    assert "barley" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_the_function_raises(identity: Identity) -> None:
    def fail() -> bytes:
        raise LookupError("the safe is closed")

    with pytest.raises(SslError, match="key_password raised LookupError") as caught:
        locked_with(identity, fail)
    assert isinstance(caught.value.__cause__, LookupError)


@pytest.mark.parametrize("returned", ["text", 7, None])
def test_what_the_function_returns_is_bytes(identity: Identity, returned: Any) -> None:
    kind = type(returned).__name__
    with pytest.raises(SslError, match=f"key_password must return bytes, not {kind}$") as caught:
        locked_with(identity, lambda: returned)
    assert caught.value.__cause__ is None


def test_what_is_no_exception_comes_out_as_itself(identity: Identity) -> None:
    def interrupt() -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        locked_with(identity, interrupt)


def locked_with(identity: Identity, password: Password) -> Context:
    key = private_pem(identity.key, SECRET)
    return Context(3, NONE, identity.cert_file, key_data=key, key_password=password)


def test_nobody_is_asked_at_the_terminal(identity: Identity, tmp_path: Path) -> None:
    """With a terminal to ask at, and one that answers rightly."""
    (file := tmp_path / "locked.key").write_bytes(private_pem(identity.key, SECRET))
    source = f"""
import os, pty
child, terminal = pty.fork()
if not child:
    from nimnet_runtime.tls.context import Context
    try:
        Context(3, 0, {identity.cert_file!r}, {str(file)!r})
    except Exception as error:
        print(type(error).__name__)
    os._exit(0)
os.write(terminal, {SECRET!r} + b"\\n")
told = b""
try:
    while part := os.read(terminal, 4096):
        told += part
except OSError:  # the end of a terminal
    pass
os.waitpid(child, 0)
print(told.decode())
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True
    )
    assert "SslError" in done.stdout
    assert "pass phrase" not in done.stdout.lower()


# What is refused.


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"cert_data": b"nothing"}, "cert_data cannot be used as a certificate in PEM or DER"),
        ({"cert_data": b"\x30\x03abc"}, "cert_data cannot be used as a certificate in PEM or DER"),
        ({"ca_data": b"nothing"}, "ca_data holds no certificates"),
        ({"ca_data": b"\x30\x03abc"}, "ca_data holds no certificates"),
        ({"key_data": b"nothing"}, "key_data needs cert_file or cert_data"),
        ({"key_password": b"x"}, "key_password needs a key"),
    ],
)
def test_what_is_none(settings: dict[str, bytes], told: str) -> None:
    with pytest.raises(SslError, match=told):
        Context(3, PEER, **settings)  # type: ignore[arg-type]  # each of its own type


@pytest.mark.parametrize("setting", ["ca_data", "cert_data", "key_data"])
def test_a_view_that_was_released(setting: str) -> None:
    view = memoryview(b"released")
    view.release()
    with pytest.raises(OSError, match=f"the memoryview {setting} has been released") as caught:
        Context(3, PEER, **{setting: view})  # type: ignore[arg-type]  # each of its own type
    assert caught.value.errno == errno.EINVAL


def test_a_view_of_no_dimensions() -> None:
    with pytest.raises(SslError, match="ca_data holds no certificates"):
        Context(3, PEER, ca_data=memoryview(b"x").cast("B", ()))


@pytest.mark.parametrize("damage", [lambda pem: pem[:-40], lambda pem: pem.replace(b"M", b"?")])
@pytest.mark.parametrize("setting", ["cert_data", "ca_data"])
def test_damaged(identity: Identity, damage: Callable[[bytes], bytes], setting: str) -> None:
    data = chain_of(identity) + damage(chain_of(identity))
    with pytest.raises(SslError, match=setting):
        Context(3, PEER, **{setting: data})  # type: ignore[arg-type]  # each of its own type


def test_der_and_something_behind_it(identity: Identity) -> None:
    with pytest.raises(SslError, match="ca_data holds no certificates"):
        Context(3, PEER, ca_data=der_of(identity) + b"more")


def test_a_key_that_is_none(identity: Identity) -> None:
    told = "key_data holds no private key in PEM form"
    for data in (b"nothing", b"\x30\x03abc", chain_of(identity)):
        with pytest.raises(SslError, match=told):
            Context(3, NONE, cert_data=chain_of(identity), key_data=data)
    with pytest.raises(SslError, match=told):
        Context(
            3,
            NONE,
            cert_data=chain_of(identity),
            key_data=der_key(identity, password=SECRET),
            key_password=SECRET,
        )


def test_a_key_of_another(authority: Authority, identity: Identity) -> None:
    other = private_pem(authority.issue().key)
    with pytest.raises(SslError, match="key_data does not belong to the certificate in cert_data"):
        Context(3, NONE, cert_data=chain_of(identity), key_data=other)


@pytest.mark.parametrize("which", ["cert", "key"])
def test_twice(identity: Identity, which: str) -> None:
    given = {f"{which}_data": b"x"}
    with pytest.raises(SslError, match=f"{which}_file and {which}_data are two of one"):
        Context(3, NONE, identity.cert_file, identity.key_file, **given)  # type: ignore[arg-type]  # each of its own type


def test_authorities_in_memory_for_a_context_that_verifies_nothing(authority: Authority) -> None:
    with pytest.raises(SslError, match="need verify_mode=C_VERIFY_PEER"):
        Context(3, NONE, ca_data=Path(authority.ca_file).read_bytes())
