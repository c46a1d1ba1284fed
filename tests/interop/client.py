"""A Redis client and an HTTP client on nimnet: what the interop tests talk to real servers with.

It needs nimnet and the standard library alone, so it runs from any installation:

    python client.py redis HOST PORT
    python client.py redis-unix PATH
    python client.py http HOST PORT TARGET
    python client.py http-unix PATH TARGET

Each command holds a short conversation, checks every answer and prints what it saw; the exit status
is 0 if all was right.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nimnet import AF_UNIX, IPPROTO_IP, SOCK_STREAM, Port, Socket, dial, new_socket

LIMIT = 20_000
"""Milliseconds the commands of this program wait for an answer."""

Word: TypeAlias = bytes | str | int
Reply: TypeAlias = "bytes | int | RedisError | list[Reply] | None"


class RedisError(Exception):
    """An error reply of the server."""


class ProtocolError(Exception):
    """The server said something that its protocol does not know, or ended in the middle."""


def connect_unix(path: str, *, buffered: bool = True, timeout: int = -1) -> Socket:
    """Return a stream socket that is connected to a Unix socket's path."""
    sock = new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP, buffered)
    sock.connect_unix(path, timeout=timeout)
    return sock


def recv_exactly(sock: Socket, size: int, timeout: int = -1) -> bytes:
    """Receive exactly `size` bytes, also where a socket delivers what there is.

    Raises:
        ProtocolError: The stream ended before.
    """
    parts: list[bytes] = []
    while size > 0:
        part = sock.recv(size, timeout)
        if not part:
            raise ProtocolError(f"the stream ended {size} bytes early")
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def recv_text_line(sock: Socket, timeout: int = -1) -> bytes:
    """Receive a line that must be there; a blank one is empty here.

    Raises:
        ProtocolError: The stream ended before the line did.
    """
    line = sock.recv_line(timeout)
    if not line:
        raise ProtocolError("the stream ended where a line was due")
    return b"" if line == b"\r\n" else line


# --- Redis: the protocol's version 2, https://redis.io/docs/latest/develop/reference/protocol-spec/


def encode_command(*words: Word) -> bytes:
    """Return a command as an array of bulk strings."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts += [b"$%d\r\n" % len(data), data, b"\r\n"]
    return b"".join(parts)


def read_bulk(sock: Socket, size: int, timeout: int = -1) -> bytes:
    """Read a bulk string whose size has been read, and the line end behind it."""
    data = recv_exactly(sock, size, timeout)
    end = recv_exactly(sock, 2, timeout)
    if end != b"\r\n":
        raise ProtocolError(f"a bulk string of {size} bytes is followed by {end!r}")
    return data


def read_reply(sock: Socket, timeout: int = -1) -> Reply:
    """Read one reply; an error reply is returned, not raised, because pipelines mix them in."""
    line = recv_text_line(sock, timeout)
    kind, rest = line[:1], line[1:]
    match kind:
        case b"+":
            return rest
        case b"-":
            return RedisError(rest.decode())
        case b":":
            return int(rest)
        case b"$":
            return None if rest == b"-1" else read_bulk(sock, int(rest), timeout)
        case b"*":
            if rest == b"-1":
                return None
            return [read_reply(sock, timeout) for _ in range(int(rest))]
        case _:
            raise ProtocolError(f"no reply begins like this: {line[:80]!r}")


@dataclass
class RedisClient:
    """A conversation with a Redis server over a connected socket."""

    sock: Socket
    timeout: int = -1

    def send(self, *words: Word) -> None:
        """Send one command."""
        self.sock.send(encode_command(*words), timeout=self.timeout)

    def reply(self) -> Reply:
        """Read one reply."""
        return read_reply(self.sock, self.timeout)

    def command(self, *words: Word) -> Reply:
        """Send one command and return its reply.

        Raises:
            RedisError: The server refused it.
        """
        self.send(*words)
        reply = self.reply()
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def pipeline(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send all commands at once, then read all replies."""
        sent = b"".join(encode_command(*words) for words in commands)
        self.sock.send(sent, timeout=self.timeout)
        return [self.reply() for _ in commands]


