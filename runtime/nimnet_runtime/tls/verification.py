"""Whom to trust, and the name that a server's certificate must carry.

Certificates are checked by OpenSSL inside the handshake, so that nothing is sent to an impostor:
the chain, the dates, the purpose, the strength of keys and signatures (security level 2), and the
host name or IP address as RFC 6125 and RFC 9525 want it: subject alternative names only, never
the common name; a wildcard stands for one whole label.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from OpenSSL import SSL

from nimnet_runtime import hosts
from nimnet_runtime.errors import SslCertificateError, SslError, invalid, quoted
from nimnet_runtime.tls import codes
from nimnet_runtime.tls.bindings import certificates, contexts, errorqueue
from nimnet_runtime.tls.bindings.pem import Encoded
from nimnet_runtime.tls.files import checked_path, named, read_bytes
from nimnet_runtime.tls.live import LiveContext
from nimnet_runtime.tls.machine import Machine

_SYSTEM_STORES: tuple[str, ...] = (
    "/etc/ssl/certs",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
"""Where systems keep the public authorities."""

_ADVICE: Final = {
    "unable to get local issuer certificate": (
        "its issuer is not trusted, or the peer did not send its intermediate certificates;"
        " an authority of your own is trusted with ca_file, ca_dir, ca_data, SSL_CERT_FILE or"
        " SSL_CERT_DIR"
    ),
    "self-signed certificate": "pass the certificate itself as ca_file or ca_data to trust it",
    "self-signed certificate in certificate chain": (
        "the root that the peer sent is not trusted; pass it as ca_file or ca_data if it should be"
    ),
    "certificate has expired": "it, or one of its issuers, is past its end date",
    "certificate is not yet valid": "compare the clock of this machine",
    "EE certificate key too weak": "OpenSSL's security level wants RSA keys of 2048 bits or more",
    "CA certificate key too weak": "OpenSSL's security level wants RSA keys of 2048 bits or more",
}
"""What to do about a refused certificate, by OpenSSL's name for the reason."""


class ServerName(NamedTuple):
    """The name a client asks for: a host name or an IP address.

    Attributes:
        text: As the caller wrote it; "" for none.
        host: The host name in ASCII (A-labels), without a trailing dot.
        address: The IP address, 4 or 16 bytes.
    """

    text: str
    host: bytes | None = None
    address: bytes | None = None

    def is_of(self, other: "ServerName") -> bool:
        """Tells whether both are one name, whatever their letters' case."""
        mine, theirs = self.host or b"", other.host or b""
        return mine.lower() == theirs.lower() and self.address == other.address


def server_name(parameter: str, text: str) -> ServerName:
    """Reads what the caller wants to talk to.

    Args:
        parameter: What the caller's caller knows the text as.
        text: A host name or an IP address; empty for nobody in particular.

    Raises:
        OSError: `EINVAL`, because the text can be neither a host name nor an IP address.
    """
    if not text:
        return ServerName("")
    host = hosts.read(parameter, text)
    if isinstance(host, str):
        raise invalid(host)
    if host.packed:
        return ServerName(text, address=host.packed)
    return ServerName(text, host=host.name.removesuffix(b"."))


def check_verifiable(name: ServerName) -> None:
    """Refuses a name that no certificate could be checked for.

    Raises:
        OSError: `EINVAL`.
    """
    if name.host is not None and not certificates.can_require_host(name.host):
        raise _unverifiable(name)


def _unverifiable(name: ServerName) -> OSError:
    return invalid(
        f"no certificate can be verified for the host name {quoted(name.text)}: OpenSSL takes names"
        " of two characters or more, with letters, digits, hyphens and underscores between the"
        " dots, and no label that begins or ends with a hyphen"
    )


def require(machine: Machine, name: ServerName) -> bool:
    """Asks the server for `name`, and has its certificate checked against it.

    It is so whatever the verify mode is, which decides what comes of the check: a program may
    change it on the connection, and no mode may count as one that has looked at the name and has
    not.

    Returns:
        Whether the certificate is checked against a name.

    Raises:
        OSError: `EINVAL`, because OpenSSL finds that no host can have this name, and certificates
            are to be verified.
    """
    if name.address is not None:
        machine.require_address(name.address)  # RFC 6066: an address is never a server name
        return True
    if name.host is None:
        return False
    machine.send_server_name(name.host)
    try:
        machine.require_host(name.host)
    except errorqueue.OpenSslError:
        if machine.verifies():
            raise _unverifiable(name) from None
        return False
    return True


