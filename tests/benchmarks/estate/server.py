"""The server's side: a thread for each client."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

import nimnet
from nimnet import HANDSHAKE_AS_SERVER, OPT_REUSE_ADDR, Port, Socket, SslContext, SslError, raises

from benchmarks.estate import wire
from benchmarks.estate.errors import ProtocolError, RefusedError, ServiceError
from benchmarks.estate.wire import Kind, Message

if TYPE_CHECKING:
    from benchmarks.estate.jobs import Schedule

logger = logging.getLogger(__name__)
IDLE = 60_000


class Handler(ABC):
    """Answers requests of one operation."""

    operation: str = ""

    @abstractmethod
    @raises(ServiceError)
    def answer(self, request: Message) -> Message: ...

    @raises()
    def describe(self) -> str:
        return f"{type(self).__name__} for {self.operation}"


class Store:
    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def get(self, key: str) -> bytes:
        with self._lock:
            try:
                return self._values[key]
            except KeyError:
                raise RefusedError(404, f"there is no {key}") from None

    def put(self, key: str, value: bytes) -> None:
        if not key:
            raise RefusedError(400, "a key is not empty")
        with self._lock:
            self._values[key] = value

    def delete(self, key: str) -> None:
        self.get(key)
        with self._lock:
            del self._values[key]

    def __len__(self) -> int:
        return len(self._values)


def text_of(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError("a key is not text", data) from error


class Get(Handler):
    operation = "get"

    def __init__(self, store: Store) -> None:
        self._store = store

    @raises(ServiceError)
    def answer(self, request: Message) -> Message:
        value = self._store.get(text_of(request.body))
        return wire.reply(request.header.number, value)


class Put(Handler):
    operation = "put"

    def __init__(self, store: Store) -> None:
        self._store = store

    @raises(ServiceError)
    def answer(self, request: Message) -> Message:
        key, zero, value = request.body.partition(b"\0")
        if not zero:
            raise ProtocolError("there is no value", request.body)
        self._store.put(text_of(key), value)
        return wire.reply(request.header.number, b"", stored=str(len(value)))


class Delete(Handler):
    operation = "delete"

    def __init__(self, store: Store) -> None:
        self._store = store

    @raises(ServiceError)
    def answer(self, request: Message) -> Message:
        self._store.delete(text_of(request.body))
        return wire.reply(request.header.number, b"")


class Hello(Handler):
    operation = "hello"

    @raises(ServiceError)
    def answer(self, request: Message) -> Message:
        name = text_of(request.body)
        if not name.isidentifier():
            raise RefusedError(400, "who is this?")
        return wire.reply(request.header.number, name.encode(), version="1")


class Due(Handler):
    operation = "due"

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule

    @raises(ServiceError)
    def answer(self, request: Message) -> Message:
        names = [job.name for job in self._schedule.due(request.number("time"))]
        return wire.reply(request.header.number, "\n".join(names).encode())


class Conversation:
    """What one client says, until it leaves."""

    def __init__(self, connection: Socket, handlers: dict[str, Handler]) -> None:
        self._connection = connection
        self._handlers = handlers
        self.answered = 0

    def _answer(self, request: Message) -> Message:
        operation = request.get("operation")
        handler = self._handlers.get(operation)
        if handler is None:
            raise RefusedError(501, f"nobody knows {operation}")
        return handler.answer(request)

    def _step(self) -> bool:
        request = wire.read_message(self._connection, IDLE)
        match request.header.kind:
            case Kind.GOODBYE:
                return False
            case Kind.REQUEST | Kind.HELLO:
                number = request.header.number
                try:
                    answer = self._answer(request)
                except RefusedError as error:
                    answer = wire.failure(number, error.code, error.text)
                except ServiceError as error:
                    answer = wire.failure(number, 500, str(error))
                wire.send_message(self._connection, answer)
                self.answered += 1
                return True
            case _:
                raise ProtocolError(f"a client does not send {request.header.kind.name}")

    @raises()
    def run(self) -> None:
        try:
            with self._connection:
                while self._step():
                    pass
        except TimeoutError:
            logger.info("a client said nothing for long")
        except (OSError, SslError) as error:
            logger.info("a client was lost: %s", error)
        except ProtocolError as error:
            logger.warning("a client is confused: %s", error)


class Server:
    def __init__(self, handlers: list[Handler], context: SslContext | None = None) -> None:
        self._handlers = {handler.operation: handler for handler in handlers}
        self._context = context
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    @raises(OSError, ValueError)
    def listening(self, port: int) -> Socket:
        listener = nimnet.new_socket()
        listener.set_sock_opt(OPT_REUSE_ADDR, True)
        listener.bind_addr(Port(port))
        listener.listen()
        return listener

    def _accepted(self, listener: Socket) -> Socket:
        connection = listener.accept(timeout=500)
        if self._context is not None:
            self._context.wrap_connected_socket(connection, HANDSHAKE_AS_SERVER)
        return connection

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    @raises(OSError)
    def serve(self, listener: Socket) -> None:
        with listener:
            while not self._stopping.is_set():
                try:
                    connection = self._accepted(listener)
                except TimeoutError:
                    continue
                except SslError as error:
                    logger.info("no TLS: %s", error)
                    continue
                conversation = Conversation(connection, self._handlers)
                try:
                    self._start(conversation.run)
                except RuntimeError:
                    logger.exception("there is no thread for a client")
                    connection.close()

    @raises()
    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(1.0)


def standard_handlers(store: Store) -> list[Handler]:
    return [Get(store), Put(store), Delete(store), Hello()]
