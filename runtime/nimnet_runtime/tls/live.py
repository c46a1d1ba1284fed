"""The live context of pyOpenSSL: what it does for programs that know no other, and a little more.

What a program's callback raises must not vanish, and OpenSSL calls from C, where no exception may
pass. pyOpenSSL keeps some of them with the context, for its own `Connection` to raise, prints
others, and loses those that are no `Exception`. Here they are kept with the connection that they
were raised on, whose call then fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from typing import TypeAlias, TypeVar

from OpenSSL import SSL
from OpenSSL.crypto import X509, X509Store

from nimnet_runtime.errors import SslError
from nimnet_runtime.forks import Heir
from nimnet_runtime.tls import failures
from nimnet_runtime.tls.bindings import connections, contexts, errorqueue, exchanges
from nimnet_runtime.tls.bindings.pem import Encoded

_T = TypeVar("_T")
_R = TypeVar("_R")
_FileName: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
_Verify: TypeAlias = Callable[[SSL.Connection, X509, int, int, int], bool]


class LiveConnection(SSL.Connection):
    """A connection of pyOpenSSL whose program may judge certificates, as with a `LiveContext`.

    Attributes:
        accepts: Whether it is a server's.
    """

    accepts: bool = False

    def set_verify(self, mode: int, callback: _Verify | None = None) -> None:
        """See pyOpenSSL's. It is to judge in this handshake: nothing is resumed.

        A server takes no ticket from now on. A client may have said already that it takes one, and
        OpenSSL would find fault with the server's answer; what it resumes even so is doubted.
        """
        super().set_verify(mode, None if callback is None else _judging(callback, "connection"))
        if self.accepts:
            self.set_options(SSL.OP_NO_TICKET)
        exchange = exchanges.exchange_of(self)
        if exchange is not None:
            exchange.asks_program = callback is not None

    def demand_no_certificate(self) -> None:
        """Makes a server ask for none, until the program says otherwise."""
        super().set_verify(SSL.VERIFY_NONE)


class LiveContext(SSL.Context):
    """A context of pyOpenSSL that knows whether its servers have clients to judge.

    To trust every public authority would keep no client out. Servers therefore ask for
    certificates only if somebody has named the authorities or chosen the verify mode.

    Attributes:
        judges_clients: Whether servers go by the verify mode; where not, they ask for nothing.
        asks_program: Whether a function of the program's judges certificates.
        empty_store: Why no authority is trusted, in words; "" when some are, or may be because
            the program has been at the store.
        location: What authorities were last loaded from, or should have been.
    """

    judges_clients: bool = False
    asks_program: bool = False
    empty_store: str = ""
    location: _FileName = ""

    def __init__(self, method: int) -> None:
        """See pyOpenSSL's."""
        super().__init__(method)
        self._birthplace = connections.Birthplace()
        self._heir = Heir(self._birthplace)

    @property
    def verifies(self) -> bool:
        """Whether the certificates of servers are checked."""
        return bool(self.get_verify_mode() & SSL.VERIFY_PEER)

    def new_connection(
        self, *, server: bool, resumable: bool = False, session_context: str = ""
    ) -> LiveConnection:
        """Returns a connection that is to accept, or to connect.

        Args:
            server: Whether it accepts.
            resumable: Whether it may resume a session, and be resumed.
            session_context: To what a server's sessions belong.
        """
        # A server that demands certificates needs a session context, even if there are no
        # sessions; in a client it makes OpenSSL refuse its own PSK of TLS 1.3. A session in which
        # nobody was judged says nothing once somebody is to be.
        judged = "judged" if self.judges_clients else "not judged"
        origin = sha256(f"{judged} {session_context}".encode()).digest() if server else b""
        connection = self._birthplace.connection(LiveConnection, self, origin)
        if not resumable:
            connection.set_options(SSL.OP_NO_TICKET)
        if server:
            connection.accepts = True
            connection.set_accept_state()
            if not self.judges_clients:
                connection.demand_no_certificate()
        else:
            connection.set_connect_state()
        return connection

    def load_verify_locations(
        self, cafile: _FileName | None, capath: _FileName | None = None
    ) -> None:
        """See pyOpenSSL's; these authorities judge clients, too."""
        self.location = cafile or capath or ""
        super().load_verify_locations(cafile, capath)
        self.judges_clients = True
        self.empty_store = ""

    def trust(self, authorities: Encoded) -> None:
        """Trusts certificates in PEM or DER; these authorities judge clients, too.

        Raises:
            SslError: There is none among the bytes, or a damaged one.
        """
        try:
            contexts.trust(self, authorities)
        except errorqueue.OpenSslError as failure:
            raise SslError(
                "ca_data holds no certificates in PEM form (BEGIN CERTIFICATE) or DER, or a damaged"
                f" one: {failures.describe(failure.reasons)}"
            ) from None
        self.judges_clients = True
        self.empty_store = ""

    def get_cert_store(self) -> X509Store | None:
        """See pyOpenSSL's; whoever asks for the store can name authorities there."""
        self.judges_clients = True
        self.empty_store = ""
        return super().get_cert_store()

    def set_verify(self, mode: int, callback: _Verify | None = None) -> None:
        """See pyOpenSSL's; the mode counts for servers, too."""
        super().set_verify(mode, None if callback is None else _judging(callback, "context"))
        self.judges_clients = True
        self.asks_program = callback is not None

    def set_info_callback(self, callback: Callable[[SSL.Connection, int, int], None]) -> None:
        """See pyOpenSSL's."""
        super().set_info_callback(_guarded("info", callback, None))

    def set_keylog_callback(self, callback: Callable[[SSL.Connection, bytes], None]) -> None:
        """See pyOpenSSL's."""
        super().set_keylog_callback(_guarded("keylog", callback, None))

    def set_tlsext_servername_callback(self, callback: Callable[[SSL.Connection], None]) -> None:
        """See pyOpenSSL's."""
        super().set_tlsext_servername_callback(_guarded("servername", callback, None))

    def set_alpn_select_callback(self, callback: contexts.AlpnSelect) -> None:
        """See pyOpenSSL's."""
        none = SSL.NO_OVERLAPPING_PROTOCOLS

        def select(connection: SSL.Connection, offered: list[bytes]) -> contexts.AlpnSelected:
            selected = callback(connection, offered)
            if selected is not none and not isinstance(selected, bytes):
                kind = type(selected).__name__
                raise TypeError(f"it must return bytes or NO_OVERLAPPING_PROTOCOLS, not {kind}")
            return selected

        check_callable("the ALPN select callback", callback)
        super().set_alpn_select_callback(_guarded("ALPN select", select, none))

    def set_ocsp_server_callback(
        self, callback: Callable[[SSL.Connection, _T | None], bytes], data: _T | None = None
    ) -> None:
        """See pyOpenSSL's."""

        def staple(connection: SSL.Connection, data: _T | None) -> bytes:
            stapled = callback(connection, data)
            if not isinstance(stapled, bytes):
                raise TypeError(f"it must return bytes, not {type(stapled).__name__}")
            return stapled

        check_callable("the OCSP server callback", callback)
        super().set_ocsp_server_callback(_guarded("OCSP server", staple, b""), data)

    def set_ocsp_client_callback(
        self, callback: Callable[[SSL.Connection, bytes, _T | None], bool], data: _T | None = None
    ) -> None:
        """See pyOpenSSL's."""
        super().set_ocsp_client_callback(_guarded("OCSP client", callback, False), data)