def trust(
    context: LiveContext, ca_file: str, ca_dir: str, ca_data: Encoded, *, environment: bool
) -> None:
    """Loads the authorities to trust: those given, or else those of the system; and verifies.

    A server demands certificates of its clients if the authorities were given. It also tells
    clients the names of those in `ca_file` and `ca_data`, by which they choose a certificate.

    Args:
        context: Where to.
        ca_file: PEM file of authorities; "" for none.
        ca_dir: Directory of authorities, named by openssl-rehash(1); "" for none.
        ca_data: As `ca_file`, its contents, or in DER.
        environment: Whether SSL_CERT_FILE and SSL_CERT_DIR give a server its authorities, too,
            where they name others than the system's own.

    Raises:
        OSError: A file or directory cannot be read.
        SslError: A file holds no certificate, or a damaged one.
    """
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    if not (ca_file or ca_dir or ca_data):
        _trust_the_system(context)
        context.judges_clients = environment and _environment_names_authorities()
        return
    if ca_dir:
        folder = Path(checked_path("ca_dir", ca_dir))
        with named("ca_dir", ca_dir):
            next(folder.iterdir(), None)
    if ca_file:
        read_bytes("ca_file", ca_file)
    try:
        if ca_file or ca_dir:
            context.load_verify_locations(ca_file or None, ca_dir or None)
        if ca_file:
            contexts.name_client_authorities(context, os.fsencode(ca_file))
    except (SSL.Error, errorqueue.OpenSslError):
        if not ca_file:
            raise
        raise _without_certificates("ca_file", ca_file) from None
    if ca_data:
        context.trust(ca_data)


def _trust_the_system(context: LiveContext) -> None:
    try:
        context.set_default_verify_paths()  # with SSL_CERT_FILE and SSL_CERT_DIR
    except SSL.Error:
        file = os.fsdecode(context.location)
        if not file:
            raise
        raise _without_certificates("the system's bundle of authorities", file) from None
    if not contexts.trusted_count(context):
        # OpenSSL does not tell whether it could open the file that the environment names.
        _check_descriptor_left(os.environ.get("SSL_CERT_FILE"))
        context.empty_store = _empty_store()


def _without_certificates(what: str, file: str) -> SslError:
    """Returns the error for a file that OpenSSL refuses.

    Raises:
        OSError: It cannot be read; the error names it.
    """
    read_bytes(what, file)
    return SslError(
        f"{what} {quoted(file)} holds no certificates in PEM form (BEGIN CERTIFICATE), or a"
        " damaged one"
    )


def _check_descriptor_left(file: str | None) -> None:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        raise OSError(error.errno, error.strerror, file) from None


def _environment_names_authorities() -> bool:
    return any(
        name and not _is_of_the_system(name)
        for name in (
            os.environ.get("SSL_CERT_FILE"),
            *os.environ.get("SSL_CERT_DIR", "").split(os.pathsep),
        )
    )


def _is_of_the_system(name: str) -> bool:
    for store in _SYSTEM_STORES:
        with suppress(OSError, ValueError):  # one of the two is missing
            if Path(name).samefile(store):
                return True
    return False


def _empty_store() -> str:
    file, directory = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    system = file is None and directory is None
    folders = _SYSTEM_STORES if system else (directory or "").split(os.pathsep)
    if any(_has_entries(folder) for folder in folders if folder):
        return ""
    if system:
        seen = "the system has no trust store (is its package ca-certificates installed?)"
    else:
        seen = f"SSL_CERT_FILE is {_shown(file)}, SSL_CERT_DIR is {_shown(directory)}"
    return (
        f"no trusted authority was found: {seen}; set SSL_CERT_FILE to a PEM file of authorities,"
        " or pass ca_file, ca_dir or ca_data"
    )


def _shown(variable: str | None) -> str:
    return quoted(variable) if variable else "not set"


def _has_entries(folder: str) -> bool:
    try:
        return any(Path(folder).iterdir())
    except (OSError, ValueError):
        return False


def refused(
    doing: str, code: int, reason: str, name: ServerName, empty_store: str
) -> SslCertificateError:
    """Returns the error for a refused certificate.

    Args:
        doing: What has failed by that.
        code: OpenSSL's `X509_V_ERR_*`; 0 where it has none.
        reason: OpenSSL's text for it.
        name: Whom the client wanted; without text on a server.
        empty_store: See `LiveContext`.
    """
    failed = "certificate verify failed"
    if code == 0:
        return SslCertificateError(f"{doing}: {failed}", reason=failed)
    message = f"{doing}: {failed}: {_advised(reason, name, empty_store)}"
    return SslCertificateError(
        message, reason=reason, verify_code=code, verify_name=codes.verify_name(code)
    )


def _advised(reason: str, name: ServerName, empty_store: str) -> str:
    if reason.lower() in ("hostname mismatch", "ip address mismatch"):
        return f"{reason}: the certificate is not valid for {quoted(name.text)}"
    if empty_store:
        return f"{reason}; {empty_store}"
    advice = _ADVICE.get(reason)
    return f"{reason} ({advice})" if advice else reason