# --- HTTP/1.1, RFC 9112


@dataclass(frozen=True)
class Head:
    """A response before its body; header names are in lower case."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Response(Head):
    """A whole response."""

    body: bytes = field(repr=False)


@dataclass
class HttpClient:
    """A conversation with an HTTP/1.1 server over a connected socket."""

    sock: Socket
    timeout: int = -1

    def send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> None:
        """Send one request."""
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.sock.send("\r\n".join([*lines, "", ""]).encode(), timeout=self.timeout)
        if body:
            self.sock.send(body, timeout=self.timeout)

    def head(self) -> Head:
        """Read a response's status line and headers (section 4 and 5)."""
        version, status, *_ = recv_text_line(self.sock, self.timeout).split(b" ", 2)
        if version != b"HTTP/1.1":
            raise ProtocolError(f"this is not HTTP/1.1: {version!r}")
        headers: dict[str, str] = {}
        while line := recv_text_line(self.sock, self.timeout):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return Head(int(status), headers)

    def body(self, head: Head, piece: int = 1 << 16) -> Iterator[bytes]:
        """Read the body of a response in pieces of at most `piece` bytes (section 6)."""
        if head.headers.get("transfer-encoding") == "chunked":
            while size := int(recv_text_line(self.sock, self.timeout).split(b";")[0], 16):
                yield from self._pieces(size, piece)
                self._blank()
            self._blank()
        else:
            yield from self._pieces(int(head.headers["content-length"]), piece)

    def _pieces(self, size: int, piece: int) -> Iterator[bytes]:
        while size:
            data = recv_exactly(self.sock, min(size, piece), self.timeout)
            size -= len(data)
            yield data

    def _blank(self) -> None:
        line = recv_text_line(self.sock, self.timeout)
        if line:
            raise ProtocolError(f"a chunk is followed by {line[:80]!r}")

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Response:
        """Send one request and return its whole response."""
        self.send(method, target, headers, body)
        head = self.head()
        bodiless = method == "HEAD" or head.status in (204, 304)
        data = b"" if bodiless else b"".join(self.body(head))
        return Response(head.status, head.headers, data)


# --- The program


def talk_redis(sock: Socket) -> str:
    """Hold a conversation with a Redis server and say what it was."""
    client = RedisClient(sock, LIMIT)
    key = f"nimnet:client:{random.getrandbits(64)}"
    value = random.randbytes(1 << 20)
    pong = client.command("PING")
    stored = client.command("SET", key, value, "EX", 60)
    if (pong, stored, client.command("GET", key)) != (b"PONG", b"OK", value):
        raise ProtocolError("the value that came back is not the one that was stored")
    replies = client.pipeline([("ECHO", number) for number in range(1000)])
    if replies != [b"%d" % number for number in range(1000)]:
        raise ProtocolError("the replies of the pipeline are not in order")
    client.command("DEL", key)
    return f"redis: {len(value)} bytes both ways, {len(replies)} replies in order"


def talk_http(sock: Socket, target: str) -> str:
    """Get a target twice over one connection and say what it is."""
    client = HttpClient(sock, LIMIT)
    first, second = (client.request("GET", target) for _ in range(2))
    if (first.status, first.body) != (second.status, second.body):
        raise ProtocolError(f"two requests for {target} had different answers")
    digest = hashlib.sha256(first.body).hexdigest()
    return f"http: {first.status}, {len(first.body)} bytes, sha256 {digest}"


def main(arguments: Sequence[str]) -> int:
    """Run one command of this program."""
    match arguments:
        case ["redis", host, port]:
            with dial(host, Port(int(port)), timeout=LIMIT) as sock:
                said = talk_redis(sock)
        case ["redis-unix", path]:
            with connect_unix(path, timeout=LIMIT) as sock:
                said = talk_redis(sock)
        case ["http", host, port, target]:
            with dial(host, Port(int(port)), timeout=LIMIT) as sock:
                said = talk_http(sock, target)
        case ["http-unix", path, target]:
            with connect_unix(path, timeout=LIMIT) as sock:
                said = talk_http(sock, target)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
