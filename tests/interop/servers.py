"""Small servers on nimnet, for real clients to drive: lines, HTTP/1.1 and Redis."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from interop.client import encode_command, read_bulk, recv_exactly, recv_text_line
from nimnet import Socket

PATIENCE = 30_000
"""Milliseconds a server waits for its client: only a hanging test reaches it."""

Handler = Callable[[Socket], None]


@dataclass
class Service:
    """A listening socket whose connections are served, each in a thread of its own.

    Attributes:
        faults: What went wrong in the threads; `serving` raises it at the end.
    """

    listener: Socket
    handler: Handler
    faults: list[Exception] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, target: Callable[..., None], *arguments: Socket) -> None:
        """Run something in a thread that keeps its fault."""

        def guarded() -> None:
            try:
                target(*arguments)
            except Exception as fault:
                self.faults.append(fault)

        thread = threading.Thread(target=guarded, daemon=True)
        self.threads.append(thread)
        thread.start()

    def accept_all(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                connection = self.listener.accept()
            except OSError:
                if self.listener.closed:
                    return
                raise
            self.start(self.serve, connection)

    def serve(self, connection: Socket) -> None:
        """Serve one connection and close it."""
        with connection:
            self.handler(connection)

    def stop(self) -> None:
        """Close the listener and wait until the last connection has been served."""
        self.listener.close()
        for thread in self.threads:
            thread.join(PATIENCE / 1000)
            if thread.is_alive():
                self.faults.append(TimeoutError("a thread of the server hangs"))


@contextlib.contextmanager
def serving(listener: Socket, handler: Handler) -> Iterator[None]:
    """Serve the connections of a bound socket for as long as the context lasts.

    What failed in the server is raised at its end, or noted on what the test failed with.

    Raises:
        ExceptionGroup: Handlers failed.
    """
    listener.listen()
    service = Service(listener, handler)
    service.start(service.accept_all)
    try:
        yield
    except BaseException as error:
        service.stop()
        for fault in service.faults:
            error.add_note("In the server: " + "".join(traceback.format_exception(fault)))
        raise
    service.stop()
    if service.faults:
        raise ExceptionGroup("the server failed", service.faults)


def echo_lines(connection: Socket) -> None:
    """Send every line back, in capitals, and at the end what is no whole line."""
    for line in connection.lines(PATIENCE):
        text = b"" if line == b"\r\n" else line
        connection.send(text.upper() + b"\n", timeout=PATIENCE)
    connection.send(connection.recv(100, PATIENCE), timeout=PATIENCE)


# --- HTTP/1.1


@lru_cache(maxsize=2)
def blob(size: int) -> bytes:
    """Return the body of `/blob/SIZE`."""
    return Random(size).randbytes(size)


def read_headers(connection: Socket) -> dict[str, str]:
    """Read headers up to the blank line; their names are in lower case."""
    headers: dict[str, str] = {}
    while line := recv_text_line(connection, PATIENCE):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return headers


def answer(method: str, target: str, digest: str) -> tuple[str, bytes]:
    """Return the status and the body for a request whose body has this digest."""
    match method, target.split("/")[1:]:
        case "GET" | "HEAD", ["blob", size]:
            return "200 OK", blob(int(size))
        case "PUT" | "POST", ["digest"]:
            return "200 OK", digest.encode()
        case _:
            return "404 Not Found", b"no such thing\n"


def http(connection: Socket) -> None:
    """Serve HTTP requests until the client closes.

    `GET /blob/SIZE` gives as many bytes; `PUT /digest` gives the SHA-256 of what is put.
    """
    while request := connection.recv_line(PATIENCE):
        method, target, _ = request.decode("latin-1").split(" ")
        headers = read_headers(connection)
        digest = read_digest(connection, headers)
        status, body = answer(method, target, digest)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.send(head, timeout=PATIENCE)
        if method != "HEAD":
            connection.send(body, timeout=PATIENCE)


def read_digest(connection: Socket, headers: Mapping[str, str]) -> str:
    """Read a request's body and return its SHA-256."""
    if headers.get("expect", "").lower() == "100-continue":
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n", timeout=PATIENCE)
    digest = hashlib.sha256()
    size = int(headers.get("content-length", "0"))
    while size:
        piece = recv_exactly(connection, min(size, 1 << 18), PATIENCE)
        digest.update(piece)
        size -= len(piece)
    return digest.hexdigest()


# --- Redis


def redis_store() -> Handler:
    """Return a server of PING, ECHO, SET and GET, with a store that its connections share."""
    store: dict[bytes, bytes] = {}

    def reply(words: list[bytes]) -> bytes:
        match [words[0].upper(), *words[1:]]:
            case [b"PING"]:
                return b"+PONG\r\n"
            case [b"ECHO", text]:
                return bulk(text)
            case [b"SET", key, value]:
                store[key] = value
                return b"+OK\r\n"
            case [b"GET", key]:
                return bulk(store[key]) if key in store else b"$-1\r\n"
            case _:
                return b"-ERR unknown command '%s'\r\n" % words[0]

    def serve(connection: Socket) -> None:
        while line := connection.recv_line(PATIENCE):
            if line == b"\r\n":  # redis-cli --pipe puts one before its last command
                continue
            assert line[:1] == b"*", line
            words = [
                read_bulk(connection, int(recv_text_line(connection, PATIENCE)[1:]), PATIENCE)
                for _ in range(int(line[1:]))
            ]
            connection.send(reply(words), timeout=PATIENCE)

    return serve


def bulk(data: bytes) -> bytes:
    """Return a bulk string: what a command of one word has behind its count."""
    return encode_command(data).partition(b"\r\n")[2]
