"""Certificates and private keys out of bytes, in PEM (RFC 7468) or in DER."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from nimnet_runtime.tls.bindings.errorqueue import OpenSslError, succeed, take_reasons
from nimnet_runtime.tls.bindings.library import ffi, lib

Encoded: TypeAlias = bytes | bytearray | memoryview
"""What is in PEM or in DER."""
AskPassword: TypeAlias = Callable[[int], bytes]
"""From the most bytes that a password may have to the password, b"" for none; never raises."""

_BEGIN: Final = b"-----BEGIN "
_ENDED: Final = "no start line"
"""OpenSSL's reason for finding no certificate where none follows."""


def certificates(encoded: Encoded) -> list[Any]:
    """Returns the certificates that are there, at least one; they free themselves.

    See PEM_read_bio_X509(3) and d2i_X509_bio(3). DER may have several, one behind the other.

    Raises:
        OpenSslError: There is none, or something in its place.
    """
    lib.ERR_clear_error()
    data = bytes(encoded)
    source = _source(data)
    found: list[Any] = []
    if _BEGIN not in data:
        while not found or lib.BIO_get_mem_data(source, ffi.NULL):
            found.append(_owned(lib.d2i_X509_bio(source, ffi.NULL), lib.X509_free))
        return found
    while True:
        certificate = lib.PEM_read_bio_X509(source, ffi.NULL, no_password, ffi.NULL)
        if certificate == ffi.NULL:
            break
        found.append(ffi.gc(certificate, lib.X509_free))
    reasons = take_reasons()
    if not found or any(reason.text != _ENDED for reason in reasons):
        raise OpenSslError(reasons)
    return found


def private_key(encoded: Encoded, ask: AskPassword) -> Any:
    """Returns the private key that is there, which frees itself.

    See PEM_read_bio_PrivateKey(3) and d2i_PrivateKey_bio(3).

    Args:
        encoded: PEM, or DER that is not encrypted.
        ask: Called if the key is encrypted.

    Raises:
        OpenSslError: There is none, or the password does not open it.
    """
    lib.ERR_clear_error()
    data = bytes(encoded)
    source = _source(data)
    if _BEGIN not in data:
        return _owned(lib.d2i_PrivateKey_bio(source, ffi.NULL), lib.EVP_PKEY_free)
    asking = ffi.new_handle(ask)
    key = lib.PEM_read_bio_PrivateKey(source, ffi.NULL, _ask_password, asking)
    return _owned(key, lib.EVP_PKEY_free)


def _source(data: bytes) -> Any:
    memory = ffi.from_buffer(data)
    source = lib.BIO_new_mem_buf(memory, len(data))
    succeed(source != ffi.NULL)
    # The memory lives as long as the destructor, which refers to it.
    return ffi.gc(source, lambda bio, _memory=memory: lib.BIO_free(bio))


def _owned(value: Any, free: Any) -> Any:
    succeed(value != ffi.NULL)
    return ffi.gc(value, free)


# They belong to the module: no context, however long it lives, can outlive them.


@ffi.callback("int(char *, int, int, void *)", error=0)  # type: ignore[untyped-decorator]  # cffi has no types
def no_password(_buffer: Any, _size: int, _writing: int, _data: Any) -> int:
    """Answers that there is no password: OpenSSL itself would ask at the terminal."""
    return 0


@ffi.callback("int(char *, int, int, void *)", error=-1)  # type: ignore[untyped-decorator]  # cffi has no types
def _ask_password(buffer: Any, size: int, _writing: int, asking: Any) -> int:
    password = ffi.from_handle(asking)(size)
    ffi.memmove(buffer, password, len(password))
    return len(password) or -1  # 0 would be an empty one
