"""The client's side."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TypeVar

import nimnet
from nimnet import HANDSHAKE_AS_CLIENT, Port, Socket, SslContext, SslError, raises

from benchmarks.estate import wire
from benchmarks.estate.errors import LostError, ProtocolError, RefusedError, ServiceError
from benchmarks.estate.wire import Header, Kind, Message

_T = TypeVar("_T")
DEFAULT_TIMEOUT = 10_000
LONGEST_PART = 65_536


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    tls: bool = False

    @classmethod
    def parse(cls, text: str) -> Address:
        host, colon, port = text.rpartition(":")
        if not colon:
            raise ServiceError(f"{text!r} has no port")
        try:
            return cls(host.strip("[]"), int(port), tls=port.endswith("1"))
        except ValueError as error:
            raise ServiceError(f"{text!r} has no port that is a number") from error

    @property
    @raises(ValueError)
    def network_port(self) -> Port:
        return Port(self.port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Channel(Protocol):
    """What can be asked."""

    @raises(ServiceError, TimeoutError)
    def ask(self, operation: str, body: bytes = b"") -> Message: ...

    @raises()
    def close(self) -> None: ...


class Client:
    """One connection, and what is said on it."""

    def __init__(self, connection: Socket, timeout: int = DEFAULT_TIMEOUT) -> None:
        self._connection = connection
        self._timeout = timeout
        self._numbers = itertools.count(1)
        self._broken = ""
        self.version = 0
        self.sent = 0

    @raises()
    def __enter__(self) -> Self:
        return self

    @raises()
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def usable(self) -> bool:
        return not self._broken and not self._connection.closed

    def _check(self) -> None:
        if self._broken:
            raise LostError(self._broken)

    def _end(self, reason: str) -> None:
        self._broken = self._broken or reason
        try:
            self._connection.close()
        except OSError as error:
            self._broken += f" (closing failed too: {error})"

    def _guarded(self, action: Callable[[], _T]) -> _T:
        self._check()
        return action()

    def _exchange(self, message: Message) -> Message:
        self.sent += wire.send_message(self._connection, message)
        answer = wire.joined(wire.read_parts(self._connection, self._timeout))
        if answer.header.number != message.header.number:
            raise ProtocolError("this answers another question")
        return answer

    @raises(ServiceError, TimeoutError)
    def ask(self, operation: str, body: bytes = b"") -> Message:
        self._check()
        request = self._request(operation, body)
        try:
            answer = self._exchange(request)
        except (OSError, SslError) as error:
            self._end(str(error))
            if isinstance(error, TimeoutError):
                raise error
            raise LostError(f"the connection is lost: {error}") from error
        except ProtocolError:
            self._end("the peer is confused")
            raise
        if not answer.ok:
            raise RefusedError(answer.number("code"), answer.get("text"))
        return answer

    def _request(self, operation: str, body: bytes) -> Message:
        header = Header(Kind.REQUEST, 1, next(self._numbers) & 0xFFFF, len(body))
        return Message(header, {"operation": operation}, body)

    @raises(ServiceError, TimeoutError)
    def greet(self, name: str) -> int:
        answer = self.ask("hello", name.encode())
        self.version = answer.number("version")
        if self.version < 1:
            raise ProtocolError(f"version {self.version} is none that we know")
        return self.version

    @raises(ServiceError, TimeoutError)
    def fetch(self, key: str) -> bytes | None:
        try:
            return self.ask("get", key.encode()).body
        except RefusedError as error:
            if error.code == 404:
                return None
            raise

    @raises(ServiceError, TimeoutError)
    def store(self, key: str, value: bytes) -> None:
        self.ask("put", key.encode() + b"\0" + value)

    @raises(ServiceError, TimeoutError)
    def remove(self, keys: Sequence[str]) -> int:
        removed = 0
        for key in keys:
            with contextlib.suppress(RefusedError):
                self.ask("delete", key.encode())
                removed += 1
        return removed

    @raises(ServiceError, TimeoutError)
    def all_of(self, keys: Sequence[str]) -> dict[str, bytes]:
        found = {key: self.fetch(key) for key in keys}
        return {key: value for key, value in found.items() if value is not None}

    @raises(OSError, SslError, ServiceError, TimeoutError)
    def upload(self, key: str, value: bytes) -> int:
        message = self._request("upload", key.encode() + b"\0" + value)
        parts = wire.split(message, LONGEST_PART)
        with nimnet.fail_after(self._timeout):
            for part in parts:
                self.sent += wire.send_message(self._connection, part)
            answer = wire.read_message(self._connection, self._timeout)
        return answer.number("stored")

    def watch(self, key: str) -> Iterator[bytes]:
        wire.send_message(self._connection, self._request("watch", key.encode()))
        for message in wire.read_parts(self._connection, self._timeout):
            if message.body:
                yield message.body

    @raises()
    def close(self) -> None:
        if self.usable:
            goodbye = Message(Header(Kind.GOODBYE, 1, 0, 0))
            try:
                wire.send_message(self._connection, goodbye)
            except (OSError, SslError, ProtocolError) as error:
                self._broken = str(error)
        self._end("it was closed")


@raises(ServiceError, TimeoutError)
def connected(
    address: Address, context: SslContext | None = None, *, timeout: int = DEFAULT_TIMEOUT
) -> Client:
    try:
        connection = nimnet.dial(address.host, address.network_port, timeout=timeout)
    except ValueError as error:
        raise ServiceError(f"{address} is no address") from error
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise error
        raise LostError(f"no connection to {address}: {error}") from error
    except SslError as error:
        raise LostError(f"no TLS with {address}: {error}") from error
    if context is not None:
        secure(connection, context, address.host)
    return Client(connection, timeout)


def secure(connection: Socket, context: SslContext, host: str) -> None:
    try:
        context.wrap_connected_socket(connection, HANDSHAKE_AS_CLIENT, host)
    except (OSError, SslError, ValueError) as error:
        with contextlib.suppress(OSError):
            connection.close()
        raise LostError(f"no TLS with {host}: {error}") from error


def pause(attempt: int, longest: float = 5.0) -> float:
    seconds = min(longest, 0.1 * 2.0**attempt)
    time.sleep(seconds)
    return seconds


@raises(ServiceError, TimeoutError)
def patiently(address: Address, attempts: int = 3, *, timeout: int = DEFAULT_TIMEOUT) -> Client:
    for attempt in range(attempts - 1):
        try:
            return connected(address, timeout=timeout)
        except LostError:
            pause(attempt)
    return connected(address, timeout=timeout)


@raises(ServiceError, TimeoutError)
def copy(source: Channel, target: Channel, keys: Sequence[str]) -> int:
    copied = 0
    for key in keys:
        value = source.ask("get", key.encode()).body
        if value:
            target.ask("put", key.encode() + b"\0" + value)
            copied += 1
    return copied
