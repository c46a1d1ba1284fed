"""How messages look between client and server."""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nimnet import Socket, SslError, raises

from benchmarks.estate.errors import LimitError, ProtocolError

LONGEST_LINE = 2_000
LARGEST_BODY = 1_000_000
MOST_FIELDS = 100
HEADER = struct.Struct("!BBHI")


class Kind(enum.IntEnum):
    HELLO = 1
    REQUEST = 2
    REPLY = 3
    FAILURE = 4
    GOODBYE = 5


@dataclass(frozen=True)
class Header:
    kind: Kind
    flags: int
    number: int
    size: int

    @property
    def final(self) -> bool:
        return bool(self.flags & 1)

    @property
    def compressed(self) -> bool:
        return bool(self.flags & 2)

    def packed(self) -> bytes:
        return HEADER.pack(self.kind, self.flags, self.number, self.size)


@dataclass
class Message:
    header: Header
    fields: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return self.header.kind is not Kind.FAILURE

    def get(self, name: str, default: str = "") -> str:
        return self.fields.get(name.lower(), default)

    def number(self, name: str) -> int:
        text = self.get(name)
        try:
            return int(text)
        except ValueError:
            raise ProtocolError(f"{name} is no number", text.encode()) from None

    def size_of_fields(self) -> int:
        return sum(len(name) + len(value) for name, value in self.fields.items())


def parsed(data: bytes) -> Header:
    if len(data) < HEADER.size:
        raise ProtocolError("the header is too short", data)
    kind, flags, number, size = HEADER.unpack(data)
    try:
        known = Kind(kind)
    except ValueError:
        raise ProtocolError("no message is of this kind", data) from None
    if size > LARGEST_BODY:
        raise LimitError("the body is too large", data)
    return Header(known, flags, number, size)


def parsed_field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not name or name != name.strip():
        raise ProtocolError("this is no field", line)
    try:
        return name.decode("ascii").lower(), value.strip().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError("a field is not text", line) from error


@raises(OSError, SslError, ProtocolError, timeout=TimeoutError)
def read_line(connection: Socket, timeout: int = -1) -> bytes:
    line = connection.recv_until(b"\r\n", timeout, max_length=LONGEST_LINE)
    if not line.endswith(b"\r\n"):
        if line:
            raise LimitError("a line is too long", line)
        raise ProtocolError("the peer has closed")
    return line[:-2]


def read_exactly(connection: Socket, size: int, timeout: int = -1) -> bytes:
    data = connection.recv(size, timeout)
    if len(data) < size:
        raise ProtocolError(f"{size} bytes were to come, and {len(data)} did")
    return data


def read_fields(connection: Socket, timeout: int) -> dict[str, str]:
    found: dict[str, str] = {}
    while line := read_line(connection, timeout):
        name, value = parsed_field(line)
        if len(found) == MOST_FIELDS:
            raise LimitError("there are too many fields", line)
        if name in found:
            found[name] += f", {value}"
        else:
            found[name] = value
    return found


@raises(OSError, SslError, ProtocolError, TimeoutError)
def read_message(connection: Socket, timeout: int) -> Message:
    header = parsed(read_exactly(connection, HEADER.size, timeout))
    fields = read_fields(connection, timeout)
    body = read_exactly(connection, header.size, timeout) if header.size else b""
    return Message(header, fields, body)


def read_parts(connection: Socket, timeout: int) -> Iterator[Message]:
    while True:
        message = read_message(connection, timeout)
        yield message
        if message.header.final:
            return


def encoded_fields(fields: Mapping[str, str]) -> bytes:
    lines: list[bytes] = []
    for name, value in fields.items():
        if "\r" in value or "\n" in value:
            raise ProtocolError(f"{name} has a line break")
        lines.append(f"{name}: {value}\r\n".encode())
    return b"".join(lines)


def encoded(message: Message) -> bytes:
    header = message.header
    if header.size != len(message.body):
        header = Header(header.kind, header.flags, header.number, len(message.body))
    return header.packed() + encoded_fields(message.fields) + b"\r\n" + message.body


@raises(OSError, SslError, ProtocolError)
def send_message(connection: Socket, message: Message) -> int:
    data = encoded(message)
    connection.send(data)
    return len(data)


@raises(OSError, SslError, ProtocolError, TimeoutError)
def send_messages(connection: Socket, messages: Iterable[Message], timeout: int) -> int:
    total = 0
    for message in messages:
        data = encoded(message)
        connection.send(data, timeout=timeout)
        total += len(data)
    return total


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def split(message: Message, size: int) -> list[Message]:
    parts = list(chunks(message.body, size)) or [b""]
    return [
        Message(
            Header(
                message.header.kind,
                message.header.flags | (index == len(parts) - 1),
                message.header.number,
                len(part),
            ),
            message.fields if index == 0 else {},
            part,
        )
        for index, part in enumerate(parts)
    ]


def joined(parts: Iterable[Message]) -> Message:
    fields: dict[str, str] = {}
    bodies: list[bytes] = []
    header: Header | None = None
    for part in parts:
        header = header or part.header
        if part.header.number != header.number:
            raise ProtocolError("parts of two messages are mixed")
        fields.update(part.fields)
        bodies.append(part.body)
        if sum(map(len, bodies)) > LARGEST_BODY:
            raise LimitError("all parts together are too large")
    if header is None:
        raise ProtocolError("a message has no parts")
    return Message(header, fields, b"".join(bodies))


def failure(number: int, code: int, text: str) -> Message:
    return Message(Header(Kind.FAILURE, 1, number, 0), {"code": str(code), "text": text})


def reply(number: int, body: bytes, **fields: str) -> Message:
    return Message(Header(Kind.REPLY, 1, number, len(body)), dict(fields), body)
