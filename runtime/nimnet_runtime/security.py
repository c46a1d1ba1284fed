"""The door to TLS: OpenSSL is imported when somebody comes through it, and not before.

Importing OpenSSL takes several times as long as importing everything else of this package. It may
also fail, and not only where it is missing: `_loading` makes that an `SslError`.
"""

from __future__ import annotations

from nimnet_runtime.errors import SslError

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from nimnet_runtime.tls.context import Context


class _Loading:
    """Imports inside of it fail with `SslError` alone."""

    def __enter__(self) -> None:
        """Does nothing."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Puts into words why a library could not be loaded."""
        # Two libraries that do not belong together miss each other's names.
        if isinstance(error, (ImportError, AttributeError, OSError)):
            message = f"TLS needs pyOpenSSL and cryptography, which cannot be loaded here: {error}"
            if "interpreter" in str(error):
                message += " (only one interpreter of a process can have them)"
            raise SslError(message) from error


def new_context(
    prot_version: int,
    verify_mode: int,
    cert_file: str = "",
    key_file: str = "",
    cipher_list: str = "ALL",
    ca_dir: str = "",
    ca_file: str = "",
    ciphersuites: str = "",
    alpn: Sequence[str] = (),
    min_version: int | None = None,
    max_version: int | None = None,
    ca_data: bytes | bytearray | memoryview = b"",
    cert_data: bytes | bytearray | memoryview = b"",
    key_data: bytes | bytearray | memoryview = b"",
    key_password: bytes | Callable[[], bytes] = b"",
    ignore_unexpected_eof: bool = False,
) -> Context:
    """Returns a new context; see `tls.settings.Settings`.

    Raises:
        OSError: A file is missing or cannot be read.
        SslError: A setting is impossible, a file does not hold what it should, or OpenSSL cannot
            be loaded.
    """
    with _Loading():
        from nimnet_runtime.tls.context import Context

    return Context(
        prot_version,
        verify_mode,
        cert_file,
        key_file,
        cipher_list,
        ca_dir,
        ca_file,
        ciphersuites,
        alpn,
        min_version,
        max_version,
        ca_data,
        cert_data,
        key_data,
        key_password,
        ignore_unexpected_eof,
    )


def raise_ssl_error(s: str) -> None:
    """Raises `SslError`; see Nim's `raiseSSLError`.

    Args:
        s: The message; "" for what OpenSSL last reported in this thread.
    """
    if s:
        raise SslError(s)
    with _Loading():
        from nimnet_runtime.tls import failures

    raise SslError(failures.describe_last())
