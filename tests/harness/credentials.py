"""The certificates and keys of scenarios: files that are made once in each process, when needed."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate as Certificate509
from cryptography.x509 import load_pem_x509_certificate

from harness import places
from harness.authority import CLIENT, DAY, Authority, Identity, private_pem
from harness.programs import missing

Certificate: TypeAlias = Literal["valid", "other_host", "expired", "untrusted"]
"""Which certificate a peer that serves shows."""

NAME: Final = "localhost"
"""The name that a valid certificate is for, besides the two loopback addresses."""
PSK_IDENTITY: Final = "client"
PSK_KEY: Final = bytes(range(1, 33))
PSK_HINT: Final = "hint"
KEY_PASSWORD: Final = b"open sesame"


@dataclass(frozen=True)
class Files:
    """What is on disk.

    Attributes:
        folder: Where the files are, and nothing of another name.
        ca_file: The root that all but the untrusted one come from.
        other_ca_file: The root of the untrusted one.
        servers: A server's identity of each kind.
        client: A client's identity.
        self_signed_file: A certificate and its key in one file; "" without the `openssl` program.
        locked_key_file: The key of the valid server, encrypted.
    """

    folder: Path
    ca_file: str
    other_ca_file: str
    servers: dict[str, Identity]
    client: Identity
    self_signed_file: str
    locked_key_file: str


_making: Final = threading.Lock()
"""Held while the files are made: else a peer's thread could make, and trust, others of its own."""


def files() -> Files:
    """Return the files, which live as long as the process."""
    with _making:
        return _files()


@functools.cache
def _files() -> Files:
    temporary = places.temporary_folder("credentials")  # a step may try one as a socket's path
    atexit.register(temporary.cleanup)
    folder = Path(temporary.name)
    authority, other = Authority(folder), Authority(folder, name="another authority")
    valid = authority.issue()
    locked = folder / "locked.key"
    locked.write_bytes(private_pem(valid.key, KEY_PASSWORD))
    return Files(
        folder,
        authority.ca_file,
        other.ca_file,
        {
            "valid": valid,
            "other_host": authority.issue(names=["other.example"], addresses=[]),
            "expired": authority.issue(begins=-2 * DAY, ends=-DAY),
            "untrusted": other.issue(),
        },
        authority.issue(names=[], addresses=[], common_name=PSK_IDENTITY, purposes=[CLIENT]),
        _self_signed(folder / "self-signed.pem"),
        str(locked),
    )


def _self_signed(path: Path) -> str:
    """Have `openssl req` make a certificate as the documentation says, but with a longer key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return ""
    command = [openssl, "req", "-x509", "-nodes", "-days", "365", "-newkey", "rsa:2048"]
    command += ["-keyout", str(path), "-out", str(path), "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1,IP:::1"]
    subprocess.run(command, check=True, capture_output=True)
    return str(path)


def _der(certificate: Certificate509) -> bytes:
    return certificate.public_bytes(Encoding.DER)


class Credentials:
    """The names of the specification for these files and keys; the base of whoever offers them."""

    @property
    def name(self) -> str:
        """The name that the peer's certificate is for."""
        return NAME

    @property
    def ca_file(self) -> str:
        """The root that valid certificates come from."""
        return files().ca_file

    @property
    def other_ca_file(self) -> str:
        """A root that they do not come from."""
        return files().other_ca_file

    @property
    def cert_file(self) -> str:
        """A server's certificate for `name` and the loopback addresses."""
        return files().servers["valid"].cert_file

    @property
    def key_file(self) -> str:
        """The key of `cert_file`."""
        return files().servers["valid"].key_file

    @property
    def self_signed_file(self) -> str:
        """A certificate that signs itself, for the same names, with its key."""
        return files().self_signed_file or missing("the program openssl")

    @property
    def client_cert_file(self) -> str:
        """A client's certificate."""
        return files().client.cert_file

    @property
    def client_key_file(self) -> str:
        """The key of `client_cert_file`."""
        return files().client.key_file

    @property
    def missing_file(self) -> str:
        """A path at which there is no file."""
        return str(files().folder / "missing.pem")

    @property
    def cert_der(self) -> bytes:
        """The certificate of `cert_file` in DER."""
        return _der(files().servers["valid"].certificate)

    @property
    def ca_der(self) -> bytes:
        """The certificate of `ca_file` in DER."""
        return _der(load_pem_x509_certificate(Path(self.ca_file).read_bytes()))

    @property
    def client_cert_der(self) -> bytes:
        """The certificate of `client_cert_file` in DER."""
        return _der(files().client.certificate)

    @property
    def locked_key_file(self) -> str:
        """The key of `cert_file`, encrypted."""
        return files().locked_key_file

    @property
    def key_password(self) -> bytes:
        """What opens `locked_key_file`."""
        return KEY_PASSWORD

    @property
    def ca_data(self) -> bytes:
        """What `ca_file` holds."""
        return Path(self.ca_file).read_bytes()

    @property
    def other_ca_data(self) -> bytes:
        """What `other_ca_file` holds."""
        return Path(self.other_ca_file).read_bytes()

    @property
    def cert_data(self) -> bytes:
        """What `cert_file` holds."""
        return Path(self.cert_file).read_bytes()

    @property
    def key_data(self) -> bytes:
        """What `key_file` holds."""
        return Path(self.key_file).read_bytes()

    @property
    def key_der(self) -> bytes:
        """The same key in DER."""
        key = files().servers["valid"].key
        return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def client_key_data(self) -> bytes:
        """What `client_key_file` holds."""
        return Path(self.client_key_file).read_bytes()

    @property
    def locked_key_data(self) -> bytes:
        """What `locked_key_file` holds."""
        return Path(self.locked_key_file).read_bytes()

    @property
    def psk_identity(self) -> str:
        """The client's identity for the pre-shared key."""
        return PSK_IDENTITY

    @property
    def psk_key(self) -> bytes:
        """The pre-shared key."""
        return PSK_KEY

    @property
    def psk_hint(self) -> str:
        """The hint that a server gives in TLS 1.2."""
        return PSK_HINT
