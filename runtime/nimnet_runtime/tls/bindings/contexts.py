"""What a context is told and asked: certificates, keys, authorities, suites."""

from collections.abc import Callable
from typing import TypeAlias

from OpenSSL import SSL

from nimnet_runtime.tls.bindings import pem
from nimnet_runtime.tls.bindings.errorqueue import OpenSslError, succeed, take_reasons
from nimnet_runtime.tls.bindings.library import ffi, lib

AlpnSelected: TypeAlias = "bytes | SSL._NoOverlappingProtocols"
"""What an ALPN callback returns."""
AlpnSelect: TypeAlias = Callable[[SSL.Connection, list[bytes]], AlpnSelected]


def load_certificate_file(context: SSL.Context, cert_file: bytes) -> None:
    """Loads the certificate and the chain that follows it from a PEM file.

    See SSL_CTX_use_certificate_chain_file(3).

    Raises:
        OpenSslError: The file holds no certificate, or one that OpenSSL's policy refuses.
    """
    lib.ERR_clear_error()
    lib.SSL_CTX_set_default_passwd_cb(context._context, pem.no_password)
    succeed(lib.SSL_CTX_use_certificate_chain_file(context._context, cert_file))


def load_certificates(context: SSL.Context, encoded: pem.Encoded) -> None:
    """As `load_certificate_file`, from memory, in PEM or in DER.

    Raises:
        OpenSslError: As `load_certificate_file`.
    """
    own, *issuers = pem.certificates(encoded)
    succeed(lib.SSL_CTX_use_certificate(context._context, own))
    for issuer in issuers:
        lib.X509_up_ref(issuer)  # it becomes the context's
        if not lib.SSL_CTX_add_extra_chain_cert(context._context, issuer):
            lib.X509_free(issuer)
            raise OpenSslError(take_reasons())


def load_private_key(context: SSL.Context, encoded: pem.Encoded, ask: pem.AskPassword) -> None:
    """Loads a private key and compares it with the certificate.

    See SSL_CTX_use_PrivateKey(3).

    Args:
        context: Has the certificate.
        encoded: As for `pem.private_key`.
        ask: As for `pem.private_key`.

    Raises:
        OpenSslError: It is no usable key, an encrypted one or that of another certificate.
    """
    succeed(lib.SSL_CTX_use_PrivateKey(context._context, pem.private_key(encoded, ask)))


def trust(context: SSL.Context, encoded: pem.Encoded) -> None:
    """Trusts certificates, and lets a server tell clients so.

    See X509_STORE_add_cert(3) and SSL_CTX_add_client_CA(3).

    Raises:
        OpenSslError: There is none, or a damaged one.
    """
    store = lib.SSL_CTX_get_cert_store(context._context)
    for authority in pem.certificates(encoded):
        succeed(lib.X509_STORE_add_cert(store, authority))
        succeed(lib.SSL_CTX_add_client_CA(context._context, authority))


def name_client_authorities(context: SSL.Context, ca_file: bytes) -> None:
    """Lets a server tell clients whose certificates it accepts; see SSL_CTX_set_client_CA_list(3).

    Raises:
        OpenSslError: The file holds no certificate.
    """
    lib.ERR_clear_error()
    names = lib.SSL_load_client_CA_file(ca_file)
    succeed(names != ffi.NULL)
    lib.SSL_CTX_set_client_CA_list(context._context, names)


def trusted_count(context: SSL.Context) -> int:
    """Returns how many certificates the trust store has loaded; directories load as asked."""
    store = lib.SSL_CTX_get_cert_store(context._context)
    count: int = lib.sk_X509_OBJECT_num(lib.X509_STORE_get0_objects(store))
    return count


def suites(context: SSL.Context) -> list[str]:
    """Returns the cipher suites that connections may use, the preferred ones first.

    A `Connection` knows them too, but pyOpenSSL freezes the settings of a context that has one.
    """
    connection = ffi.gc(lib.SSL_new(context._context), lib.SSL_free)
    names: list[str] = []
    while (name := lib.SSL_get_cipher_list(connection, len(names))) != ffi.NULL:
        names.append(ffi.string(name).decode())
    return names
