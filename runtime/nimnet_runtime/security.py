"""The door to TLS: OpenSSL is imported when somebody comes through it, and not before.

Importing OpenSSL takes several times as long as importing everything else of this package.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from nimnet_runtime.tls.context import Context


def new_context(
    prot_version: int,
    verify_mode: int,
    cert_file: str,
    key_file: str,
    cipher_list: str,
    ca_file: str,
    ca_dir: str,
) -> Context:
    """Returns a new context; see `tls.settings.Settings`.

    Raises:
        OSError: A file is missing or cannot be read.
        SslError: A setting is impossible, or a file does not hold what it should.
    """
    from nimnet_runtime.tls.context import Context

    return Context(prot_version, verify_mode, cert_file, key_file, cipher_list, ca_file, ca_dir)


def get_ssl_context_extra_data_index() -> int:
    """Returns an index that is the caller's own, in every context of this process."""
    from nimnet_runtime.tls import settings

    return settings.get_ssl_context_extra_data_index()


def raise_ssl_error(s: str) -> None:
    """Raises `SslError` with this message, or what OpenSSL last reported in this thread."""
    from nimnet_runtime.tls import failures

    failures.raise_ssl_error(s)
