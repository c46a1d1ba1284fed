"""The thread of a scripted peer: one action after the other, and a record of how far it came."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeGuard

from harness import places
from harness.actions import (
    Accept,
    Action,
    ByteByByte,
    Close,
    Connect,
    Drop,
    Expect,
    ExpectEnd,
    Garbage,
    HalfClose,
    Reset,
    Secure,
    Send,
    Silent,
    WaitFor,
)
from harness.credentials import Certificate
from harness.places import PATIENCE
from harness.wire import Connection, Plain, Secured, interrupt, prepared, reset

_UNREACHED: Final = "nobody told the peer where the subject listens"


class Play:
    """Plays a script once, over sockets that it owns.

    Every wait is bounded, and ends when `stop` is called. A wait for the subject's side ends as
    well when that side has `finish`ed: then nothing more can come from there.
    """

    def __init__(self, actions: Sequence[Action], transport: str, certificate: Certificate) -> None:
        """Prepares; the thread is started by `start`."""
        self._actions = tuple(actions)
        self._transport = transport
        self._certificate = certificate
        self._listener: socket.socket | None = None
        self._datagrams: socket.socket | None = None
        # What follows is shared with the subject's side, under this condition.
        self._changed = threading.Condition()
        self._connections: list[Connection] = []
        self._subject: tuple[str, int] | None = None
        self._own_end: tuple[str, int] | None = None
        self._opening = False
        self._shaking = False
        self._refusal = ""
        self._signals: set[str] = set()
        self._position = 0
        self._sent = 0
        self._finishing = False
        self._stopping = False
        self._over = False
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._play, name="scripted peer")

    # ---- what the subject's side calls

    def start(self, listener: socket.socket | None, datagrams: socket.socket | None) -> None:
        """Begin; the play owns the sockets from then on."""
        self._listener, self._datagrams = listener, datagrams
        self._waker, self._woken = socket.socketpair()
        self._thread.start()

    def reach(self, host: str, port: int) -> None:
        """Tell where the subject listens, or is bound; a path and 0 for Unix."""
        with self._changed:
            self._subject = (host, port)
            self._changed.notify_all()

    def subject(self) -> tuple[str, int]:
        """Return where the subject listens, or is bound."""
        with self._changed:
            assert self._subject is not None, _UNREACHED
            return self._subject

    def own_end(self) -> tuple[str, int]:
        """Return the address of the last connection that the peer opened."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._over or (self._own_end is not None and not self._opening), PATIENCE
            )
            assert self._own_end is not None, "the peer has connected to nobody"
            return self._own_end

    def begun(self) -> None:
        """Wait until the first action is played."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._position > 0, PATIENCE)

    def signal(self, name: str) -> None:
        """Let the script's `WaitFor(name)` go on."""
        names = sorted(action.name for action in self._actions if isinstance(action, WaitFor))
        if name not in names:
            raise ValueError(f"the script waits for no signal {name!r}; it waits for {names}")
        with self._changed:
            self._signals.add(name)
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait until the script is over, or only the end of its connection can bring it on."""
        with self._changed:
            self._finishing = True
            self._changed.notify_all()
            self._waker.send(b"!")
            self._changed.wait_for(
                lambda: self._over or self._shakes_last() or self._ends_last(), PATIENCE
            )

    def conclude(self) -> None:
        """Demand that all was played; the subject has closed its side.

        A handshake after which nothing was to come may be pending: it is the subject's matter.
        """
        self.finish()
        with self._changed:
            if not self._shakes_last():
                self._changed.wait_for(lambda: self._over, PATIENCE)
            complete = self._over or self._shakes_last()
        self.stop()
        if self.fault is not None:
            raise self.fault
        assert complete, f"the peer's script was not played to its end\n{self.describe()}"

    def stop(self) -> None:
        """End the thread and close all sockets; twice does no harm."""
        if self._stopping or self._thread.ident is None:
            return
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            self._waker.send(b"!")
            for connection in self._connections:
                interrupt(connection)
        self._thread.join(PATIENCE)
        for connection in self._connections:
            connection.raw.close()
        for owned in (self._listener, self._datagrams, self._waker, self._woken):
            if owned is not None:
                owned.close()
        assert not self._thread.is_alive(), f"the peer does not stop\n{self.describe()}"

    def describe(self) -> str:
        """Return the script with how far it was played, as lines of text."""
        with self._changed:
            position, sent = self._position, self._sent
            over, fault, refusal = self._over, self.fault, self._refusal
        played, rest = self._actions[:position], self._actions[position:]
        lines = [f"played: {_listed(played)}"]
        if rest:
            current = rest[0]
            word = "in progress" if not over else "broken off"
            of = f" after {sent} of {len(current.data)} bytes" if _sends(current) else ""
            lines.append(f"{word}: {current!r}{of}")
        if rest[1:]:
            lines.append(f"still to come: {_listed(rest[1:])}")
        if refusal:
            lines.append(f"the peer's handshake failed: {refusal}")
        if fault is not None:
            lines.append(f"the peer failed: {type(fault).__name__}: {fault}")
        return "\n".join(lines)

    # ---- the thread

    def _play(self) -> None:
        try:
            for number, action in enumerate(self._actions):
                self._advance(number)
                self._act(action)
            self._advance(len(self._actions))
        except BaseException as error:  # handed to the subject's side, which raises it
            with self._changed:
                if not self._stopping:
                    self.fault = error
                    for connection in self._connections:  # nobody need wait for more
                        interrupt(connection)
        finally:
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _advance(self, position: int) -> None:
        with self._changed:
            self._position, self._sent = position, 0
            self._changed.notify_all()

    def _act(self, action: Action) -> None:
        match action:
            case Send(data):
                self._send(data)
            case ByteByByte(data, every):
                with self._last_words():
                    self._dribble(data, every)
            case Expect(data):
                self._expect(data)
            case ExpectEnd():
                rest = self._connection.receive(1 << 16)
                assert not rest, f"the peer expected the end and got {rest[:200]!r}"
            case WaitFor(name):
                self._wait(lambda: name in self._signals, f"no step signalled {name!r}")
            case HalfClose():
                self._connection.finish()
            case Close():
                self._take_leave()
                self._connection.raw.close()
            case Drop():
                self._connection.raw.close()
            case Reset():
                reset(self._connection)
            case Garbage(data):
                self._connection.raw.sendall(data)
            case Silent():
                pass
            case Accept(plain):
                self._accept(plain)
            case Connect(plain):
                self._connect(plain)
            case Secure(side):
                self._secure(server=side == "server")
            case _:
                raise TypeError(f"a peer cannot play {action!r}")

    @property
    def _connection(self) -> Connection:
        """The current connection."""
        assert self._connections, "the peer has no connection"
        return self._connections[-1]

    def _send(self, data: bytes) -> None:
        if self._datagrams is not None:
            self._datagrams.sendto(data, self._reached())
            self._sent = len(data)
            return
        view = memoryview(data)
        while self._sent < len(data):
            self._sent += self._connection.send(view[self._sent :])

    @contextlib.contextmanager
    def _last_words(self) -> Iterator[None]:
        """Let the subject leave while the peer dribbles, where nothing is to follow."""
        try:
            yield
        except (BrokenPipeError, ConnectionResetError):
            if not self._is_last():
                raise

    def _dribble(self, data: bytes, every: int) -> None:
        for number, byte in enumerate(data):
            if number and every:
                with self._changed:
                    self._changed.wait_for(lambda: self._finishing or self._stopping, every / 1000)
            self._connection.send(memoryview(bytes([byte])))
            self._sent += 1

    def _expect(self, data: bytes) -> None:
        if self._datagrams is not None:
            self._await_input(self._datagrams, "no datagram reached the peer")
            got = self._datagrams.recv(1 << 16)
        else:
            got = b""
            while len(got) < len(data) and (part := self._connection.receive(len(data) - len(got))):
                got += part
        assert got == data, f"the peer expected {data[:200]!r} and got {got[:200]!r}"

    def _take_leave(self) -> None:
        if isinstance(self._connection, Plain):
            return  # a FIN of its own would let the subject see the end of what is still open
        with contextlib.suppress(OSError):  # the subject may have closed before
            self._connection.finish()

    def _accept(self, plain: bool) -> None:
        assert self._listener is not None, "this peer does not listen"
        self._await_input(self._listener, "nobody connected to the peer")
        self._own(self._listener.accept()[0])
        if not plain:
            self._secure(server=True)

    def _connect(self, plain: bool) -> None:
        host, port = self._reached()
        family = places.FAMILIES.get(self._transport, socket.AF_INET)
        self._opening = True
        connected = self._own(socket.socket(family, socket.SOCK_STREAM))
        connected.connect(host if family == socket.AF_UNIX else (host, port))
        with self._changed:
            self._own_end, self._opening = places.address_of(connected), False
            self._changed.notify_all()
        if not plain:
            self._secure(server=False)

    def _reached(self) -> tuple[str, int]:
        """Wait until the subject listens, or is bound; return where."""
        self._wait(lambda: self._subject is not None, _UNREACHED)
        return self.subject()

    def _own(self, connected: socket.socket) -> socket.socket:
        """Make a socket the current connection, still in the clear."""
        with self._changed:
            self._connections.append(Plain(prepared(connected)))
            assert not self._stopping
        return connected

    def _secure(self, *, server: bool) -> None:
        """Do the transport's handshake.

        Its failure counts as played where nothing is to follow on this connection.
        """
        connection = self._secured(server)
        self._connections[-1] = connection
        with self._changed:
            self._shaking = True
            self._changed.notify_all()
        try:
            connection.shake_hands()
        except OSError as error:
            interrupt(connection, socket.SHUT_WR)
            if not (self._is_last() or self._opens_next()):
                raise
            self._refusal = f"{type(error).__name__}: {error}"
        with self._changed:
            self._shaking = False

    def _secured(self, server: bool) -> Connection:
        raw = self._connection.raw
        if self._transport.startswith("tls"):
            return Secured(raw, self._transport, server=server, certificate=self._certificate)
        if self._transport.startswith("psk"):
            # Here, so that OpenSSL's bindings are needed by this transport only.
            from harness.psk_peer import PskSecured

            return PskSecured(raw, self._transport, server=server)
        return self._connection

    def _await_input(self, source: socket.socket, otherwise: str) -> None:
        ready, _, _ = select.select([source, self._woken], [], [], PATIENCE)
        assert source in ready, otherwise

    def _wait(self, reached: Callable[[], bool], otherwise: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: reached() or self._finishing or self._stopping, PATIENCE)
            assert reached(), otherwise

    def _is_last(self) -> bool:
        """Tell whether nothing is to come after the current action."""
        return all(isinstance(action, Silent) for action in self._actions[self._position + 1 :])

    def _opens_next(self) -> bool:
        following = self._actions[self._position + 1 : self._position + 2]
        return any(isinstance(action, Accept | Connect) for action in following)

    def _shakes_last(self) -> bool:
        return self._shaking and self._is_last()

    def _ends_last(self) -> bool:
        current = self._actions[self._position : self._position + 1]
        return self._is_last() and any(isinstance(action, ExpectEnd) for action in current)


def _listed(actions: Sequence[Action]) -> str:
    return ", ".join(map(repr, actions)) or "nothing"


def _sends(action: Action) -> TypeGuard[Send | ByteByByte]:
    return isinstance(action, Send | ByteByByte)
