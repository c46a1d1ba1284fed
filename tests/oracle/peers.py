"""The other end of this project's scenarios: the scripted peer, as the oracle's runner needs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

from harness import actions
from harness.actions import Action
from harness.credentials import Certificate
from harness.peer import Given, Peer
from nimnet_gen.testing.oracle.cells import Cell, Json

_DATAGRAMS: Final = ("udp", "udp6")


class ScriptedPeer:
    """Plays what a cell says; see `nimnet_gen.testing.oracle.peers.Peer`."""

    def __init__(self, cell: Cell) -> None:
        run = cell.run
        script = [action(written) for written in run["script"]]
        certificate = cast(Certificate, run["settings"]["certificate"])
        self._peer = Peer(cast(Given, run["given"]), cell.transport, script, certificate)
        self._transport = cell.transport

    def __enter__(self) -> Self:
        self._peer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._peer.__exit__(kind, error, traceback)

    def signal(self, name: str) -> None:
        self._peer.signal(name)

    def reach(self, place: str) -> None:
        """Take `HOST PORT`, or a path."""
        host, _, port = place.partition(" ")
        self._peer.reach(host, int(port or 0))

    def finish(self) -> None:
        self._peer.finish()

    def describe(self) -> str:
        return self._peer.describe()

    def answer(self, name: str, folder: Path) -> object:
        return folder / "own.sock" if name == "own_path" else getattr(self._peer, name)

    def canonical(self, observation: str) -> str:
        """Put `port` in the place of a number that is another one in each run."""
        if self._transport in _DATAGRAMS:
            observation = re.sub(rf"\b{self._peer.port}\b", "port", observation)
        return observation


_DATA: Final = {
    "send": actions.Send,
    "expect": actions.Expect,
    "garbage": actions.Garbage,
}
_SWITCHES: Final = {
    "expect_end": actions.ExpectEnd,
    "close": actions.Close,
    "half_close": actions.HalfClose,
    "drop": actions.Drop,
    "reset": actions.Reset,
    "silent": actions.Silent,
}


def action(written: Mapping[str, Json]) -> Action:
    """Return an action of a script, which is written as in the specification."""
    match dict(written):
        case {"wait_for": str(name)}:
            return actions.WaitFor(name)
        case {"accept": "tls" | "plain" as opening}:
            return actions.Accept(plain=opening == "plain")
        case {"connect": "tls" | "plain" as opening}:
            return actions.Connect(plain=opening == "plain")
        case {"secure": "server" | "client" as side}:
            return actions.Secure(side)
        case {"byte_by_byte": datum, **rest}:
            every = rest.get("every", 0)
            return actions.ByteByByte(data(datum), every if isinstance(every, int) else 0)
    ((key, value),) = written.items()
    return _SWITCHES[key]() if key in _SWITCHES else _DATA[key](data(value))


def data(written: Json) -> bytes:
    """Return bytes of a script."""
    match written:
        case str():
            return written.encode()
        case {"hex": digits}:
            return bytes.fromhex(str(digits))
        case {"repeat": text, "times": int(times)}:
            return str(text).encode() * times
    raise AssertionError(f"no data: {written}")
