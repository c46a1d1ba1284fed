"""What TLS makes of a connection: its half of `nimnet_runtime.protection`.

Of a handshake that is not complete, or in which this side has found a fault, nothing is told.
"""

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from OpenSSL import SSL

from nimnet_runtime.errors import SslError
from nimnet_runtime.protection import Protection, check_exported
from nimnet_runtime.sessions import TlsSession
from nimnet_runtime.tls import failures
from nimnet_runtime.tls.machine import Machine
from nimnet_runtime.tls.resumption import Record
from nimnet_runtime.tls.session import Session

_T = TypeVar("_T")

_BINDING: Final = "EXPORTER-Channel-Binding", 32
"""Label and length of `tls-exporter`, whose context is empty (RFC 9266 section 2)."""


class Unbegun(Protection):
    """That of a wrapped socket before `connect`."""

    __slots__ = ()

    def got_handshake(self) -> bool:
        """See `Protection.got_handshake`."""
        return False

    def ssl_handle(self) -> SSL.Connection:
        """Fails."""
        _refuse_unbegun()

    def get_channel_binding(self) -> bytes:
        """Fails."""
        _refuse_unbegun()

    def export_keying_material(
        self, label: str, length: int, context: bytes | bytearray | memoryview | None
    ) -> bytes:
        """Fails."""
        check_exported(label, length, context)
        _refuse_unbegun()


class TlsProtection(Protection):
    """That of a session."""

    __slots__ = ("_record", "_session")

    def __init__(self, session: Session, record: Record | None) -> None:
        """Tells of `session`.

        Args:
            session: It.
            record: What a client can tell of it to a later connection; None on any other side.
        """
        self._session = session
        self._record = record

    def got_handshake(self) -> bool:
        """See `Protection.got_handshake`."""
        return self._session.established

    def get_peer_certificates(self) -> list[bytes]:
        """See `Protection.get_peer_certificates`.

        A program's verify callback may accept what OpenSSL refuses; that is no verified chain.
        """
        if self._session.exchange.overruled or not self._session.verified:
            return []
        record = self._record
        return self._known(Machine.verified_chain if record is None else record.chain_of, [])

    def get_unverified_certificate(self) -> bytes:
        """See `Protection.get_unverified_certificate`."""
        return self._known(Machine.peer_certificate, b"")

    def get_psk_identity(self) -> str:
        """See `Protection.get_psk_identity`."""
        session = self._session
        return session.exchange.identity if session.established else ""

    def get_tls_version(self) -> str:
        """See `Protection.get_tls_version`."""
        return self._known(Machine.version, "")

    def get_cipher(self) -> str:
        """See `Protection.get_cipher`."""
        return self._known(Machine.cipher, "")

    def get_alpn_protocol(self) -> str:
        """See `Protection.get_alpn_protocol`."""
        return self._known(Machine.application_protocol, "")

    def is_resumed(self) -> bool:
        """See `Protection.is_resumed`. OpenSSL has a pre-shared key of TLS 1.3 for a session."""
        return self._known(Machine.reused, False) and not self._session.exchange.identity

    def get_tls_session(self) -> TlsSession | None:
        """See `Protection.get_tls_session`."""
        record = self._record
        if record is None or self._session.failure is not None:
            return None
        if self._session.exchange.asks_program:
            return None  # what it has judged, it is to judge in every handshake
        chain = self.get_peer_certificates()
        return self._known(lambda machine: record.session_of(machine, chain), None)

    def ssl_handle(self) -> SSL.Connection:
        """See `Protection.ssl_handle`."""
        return self._session.machine.connection

    def get_channel_binding(self) -> bytes:
        """See `Protection.get_channel_binding`."""
        return self._derived("get_channel_binding", _bound)

    def export_keying_material(
        self, label: str, length: int, context: bytes | bytearray | memoryview | None
    ) -> bytes:
        """See `Protection.export_keying_material`."""
        name, bound = check_exported(label, length, context)
        return self._derived(
            "export_keying_material", lambda machine: machine.export(name, length, bound)
        )

    def _derived(self, name: str, derive: Callable[[Machine], bytes]) -> bytes:
        with failures.reported("export keying material"):
            made = self._known(derive, b"")
        if not made:
            raise SslError(f"{name} needs a complete handshake: call handshake first")
        return made

    def _known(self, ask: Callable[[Machine], _T], otherwise: _T) -> _T:
        """Returns an answer of OpenSSL's, which another thread keeps waiting for a moment only."""
        session = self._session
        if not session.established:
            return otherwise
        lock = session.lock
        try:
            lock.acquire()
            return ask(session.machine)
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass


def _refuse_unbegun() -> NoReturn:
    raise SslError("the TLS session starts with connect; it has not begun")


def _bound(machine: Machine) -> bytes:
    if not machine.has_unique_secrets():
        raise SslError(
            "there is no channel binding for a connection of TLS 1.2 without the extended master"
            " secret (RFC 7627): another one could have the same"
        )
    label, length = _BINDING
    return machine.export(label.encode(), length, b"")
