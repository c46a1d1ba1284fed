"""The other end of the scenarios: a process that listens, connects, sends and keeps what it hears.

It is forked before anything of the package is loaded, so that its descriptors, threads and
memory are not those of the process that is looked at, and no failure strikes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Literal, NoReturn, TypedDict, cast

from harness.credentials import files
from harness.wire import Connection, Plain, Secured

PATIENCE: Final = 5.0
"""Seconds after which a peer gives up: far above what any scenario needs."""
PSK: Final = frozenset({"psk12", "psk13"})
TLS: Final = frozenset({"tls12", "tls13"}) | PSK


class Script(TypedDict):
    """What the peer does on each connection.

    Attributes:
        role: Whether it listens or connects.
        transport: What it speaks.
        port: Where it connects to; not for Unix.
        path: The same for Unix.
        send: What it sends after the handshake, as Latin-1.
        closes: Whether it ends the connection after that.
    """

    role: Literal["server", "client"]
    transport: str
    port: int
    path: str
    send: str
    closes: bool


class Heard(TypedDict):
    """What became of one connection.

    Attributes:
        received: What came, as Latin-1.
        ended: How it ended: `end`, or the class of an exception.
    """

    received: str
    ended: str


@dataclass(frozen=True)
class Place:
    """Where a peer listens."""

    host: str
    port: int
    path: str


class Peer:
    """The process, as the one that it was forked from sees it."""

    def __init__(self) -> None:
        """Forks it."""
        files()  # both sides have the same authority
        mine, its = socket.socketpair()
        self._process = os.fork()
        if not self._process:
            mine.close()
            _serve(its)
        its.close()
        self._wire = mine
        self._lines = mine.makefile("r", encoding="ascii")

    def begin(self, script: Script) -> Place:
        """Has it play a script; returns where it listens."""
        self._say("script", script)
        said = self._hear()
        return Place(str(said["host"]), int(str(said["port"])), str(said["path"]))

    def await_sent(self) -> None:
        """Returns when it has sent, on one more connection, what it was to send."""
        said = self._hear()
        if said["event"] != "sent":
            raise RuntimeError(f"the peer failed: {said}")

    def report(self) -> list[Heard]:
        """Returns what it heard on each connection, once all of them have ended."""
        self._say("report", None)
        while (said := self._hear())["event"] != "report":
            pass
        return cast(list[Heard], said["heard"])

    def stop(self) -> None:
        """Ends the process."""
        self._lines.close()
        self._wire.close()
        os.waitpid(self._process, 0)

    def _say(self, event: str, script: Script | None) -> None:
        self._wire.sendall(json.dumps({"event": event, "script": script}).encode() + b"\n")

    def _hear(self) -> dict[str, object]:
        line = self._lines.readline()
        if not line:
            raise RuntimeError("the peer's process has ended")
        return cast(dict[str, object], json.loads(line))


def _serve(wire: socket.socket) -> NoReturn:
    """Is the child's whole life."""
    status = 1
    try:
        with wire.makefile("r", encoding="ascii") as lines, tempfile.TemporaryDirectory() as folder:
            _play_all(wire, lines, Path(folder))
        status = 0
    finally:
        os._exit(status)


def _play_all(wire: socket.socket, lines: IO[str], folder: Path) -> None:
    for count, line in enumerate(iter(lines.readline, "")):
        script = json.loads(line)["script"]
        if script is not None:
            _Play(wire, script, folder / str(count)).until_asked()
        else:  # nobody was to be reached
            _say(wire, {"event": "report", "heard": []})


class _Play:
    """One script, on as many connections as come."""

    def __init__(self, wire: socket.socket, script: Script, path: Path) -> None:
        self._wire = wire
        self._script = script
        self._path = path
        self._heard: list[Heard] = []
        self._threads: list[threading.Thread] = []

    def until_asked(self) -> None:
        """Plays until the other side asks for the report, and gives it."""
        if self._script["role"] == "client":
            connected = self._connect()
            _say(self._wire, {"event": "listens", "host": "", "port": 0, "path": ""})
            self._begin(connected)
            self._wire.recv(1 << 12)
        else:
            with self._listener() as listener:
                where = listener.getsockname()
                host, port, path = ("", 0, where) if isinstance(where, str) else (*where[:2], "")
                _say(self._wire, {"event": "listens", "host": host, "port": port, "path": path})
                while listener in select.select([listener, self._wire], [], [])[0]:
                    self._begin(listener.accept()[0])
                self._wire.recv(1 << 12)
            self._path.unlink(missing_ok=True)
        for thread in self._threads:
            thread.join()
        _say(self._wire, {"event": "report", "heard": self._heard})

    def _listener(self) -> socket.socket:
        if self._script["transport"] == "unix":
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self._path))
            listener.listen()
            return listener
        return socket.create_server(("127.0.0.1", 0))

    def _connect(self) -> socket.socket:
        if self._script["transport"] == "unix":
            connected = socket.socket(socket.AF_UNIX)
            connected.connect(self._script["path"])
            return connected
        return socket.create_connection(("127.0.0.1", self._script["port"]))

    def _begin(self, connected: socket.socket) -> None:
        connected.settimeout(PATIENCE)
        if self._script["transport"] != "unix":  # each piece at once
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._threads.append(threading.Thread(target=self._play, args=(connected,)))
        self._threads[-1].start()

    def _play(self, connected: socket.socket) -> None:
        received = bytearray()
        with connected:
            try:
                connection = self._secured(connected)
                connection.shake_hands()
                data = memoryview(self._script["send"].encode("latin-1"))
                half = len(data) // 2  # two records, where there are records
                for piece in (data[:half], data[half:]):
                    while piece:
                        piece = piece[connection.send(piece) :]
                if self._script["closes"]:
                    connection.finish()
                _say(self._wire, {"event": "sent"})
                while more := connection.receive(1 << 16):
                    received += more
                ended = "end"
                with contextlib.suppress(OSError):
                    connection.finish()
            except Exception as error:  # it is part of the report
                ended = type(error).__name__
                _say(self._wire, {"event": "failed", "error": repr(error)})
        self._heard.append({"received": received.decode("latin-1"), "ended": ended})

    def _secured(self, connected: socket.socket) -> Connection:
        transport, server = self._script["transport"], self._script["role"] == "server"
        if transport in PSK:
            from harness.psk_peer import PskSecured  # it loads OpenSSL, which the parent must not

            return PskSecured(connected, transport, server=server)
        if transport in TLS:
            return Secured(connected, transport, server=server, certificate="valid")
        return Plain(connected)


_saying: Final = threading.Lock()


def _say(wire: socket.socket, said: object) -> None:
    with _saying:
        wire.sendall(json.dumps(said).encode() + b"\n")
