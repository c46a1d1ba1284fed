"""What protects a connection: whom the peer has shown itself to be, and what both sides agreed on.

Of a connection that has ended, or whose socket is closed, it says what it said before.
"""

from __future__ import annotations

from nimnet_runtime.buffers import as_bytes
from nimnet_runtime.errors import SslError, invalid, spelled

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from OpenSSL.SSL import Connection

    from nimnet_runtime.sessions import TlsSession

_LONGEST_LABEL = 249
"""Bytes that TLS 1.3 has room for (RFC 8446 section 7.1)."""
_LONGEST_CONTEXT = 65535
"""Bytes that TLS 1.2 has room for (RFC 5705 section 4)."""
_MOST_EXPORTED = 255 * 32
"""Bytes that every cipher suite of TLS 1.3 can give (RFC 5869 section 2.3)."""


class Protection:
    """That of a connection without TLS: there is none."""

    __slots__ = ()

    def got_handshake(self) -> bool:
        """Tells whether the handshake is complete; see Nim's `gotHandshake`.

        Raises:
            SslError: There is no TLS.
        """
        raise _none_error("got_handshake")

    def get_peer_certificates(self) -> list[bytes]:
        """Returns the chain that was verified, in DER, the peer's own first; else none.

        See Nim's `getPeerCertificates`.
        """
        return []

    def get_unverified_certificate(self) -> bytes:
        """Returns the certificate that the peer has sent, in DER; `b""` for none."""
        return b""

    def get_psk_identity(self) -> str:
        """Returns the PSK identity that the client authenticated with; "" for none."""
        return ""

    def get_tls_version(self) -> str:
        """Returns the version of TLS, such as `TLSv1.3`; "" before the handshake."""
        return ""

    def get_cipher(self) -> str:
        """Returns OpenSSL's name for the cipher suite; "" before the handshake."""
        return ""

    def get_alpn_protocol(self) -> str:
        """Returns the application protocol that was agreed on (RFC 7301); "" for none."""
        return ""

    def is_resumed(self) -> bool:
        """Tells whether the session is an earlier connection's."""
        return False

    def get_tls_session(self) -> TlsSession | None:
        """Returns what a later connection to the same server can resume; None for nothing."""
        return None

    def ssl_handle(self) -> Connection:
        """Returns pyOpenSSL's object; see Nim's `sslHandle`.

        Raises:
            SslError: There is no TLS, or the session has not begun.
        """
        raise _none_error("ssl_handle")

    def get_channel_binding(self) -> bytes:
        """Returns the channel binding `tls-exporter` (RFC 9266).

        Raises:
            SslError: There is no TLS, the handshake is not complete, or another connection could
                have the same.
        """
        raise _none_error("get_channel_binding")

    def export_keying_material(
        self, label: str, length: int, context: bytes | bytearray | memoryview | None
    ) -> bytes:
        """Returns bytes that nobody but the two sides can know (RFC 5705, RFC 8446 section 7.5).

        Args:
            label: What they are for.
            length: How many.
            context: What they are bound to; None, which in TLS 1.2 is not `b""`, for nothing.

        Raises:
            OSError: `EINVAL`, because an argument is none that TLS has room for.
            SslError: There is no TLS, the handshake is not complete, or OpenSSL refuses the label.
        """
        check_exported(label, length, context)
        raise _none_error("export_keying_material")


NO_PROTECTION = Protection()


def check_exported(
    label: str, length: int, context: bytes | bytearray | memoryview | None
) -> tuple[bytes, bytes | None]:
    """Returns label and context as OpenSSL takes them.

    Raises:
        OSError: See `Protection.export_keying_material`.
    """
    if not (label.isascii() and 1 <= len(label) <= _LONGEST_LABEL):
        raise invalid(f"label must be 1 to {_LONGEST_LABEL} characters of ASCII")
    if not 1 <= length <= _MOST_EXPORTED:
        raise invalid(f"length must be 1 to {_MOST_EXPORTED} bytes, not {spelled(length)}")
    if context is None:
        return label.encode(), None
    with as_bytes(context) as view:
        if len(view) > _LONGEST_CONTEXT:
            raise invalid(f"context has {len(view)} bytes; at most {_LONGEST_CONTEXT} are possible")
        return label.encode(), bytes(view)


def _none_error(name: str) -> SslError:
    return SslError(f"{name} needs a TLS socket; this one was not wrapped in a context")
