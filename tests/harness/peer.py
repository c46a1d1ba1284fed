"""A scripted peer: the other end of a scenario, acting out what the specification says.

It is made of sockets of Python's own and knows nothing of nimnet: whatever program is the subject
can be driven with it. When its script is over it keeps its connections open and silent until it is
stopped.
"""

from __future__ import annotations

import contextlib
import functools
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from harness import places
from harness.actions import Accept, Action, Connect
from harness.credentials import Certificate, Credentials
from harness.play import Play
from harness.programs import unavailable

Given: TypeAlias = Literal[
    "connection",
    "accepted",
    "server",
    "client",
    "unwrapped",
    "unsecured",
    "descriptor",
    "datagrams",
    "nothing",
]
"""What is ready when the steps of a scenario begin."""

_LISTENS: Final = ("connection", "client", "unwrapped", "unsecured", "descriptor")
_BEGINS: Final[dict[Given, tuple[Action, ...]]] = {
    "connection": (Accept(),),
    "accepted": (Connect(),),
    "unsecured": (Accept(plain=True),),
    "descriptor": (Accept(plain=True),),
}
"""What a peer does before its script, by what is given."""

entered: Final[list[Peer]] = []
"""The peers of the test that runs, for the report of its failure; see `harness.plugin`."""


class Peer(Credentials):
    """Plays a script against a subject; a context manager.

    On entry it listens where its transport wants that. On exit it demands that the script was
    played, unless what is inside has failed already.
    """

    def __init__(
        self,
        given: Given,
        transport: str | None = None,
        script: Sequence[Action] = (),
        certificate: Certificate = "valid",
    ) -> None:
        """Prepares; nothing is open yet.

        Args:
            given: What the scenario begins with.
            transport: What it runs on; None where nothing is given.
            script: What the peer does.
            certificate: What it shows as a server on a transport with certificates.
        """
        self.given = given
        self.transport = transport or "tcp"
        self._family = places.FAMILIES.get(self.transport, socket.AF_INET)
        actions = (*_BEGINS.get(given, ()), *script)
        self._play = Play(actions, self.transport, certificate)
        self._resources = contextlib.ExitStack()
        self._address: tuple[str, int] | None = None

    def __enter__(self) -> Self:
        entered.append(self)
        try:
            self._play.start(*self._open())
        except BaseException:
            self._release()
            raise
        return self

    def _open(self) -> tuple[socket.socket | None, socket.socket | None]:
        """Return the socket that listens, and the one for datagrams.

        A machine without the transport's address family skips the test. Whatever else fails here is
        a failure.
        """
        try:
            if self._family == socket.AF_INET6:
                places.receiving(self._family).close()  # the subject, too, must be able to
            if self.given in _LISTENS:
                path = self._folder / "peer.sock" if self._family == socket.AF_UNIX else ""
                listener = places.listening(self._family, str(path))
                self._address = places.address_of(listener)
                return listener, None
            if self.given == "datagrams":
                datagrams = places.receiving(self._family)
                self._address = places.address_of(datagrams)
                return None, datagrams
        except OSError as error:
            if error.errno not in places.LACKING:
                raise
            unavailable(f"{self.transport} is not available here: {error}")
        return None, None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, and demand that the script was played unless the test has failed already."""
        try:
            if error is None:
                self._play.conclude()
        finally:
            self._release()
        if error is not None and self._play.fault is not None:
            error.add_note(f"the peer had failed: {self._play.fault!r}")

    def _release(self) -> None:
        with self._resources:
            self._play.stop()

    def reach(self, host: str, port: int = 0) -> None:
        """Tell the peer where the subject listens, or is bound: by a path alone for Unix."""
        self._play.reach(host, port)

    def connected(self) -> None:
        """Wait until the peer has accepted the connection that it begins with.

        On TLS 1.3 it sends session tickets at the end of its handshake. If the subject had closed
        by then they would reset the connection, and the peer might lose what it has not read yet.
        """
        self._play.begun()

    def signal(self, name: str) -> None:
        """Let the script's `WaitFor(name)` go on."""
        self._play.signal(name)

    def finish(self) -> None:
        """Wait until the script is played as far as it can be before the subject closes.

        The subject's side has said all that it will: no signal, connection or byte is to come.
        """
        self._play.finish()

    def describe(self) -> str:
        """Return the script with how far it was played, as lines of text."""
        return self._play.describe()

    # ---- names of places

    @property
    def host(self) -> str:
        """The peer's IP address, where it listens or of its own end; its path for Unix."""
        return self._place()[0]

    @property
    def port(self) -> int:
        """The port that belongs to `host`; 0 for Unix."""
        return self._place()[1]

    @property
    def path(self) -> str:
        """The peer's path on a Unix transport; empty on others."""
        return self._place()[0] if self._family == socket.AF_UNIX else ""

    def _place(self) -> tuple[str, int]:
        return self._play.own_end() if self._address is None else self._address

    @property
    def own_host(self) -> str:
        """The address that the subject is bound to, as told to `reach`."""
        return self._play.subject()[0]

    @property
    def own_port(self) -> int:
        """The port that the subject is bound to."""
        return self._play.subject()[1]

    @property
    def fresh_path(self) -> str:
        """A path for a Unix socket, at which there is nothing yet."""
        return str(self._folder / "fresh.sock")

    @property
    def abstract_name(self) -> str:
        """A name of Linux's abstract namespace that nobody else has."""
        return f"\0{self._folder}"

    @property
    def subject_path(self) -> str:
        """A path at which a subject can listen, on a Unix transport."""
        return str(self._folder / "subject.sock")

    @functools.cached_property
    def closed_port(self) -> int:
        """A port of the loopback address, of the transport's family, at which nobody listens."""
        return places.refusing(self._resources, self._ip_family)

    @functools.cached_property
    def full_port(self) -> int:
        """A port of the loopback address, of the transport's family, whose queue is full.

        Who connects to it waits.
        """
        return places.overfull(self._resources, places.HOSTS[self._ip_family])

    @property
    def _ip_family(self) -> socket.AddressFamily:
        """The family of the transport; IPv4 for Unix, which has no ports."""
        return socket.AF_INET6 if self._family == socket.AF_INET6 else socket.AF_INET

    @functools.cached_property
    def descriptor(self) -> int:
        """A blocking descriptor that is connected to the peer; whoever asks for it owns it."""
        assert self._address is not None, "this peer does not listen"
        with socket.socket(self._family, socket.SOCK_STREAM) as connected:
            unix = self._family == socket.AF_UNIX
            connected.connect(self._address[0] if unix else self._address)
            return connected.detach()

    @functools.cached_property
    def _folder(self) -> Path:
        return Path(self._resources.enter_context(places.temporary_folder("peer")))
