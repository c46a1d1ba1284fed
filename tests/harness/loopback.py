"""Sockets on this machine for tests of the runtime: connected pairs, listeners, silent servers."""

import codecs
import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from nimnet_runtime.endpoint import Endpoint

TRANSPORTS = ("tcp", "tcp6", "unix")

# Python loads this codec when a resolver is first asked, in whatever thread that is: a file that is
# open then is none that a call has left.
codecs.lookup("idna")


def family_of(transport: str) -> int:
    return {"tcp": socket.AF_INET, "tcp6": socket.AF_INET6, "unix": socket.AF_UNIX}[transport]


def stream_endpoint(transport: str = "tcp", buffered: bool = True) -> Endpoint:
    protocol = 0 if transport == "unix" else socket.IPPROTO_TCP
    return Endpoint.create(family_of(transport), socket.SOCK_STREAM, protocol, buffered)


def udp_endpoint(family: int = socket.AF_INET) -> Endpoint:
    return Endpoint.create(family, socket.SOCK_DGRAM, socket.IPPROTO_UDP, True)


@contextlib.contextmanager
def listening(transport: str = "tcp", backlog: int = 16) -> Iterator[socket.socket]:
    """A listening socket of the standard library."""
    with (
        socket.socket(family_of(transport), socket.SOCK_STREAM) as listener,
        tempfile.TemporaryDirectory() as folder,
    ):
        if transport == "unix":
            listener.bind(str(Path(folder) / "s"))
        else:
            listener.bind(("::1" if transport == "tcp6" else "127.0.0.1", 0))
        listener.listen(backlog)
        yield listener


@contextlib.contextmanager
def pair(transport: str = "tcp", buffered: bool = True) -> Iterator[tuple[Endpoint, socket.socket]]:
    """An endpoint that has connected, and the standard library's socket at its other end."""
    with (
        listening(transport) as listener,
        contextlib.closing(stream_endpoint(transport, buffered)) as endpoint,
    ):
        where = listener.getsockname()
        if transport == "unix":
            endpoint.connect_unix(where, -1)
        else:
            endpoint.connect(where[0], where[1])
        peer, _ = listener.accept()
        with peer:
            yield endpoint, peer


@contextlib.contextmanager
def silent_server(transport: str = "tcp") -> Iterator[tuple[str, int]]:
    """A listener whose backlog is full: on Linux, who connects to it waits."""
    with listening(transport, backlog=0) as listener, contextlib.ExitStack() as stack:
        where = listener.getsockname()
        for _ in range(4):
            filler = stack.enter_context(socket.socket(listener.family, socket.SOCK_STREAM))
            filler.setblocking(False)
            filler.connect_ex(where)
        yield (where, 0) if isinstance(where, str) else (where[0], where[1])


def refused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Background:
    """Runs a call in another thread and keeps how it ended."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self.result: object = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def native_id(self) -> int | None:
        return self._thread.native_id

    def _run(self) -> None:
        try:
            self.result = self._call()
        except BaseException as error:
            self.error = error

    def ended(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> object:
        """Returns the result or raises what the call raised; fails if it is still running."""
        self._thread.join(20)
        assert not self._thread.is_alive(), "the call still waits"
        if self.error is not None:
            raise self.error
        return self.result


def until_waiting(thread: Background) -> None:
    """Returns when the thread sleeps in a system call other than for a lock."""
    task = Path(f"/proc/self/task/{thread.native_id}")
    while True:
        state = (task / "stat").read_text().rpartition(")")[2].split()[0]
        if state == "S" and "futex" not in (task / "wchan").read_text():
            return
        time.sleep(0.001)
