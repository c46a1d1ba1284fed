"""Sessions that a client resumes: what it keeps of a connection for the handshake of another.

A resumed handshake checks no certificate. What it relies on is that the first one did, under the
same conditions: a session is therefore offered only with the context that it comes from, whose
authorities and mode are the same, and for the same name. It also ends: what has once been verified
is not relied on for longer than a ticket of TLS 1.3 may live, nor than its certificates are valid.
"""

import math
import time
from collections.abc import Sequence

from OpenSSL import SSL

from nimnet_runtime.errors import SslError, quoted
from nimnet_runtime.sessions import TlsSession
from nimnet_runtime.tls.bindings.certificates import end_of
from nimnet_runtime.tls.live import LiveContext
from nimnet_runtime.tls.machine import Machine
from nimnet_runtime.tls.verification import ServerName

LIFETIME = 7 * 24 * 3600
"""Seconds for which a certificate that was verified is relied on (RFC 8446 section 4.6.1)."""


def check_context(session: TlsSession, context: LiveContext, *, keyed: bool) -> None:
    """Refuses connections whose context `session` says nothing about.

    Args:
        session: What is to be offered.
        context: Theirs.
        keyed: Whether it has pre-shared keys for them.

    Raises:
        SslError: It is another than the session's, has keys, or asks the program in every
            handshake.
    """
    if context is not session.context:
        raise SslError(
            "the session was made with another context, and can be offered with that one alone:"
            " what the one has verified says nothing to the other"
        )
    if keyed:
        raise SslError(
            "a session cannot be offered beside pre-shared keys: client_get_psk_func proves who is"
            " there in every handshake"
        )
    if context.asks_program:
        raise SslError(
            "a session cannot be offered with a verify callback in the live context: it is to judge"
            " the server in every handshake, and in a resumed one nobody asks it"
        )


def check_name(session: TlsSession, name: ServerName) -> None:
    """Refuses connections to another than the session's was to.

    Raises:
        SslError: No certificate was verified for `name`.
    """
    own = ServerName(*session.name)
    if not name.is_of(own):
        raise SslError(
            f"the session is one with {quoted(own.text)}, and cannot be offered to"
            f" {quoted(name.text)}: no certificate was verified for that name"
        )


def offer(session: TlsSession, connection: SSL.Connection) -> None:
    """Lets a connection offer `session`; one that is too old leaves a full handshake."""
    if session.begun <= time.time() < min(session.begun + LIFETIME, session.end):
        connection.set_session(session.kept)


class Record:
    """What one client's connection can tell of the session that it makes, or has resumed."""

    __slots__ = ("_begun", "_context", "_name", "_offered")

    def __init__(self, context: LiveContext, name: ServerName, offered: TlsSession | None) -> None:
        """Begins with the connection.

        Args:
            context: The connection's.
            name: Whom it is to reach.
            offered: The session that it may resume.
        """
        self._context = context
        self._name = name
        self._offered = offered
        self._begun = time.time()

    def session_of(self, machine: Machine, chain: Sequence[bytes]) -> TlsSession | None:
        """Returns what a later connection can resume; None where the server gave nothing to.

        Args:
            machine: The connection.
            chain: What `chain_of` returned, unless that does not count.
        """
        session = machine.session()
        if session is None:
            return None
        resumed = self._resumed(machine)
        if resumed is None:
            begun, end = self._begun, min(map(end_of, chain), default=math.inf)
        else:
            begun, end = resumed.begun, resumed.end
        return TlsSession(session, self._context, self._name, begun=begun, end=end, chain=chain)

    def chain_of(self, machine: Machine) -> list[bytes]:
        """Returns the chain that was verified: now, or in the handshake of what is resumed."""
        resumed = self._resumed(machine)
        return machine.verified_chain() if resumed is None else list(resumed.chain)

    def _resumed(self, machine: Machine) -> TlsSession | None:
        return self._offered if machine.reused() else None
