"""The library and its memory, as Python's bindings have them: names that are looked up once.

A build that lacks one of them is refused with an `SslError` that names it. What is imported from
here has no type; the other rooms of this package give it one.
"""

from typing import Any

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from nimnet_runtime.errors import SslError

_REQUIRED: tuple[str, ...] = (
    "BIO_free",
    "BIO_get_mem_data",
    "BIO_new",
    "BIO_new_mem_buf",
    "BIO_read",
    "BIO_s_mem",
    "BIO_write",
    "ERR_GET_REASON",
    "ERR_clear_error",
    "ERR_get_error",
    "ERR_peek_error",
    "ERR_reason_error_string",
    "EVP_PKEY_free",
    "PEM_read_bio_PrivateKey",
    "PEM_read_bio_X509",
    "SSL_CTX_add_client_CA",
    "SSL_CTX_add_extra_chain_cert",
    "SSL_CTX_get_cert_store",
    "SSL_CTX_set_alpn_select_cb",
    "SSL_CTX_set_client_CA_list",
    "SSL_CTX_set_default_passwd_cb",
    "SSL_CTX_set_psk_client_callback",
    "SSL_CTX_set_psk_server_callback",
    "SSL_CTX_set_session_id_context",
    "SSL_CTX_use_PrivateKey",
    "SSL_CTX_use_certificate",
    "SSL_CTX_use_certificate_chain_file",
    "SSL_CTX_use_psk_identity_hint",
    "SSL_ERROR_WANT_READ",
    "SSL_ERROR_ZERO_RETURN",
    "SSL_MODE_ENABLE_PARTIAL_WRITE",
    "SSL_MODE_RELEASE_BUFFERS",
    "SSL_OP_IGNORE_UNEXPECTED_EOF",
    "SSL_TLSEXT_ERR_ALERT_FATAL",
    "SSL_TLSEXT_ERR_NOACK",
    "SSL_TLSEXT_ERR_OK",
    "SSL_VERIFY_PEER",
    "SSL_clear_mode",
    "SSL_do_handshake",
    "SSL_free",
    "SSL_get0_param",
    "SSL_get_cipher_list",
    "SSL_get_error",
    "SSL_get_extms_support",
    "SSL_get_options",
    "SSL_get_verify_mode",
    "SSL_get_verify_result",
    "SSL_load_client_CA_file",
    "SSL_new",
    "SSL_peek",
    "SSL_pending",
    "SSL_read",
    "SSL_session_reused",
    "SSL_set_bio",
    "SSL_set_mode",
    "SSL_shutdown",
    "SSL_write",
    "X509_CHECK_FLAG_NEVER_CHECK_SUBJECT",
    "X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS",
    "X509_STORE_add_cert",
    "X509_STORE_get0_objects",
    "X509_VERIFY_PARAM_free",
    "X509_VERIFY_PARAM_new",
    "X509_VERIFY_PARAM_set1_host",
    "X509_VERIFY_PARAM_set1_ip",
    "X509_VERIFY_PARAM_set_hostflags",
    "X509_free",
    "X509_up_ref",
    "X509_verify_cert_error_string",
    "d2i_PrivateKey_bio",
    "d2i_X509_bio",
    "i2d_SSL_SESSION",
    "sk_X509_OBJECT_num",
)
"""Names of the library; a test holds them against those that this module uses."""
_PRIVATE: tuple[str, ...] = ("_from_ssl", "_into_ssl", "_ssl")
"""Attributes of pyOpenSSL's connections."""


def _checked_bindings() -> tuple[Any, Any]:
    Binding.init_static_locks()
    lib, ffi = Binding.lib, Binding.ffi
    context = SSL.Context(SSL.TLS_METHOD)
    missing = [name for name in _REQUIRED if not hasattr(lib, name)]
    if not hasattr(context, "_context"):
        missing.append("Context._context")
    connection = SSL.Connection(context, None)
    missing += [f"Connection.{name}" for name in _PRIVATE if not hasattr(connection, name)]
    if not getattr(lib, "Cryptography_HAS_PSK", 1):
        missing.append("PSK support")
    if missing:
        raise SslError(
            f"the installed OpenSSL bindings lack {', '.join(missing)};"
            " install the newest pyOpenSSL and cryptography"
        )
    return lib, ffi


lib, ffi = _checked_bindings()


def text_of(chars: Any) -> str:
    """Returns what a `char *` of the library's says."""
    value: bytes = ffi.string(chars)
    return value.decode("utf-8", "backslashreplace")
