"""A local certificate authority, made for one test run: the certificates that tests need, as files.

Keys are elliptic (P-256) unless a test asks for something weaker: they cost next to nothing.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, as files in PEM form.

    Attributes:
        cert_file: The certificate, then the issuers that were asked for.
        key_file: The key, not encrypted.
        certificate: The certificate itself.
        key: The key itself.
    """

    cert_file: str
    key_file: str
    certificate: x509.Certificate
    key: Key


class Authority:
    """An authority with a root of its own.

    Attributes:
        ca_file: The root certificate, for those who trust it.
        certificate: The root certificate, or that of this intermediate authority.
        folder: Where the files are.
    """

    def __init__(
        self,
        folder: Path,
        name: str = "nimnet test root",
        *,
        parent: Authority | None = None,
        ends: datetime.timedelta = 365 * DAY,
        entitled: bool = True,
        permitted: Sequence[str] = (),
    ) -> None:
        """Makes the authority's key and certificate.

        Args:
            folder: Where to write files.
            name: The common name.
            parent: Who vouches for this authority; itself without.
            ends: When its certificate ends to be valid, seen from now.
            entitled: Whether the certificate says that it is an authority's.
            permitted: The only domains that it may vouch for; any without.
        """
        self.folder = folder
        self._parent = parent
        self._key: Key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        issuer = parent or self
        builder = (
            _dated(self._name, issuer._name, self._key, issuer._key, -2 * DAY, ends)
            .add_extension(x509.BasicConstraints(ca=entitled, path_length=None), critical=True)
            .add_extension(_key_usage(authority=entitled), critical=True)
        )
        if permitted:
            domains = [x509.DNSName(domain) for domain in permitted]
            builder = builder.add_extension(x509.NameConstraints(domains, None), critical=True)
        self.certificate = builder.sign(issuer._key, hashes.SHA256())
        self._count = 0
        self.ca_file = self._write(f"{name.replace(' ', '-')}.pem", [self.certificate])

    def issue(
        self,
        *,
        names: Sequence[str] = ("localhost",),
        addresses: Sequence[str] = ("127.0.0.1", "::1"),
        common_name: str = "",
        purposes: Sequence[x509.ObjectIdentifier] = (SERVER, CLIENT),
        begins: datetime.timedelta = -DAY,
        ends: datetime.timedelta = 30 * DAY,
        weak: bool = False,
        self_signed: bool = False,
        chain: Iterable[x509.Certificate] | None = None,
    ) -> Identity:
        """Issues a certificate.

        Args:
            names: Host names among the subject alternative names.
            addresses: IP addresses there; without any of both there is no such extension.
            common_name: That of the subject; "" for an empty subject.
            purposes: The extended key usages.
            begins: When it begins to be valid, seen from now.
            ends: When it ends.
            weak: An RSA key of 1024 bits.
            self_signed: Signed with its own key, not by this authority.
            chain: The certificates after it in `cert_file`; its intermediate issuers if not given.
        """
        key: Key = (
            rsa.generate_private_key(65537, 1024)
            if weak
            else ec.generate_private_key(ec.SECP256R1())
        )
        subject = _named(common_name)
        builder = (
            _dated(
                subject,
                subject if self_signed else self._name,
                key,
                key if self_signed else self._key,
                begins,
                ends,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        )
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
        alternatives += [x509.IPAddress(ipaddress.ip_address(text)) for text in addresses]
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=not common_name
            )
        certificate = builder.sign(key if self_signed else self._key, hashes.SHA256())
        self._count += 1
        stem = f"{id(self):x}-{self._count}"
        key_file = self.folder / f"{stem}.key"
        key_file.write_bytes(private_pem(key))
        issuers = [] if self_signed else self.intermediates() if chain is None else list(chain)
        cert_file = self._write(f"{stem}.pem", [certificate, *issuers])
        return Identity(cert_file, str(key_file), certificate, key)

    def intermediates(self) -> list[x509.Certificate]:
        """Returns this authority's certificate and those above it, without the root."""
        return [] if self._parent is None else [self.certificate, *self._parent.intermediates()]

    def _write(self, name: str, certificates: Iterable[x509.Certificate]) -> str:
        return write_chain(self.folder / name, certificates)


def write_chain(path: Path, certificates: Iterable[x509.Certificate]) -> str:
    """Writes certificates in PEM form, in the order given; returns the path."""
    pem = (certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)
    path.write_bytes(b"".join(pem))
    return str(path)


def private_pem(key: Key, password: bytes | None = None) -> bytes:
    """Returns a key in PEM form (PKCS #8), encrypted if there is a password."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def _named(common_name: str) -> x509.Name:
    if not common_name:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _dated(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    issuer_key: Key,
    begins: datetime.timedelta,
    ends: datetime.timedelta,
) -> x509.CertificateBuilder:
    """Begins a certificate with what RFC 5280 section 4.2.1 demands of every one."""
    now = datetime.datetime.now(datetime.UTC)
    issuer_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_identifier, critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
