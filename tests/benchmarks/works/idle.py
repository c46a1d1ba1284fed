"""Many connections that are not used: what each adds to the memory of its process.

Each has exchanged one message, as the connections of a server have that wait for the next one. The
first ones are not counted: they load code, and fill what the allocators keep in stock. What the
system's kernel holds for a connection is not counted either; it is the same for both.
"""

import contextlib
import gc
import resource
import socket
import sys
from pathlib import Path
from typing import BinaryIO, Final

from nimnet import Socket

from benchmarks.peers.orders import MESSAGE, Order, ordered
from benchmarks.tasks import Task
from benchmarks.works.connections import connecting_ours, connecting_theirs

_FIRST: Final = 100
"""Connections that are not counted."""
_ROLLUP: Final = Path("/proc/self/smaps_rollup")


def memory_of_one(task: Task) -> float:
    """Returns the bytes that each of `size` connections takes, for "idle file" with `makefile`."""
    kept: list[tuple[socket.socket | Socket, BinaryIO | None]] = []
    counted = task.size
    with (
        ordered(task.control, Order("hold", _FIRST + counted, task.tls)) as peer,
        contextlib.ExitStack() as open_ones,
    ):
        if task.by == "theirs":
            connect = connecting_theirs(task)

            def open_one() -> None:
                sock = open_ones.enter_context(connect(peer.port))
                file = sock.makefile("rb") if task.work == "idle file" else None
                sock.sendall(MESSAGE)
                assert (file.read(64) if file else sock.recv(64)) == MESSAGE
                kept.append((sock, file))
        else:
            dial = connecting_ours(task)

            def open_one() -> None:
                sock = open_ones.enter_context(dial(peer.port))
                sock.send(MESSAGE)
                assert sock.recv(64) == MESSAGE
                kept.append((sock, None))

        for _ in range(_FIRST):
            open_one()
        gc.collect()
        before = resident()
        for _ in range(counted):
            open_one()
        gc.collect()
        return (resident() - before) / counted


def resident() -> int:
    """Returns the bytes of memory that this process has; where nobody tells, its most so far."""
    if _ROLLUP.exists():
        (line,) = (each for each in _ROLLUP.read_text().splitlines() if each.startswith("Rss:"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
