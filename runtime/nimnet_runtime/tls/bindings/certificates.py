"""Whom the peer's certificate must be for, and what OpenSSL has found out about it."""

from calendar import timegm
from time import strptime
from typing import Any

from OpenSSL.crypto import FILETYPE_ASN1, Error, load_certificate

from nimnet_runtime.tls.bindings.datapath import Ssl
from nimnet_runtime.tls.bindings.errorqueue import succeed
from nimnet_runtime.tls.bindings.library import ffi, lib, text_of


def require_host(ssl: Ssl, name: bytes) -> None:
    """Makes the handshake fail unless the certificate is for this host (RFC 9525).

    See X509_VERIFY_PARAM_set1_host(3).

    Raises:
        OpenSslError: No host can have this name.
    """
    succeed(_takes_host(_strict_parameters(ssl), name))


def can_require_host(name: bytes) -> bool:
    """Tells whether `require_host` would take this name, without a connection."""
    parameters = lib.X509_VERIFY_PARAM_new()
    if parameters == ffi.NULL:
        raise MemoryError
    try:
        return _takes_host(parameters, name)
    finally:
        lib.X509_VERIFY_PARAM_free(parameters)
        lib.ERR_clear_error()


def _takes_host(parameters: Any, name: bytes) -> bool:
    # OpenSSL 4 refuses a wildcard as the name itself, which to older ones matches that wildcard. It
    # also refuses a name of one character, and what is no letter, digit, hyphen or underscore.
    if b"*" in name:
        return False
    return bool(lib.X509_VERIFY_PARAM_set1_host(parameters, name, len(name)) == 1)


def require_address(ssl: Ssl, packed: bytes) -> None:
    """Makes the handshake fail unless the certificate is for this IP address.

    Raises:
        OpenSslError: These are neither 4 nor 16 bytes.
    """
    succeed(lib.X509_VERIFY_PARAM_set1_ip(_strict_parameters(ssl), packed, len(packed)))


def _strict_parameters(ssl: Ssl) -> Any:
    parameters = lib.SSL_get0_param(ssl)
    lib.X509_VERIFY_PARAM_set_hostflags(
        parameters,
        lib.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | lib.X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
    )
    return parameters


def end_of(certificate: bytes) -> float:
    """Returns when a certificate in DER stops being valid: seconds since the epoch.

    0 if it does not tell in a way that OpenSSL understands; then it does not verify either.
    """
    try:
        told = load_certificate(FILETYPE_ASN1, certificate).get_notAfter()
        return timegm(strptime((told or b"").decode(), "%Y%m%d%H%M%SZ"))
    except (ValueError, Error):
        return 0


def are_verified(ssl: Ssl) -> bool:
    """Tells whether a certificate that does not verify ends the handshake (SSL_set_verify(3))."""
    mode: int = lib.SSL_get_verify_mode(ssl)
    return bool(mode & lib.SSL_VERIFY_PEER)


def verify_result(ssl: Ssl) -> tuple[int, str]:
    """Returns the result of the certificate check, 0 for none or good, and OpenSSL's text for it.

    See SSL_get_verify_result(3) and X509_verify_cert_error_string(3).
    """
    code = lib.SSL_get_verify_result(ssl)
    return code, text_of(lib.X509_verify_cert_error_string(code))
