"""Connections that several threads share."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nimnet import raises

from benchmarks.estate import client
from benchmarks.estate.errors import ExhaustedError, LostError, RefusedError, ServiceError

if TYPE_CHECKING:
    from benchmarks.estate.client import Address, Client

logger = logging.getLogger(__name__)


@dataclass
class Statistics:
    opened: int = 0
    reused: int = 0
    failed: int = 0
    waited: float = 0.0
    by_address: dict[str, int] = field(default_factory=dict)

    def count(self, address: Address) -> None:
        name = str(address)
        self.by_address[name] = self.by_address.get(name, 0) + 1

    @property
    def rate(self) -> float:
        total = self.opened + self.reused
        return self.reused / total if total else 0.0

    def report(self) -> str:
        lines = [f"opened {self.opened}, reused {self.reused}, failed {self.failed}"]
        for name, count in sorted(self.by_address.items()):
            lines.append(f"  {name}: {count}")
        return "\n".join(lines)


@dataclass
class Idle:
    connection: Client
    since: float

    def age(self) -> float:
        return time.monotonic() - self.since


class Pool:
    """At most so many connections, to one address."""

    def __init__(self, address: Address, most: int = 8, *, timeout: int = 10_000) -> None:
        self.address = address
        self.statistics = Statistics()
        self._most = most
        self._timeout = timeout
        self._idle: deque[Idle] = deque()
        self._in_use = 0
        self._condition = threading.Condition()
        self._closed = False

    def _wait_for_one(self, seconds: float) -> Client | None:
        deadline = time.monotonic() + seconds
        with self._condition:
            while True:
                if self._closed:
                    raise LostError("the pool is closed")
                while self._idle:
                    idle = self._idle.pop()
                    if idle.connection.usable and idle.age() < 60.0:
                        self._in_use += 1
                        self.statistics.reused += 1
                        return idle.connection
                    idle.connection.close()
                if self._in_use < self._most:
                    self._in_use += 1
                    return None
                left = deadline - time.monotonic()
                if left <= 0 or not self._condition.wait(left):
                    raise ExhaustedError(f"all {self._most} connections are in use")

    def _opened(self) -> Client:
        try:
            connection = client.patiently(self.address, timeout=self._timeout)
            connection.greet("pool")
        except (ServiceError, TimeoutError):
            self.statistics.failed += 1
            self._release()
            raise
        self.statistics.opened += 1
        self.statistics.count(self.address)
        return connection

    def _release(self) -> None:
        with self._condition:
            self._in_use -= 1
            self._condition.notify()

    @raises(ServiceError, TimeoutError)
    def take(self, seconds: float = 1.0) -> Client:
        return self._wait_for_one(seconds) or self._opened()

    @raises()
    def give(self, connection: Client) -> None:
        if connection.usable and not self._closed:
            self._idle.append(Idle(connection, time.monotonic()))
        else:
            connection.close()
        self._release()

    @contextlib.contextmanager
    def lent(self, seconds: float = 1.0) -> Iterator[Client]:
        connection = self.take(seconds)
        try:
            yield connection
        finally:
            self.give(connection)

    @raises(ServiceError, TimeoutError)
    def fetch(self, key: str) -> bytes | None:
        with self.lent() as connection:
            return connection.fetch(key)

    @raises(ServiceError, TimeoutError)
    def store(self, key: str, value: bytes) -> None:
        with self.lent() as connection:
            connection.store(key, value)

    @raises(ServiceError)
    def fetch_or(self, key: str, default: bytes) -> bytes:
        try:
            found = self.fetch(key)
        except TimeoutError:
            logger.warning("%s takes its time", self.address)
            return default
        return default if found is None else found

    @raises()
    def healthy(self) -> bool:
        try:
            with self.lent(0.1) as connection:
                return connection.greet("probe") > 0
        except TimeoutError:
            return False
        except RefusedError as error:
            return error.temporary
        except ServiceError:
            logger.exception("%s is not well", self.address)
            return False

    @raises()
    def close(self) -> None:
        with self._condition:
            self._closed = True
            idle, self._idle = list(self._idle), deque()
            self._condition.notify_all()
        for each in idle:
            each.connection.close()


class Pools:
    """A pool for each address."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._pools: dict[Address, Pool] = {}
        self._lock = threading.Lock()

    @raises()
    def of(self, address: Address) -> Pool:
        with self._lock:
            if address not in self._pools:
                self._pools[address] = Pool(address, self._most)
            return self._pools[address]

    @raises(ServiceError, TimeoutError)
    def fetch(self, text: str, key: str) -> bytes | None:
        return self.of(client.Address.parse(text)).fetch(key)

    def first_of(self, texts: list[str], key: str) -> bytes | None:
        last: ServiceError | None = None
        for text in texts:
            try:
                return self.fetch(text, key)
            except LostError as error:
                last = error
        if last is not None:
            raise last
        return None

    @raises()
    def sick(self) -> list[Address]:
        return [address for address, pool in self._pools.items() if not pool.healthy()]

    @raises()
    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