def _judging(callback: _Verify, owner: str) -> _Verify:
    """Returns `callback` such that the connection knows what it raises, and where it overrules."""
    return _guarded("verify", _noted(callback), False, owner)


def _noted(callback: _Verify) -> _Verify:
    """Returns `callback` such that the connection knows where it has overruled OpenSSL."""
    check_callable("the verify callback", callback)

    def noted(
        connection: SSL.Connection, certificate: X509, code: int, depth: int, approved: int
    ) -> bool:
        accepted = callback(connection, certificate, code, depth, approved)
        exchange = exchanges.exchange_of(connection)
        if accepted and not approved and exchange is not None:
            exchange.overruled = True
        return accepted

    return noted


def _guarded(
    what: str, callback: Callable[..., _R], otherwise: _R, owner: str = "context"
) -> Callable[..., _R]:
    """Returns `callback` such that it raises nothing on connections of this package.

    Args:
        what: Its name for messages.
        callback: Takes a connection first.
        otherwise: What OpenSSL gets to hear where it has raised.
        owner: What it was set on.
    """
    check_callable(f"the {what} callback", callback)

    def guarded(connection: SSL.Connection, *arguments: object) -> _R:
        exchange = exchanges.exchange_of(connection)
        if exchange is None:
            return callback(connection, *arguments)  # the program's own: pyOpenSSL raises it
        if exchange.error is None:
            try:
                return callback(connection, *arguments)
            except BaseException as error:
                exchange.keep(error, f"the {what} callback of the {owner}")
        return otherwise  # to fail is all that is left to do

    return guarded


def check_callable(what: str, function: object, *, optional: bool = False) -> None:
    """Refuses what cannot be called, except for None where there need not be any.

    Raises:
        TypeError: The message begins with `what`.
    """
    if not callable(function) and not (optional and function is None):
        wanted = "a function or None" if optional else "a function"
        raise TypeError(f"{what} must be {wanted}, not {type(function).__name__}")
