"""What a client keeps of a TLS session, for the handshake of a later connection."""

from __future__ import annotations

from nimnet_runtime.errors import quoted

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from collections.abc import Sequence

    from OpenSSL.SSL import Context, Session


class TlsSession:
    """What a client keeps of a connection; `tls.resumption` says what may be done with it.

    Attributes:
        kept: OpenSSL's own object, with the keys.
        context: The live context of the connection.
        name: Whom that was to reach: the text of it, the host name in ASCII and the IP address.
        begun: When the handshake in which certificates were sent began: seconds since the epoch.
        end: When the first of the certificates stops being valid, as `begun`; infinite for none.
        chain: What was verified in it, in DER, the server's own certificate first.
    """

    __slots__ = ("begun", "chain", "context", "end", "kept", "name")

    def __init__(
        self,
        kept: Session,
        context: Context,
        name: tuple[str, bytes | None, bytes | None],
        *,
        begun: float,
        end: float,
        chain: Sequence[bytes],
    ) -> None:
        """Keeps what the attributes say."""
        self.kept: Session = kept
        self.context: Context = context
        self.name: tuple[str, bytes | None, bytes | None] = name
        self.begun: float = begun
        self.end: float = end
        self.chain: tuple[bytes, ...] = tuple(chain)

    def __repr__(self) -> str:
        """Says whose it is; no keys."""
        return f"<TLS session with {quoted(self.name[0])}>"
