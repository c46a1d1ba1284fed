"""What a context is told and asked: certificates, keys, authorities, suites."""

from collections.abc import Callable
from typing import Any, TypeAlias

from OpenSSL import SSL

from nimnet_runtime.tls.bindings.errorqueue import succeed
from nimnet_runtime.tls.bindings.library import ffi, lib

AlpnSelected: TypeAlias = "bytes | SSL._NoOverlappingProtocols"
"""What an ALPN callback returns."""
AlpnSelect: TypeAlias = Callable[[SSL.Connection, list[bytes]], AlpnSelected]


def load_certificates(context: SSL.Context, cert_file: bytes) -> None:
    """Loads the certificate and the chain that follows it from a PEM file.

    See SSL_CTX_use_certificate_chain_file(3).

    Raises:
        OpenSslError: The file holds no certificate, or one that OpenSSL's policy refuses.
    """
    lib.ERR_clear_error()
    lib.SSL_CTX_set_default_passwd_cb(context._context, _no_password)
    succeed(lib.SSL_CTX_use_certificate_chain_file(context._context, cert_file))


def load_private_key(context: SSL.Context, key_file: bytes) -> None:
    """Loads the private key from a PEM file and compares it with the certificate.

    See SSL_CTX_use_PrivateKey_file(3).

    Raises:
        OpenSslError: The file holds no usable key, an encrypted one or that of another
            certificate.
    """
    lib.ERR_clear_error()
    lib.SSL_CTX_set_default_passwd_cb(context._context, _no_password)
    succeed(lib.SSL_CTX_use_PrivateKey_file(context._context, key_file, lib.SSL_FILETYPE_PEM))


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


# It belongs to the module: no context, however long it lives, can outlive it.


@ffi.callback("int(char *, int, int, void *)", error=0)  # type: ignore[untyped-decorator]  # cffi has no types
def _no_password(_buffer: Any, _size: int, _writing: int, _data: Any) -> int:
    return 0  # OpenSSL itself would ask at the terminal
