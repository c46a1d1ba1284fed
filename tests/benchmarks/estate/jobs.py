"""What the service does by itself, with others."""

from __future__ import annotations

import functools
import heapq
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import nimnet
from nimnet import SslError, parse_ip_address, raises

from benchmarks.estate import client as upstream
from benchmarks.estate import errors as upstream_errors
from benchmarks.estate import server, wire
from benchmarks.estate.client import Address, Client
from benchmarks.estate.errors import LostError, RefusedError, ServiceError
from benchmarks.estate.pool import Pool, Pools

logger = logging.getLogger(__name__)


@dataclass(order=True)
class Job:
    time: int
    name: str = field(compare=False)
    action: Callable[[], None] = field(compare=False)
    failures: int = field(default=0, compare=False)


class Schedule:
    def __init__(self) -> None:
        self._jobs: list[Job] = []

    def add(self, time: int, name: str, action: Callable[[], None]) -> None:
        heapq.heappush(self._jobs, Job(time, name, action))

    def due(self, now: int) -> Iterator[Job]:
        while self._jobs and self._jobs[0].time <= now:
            yield heapq.heappop(self._jobs)

    def run(self, now: int) -> int:
        done = 0
        for job in self.due(now):
            try:
                job.action()
                done += 1
            except ServiceError as error:
                job.failures += 1
                logger.warning("%s failed: %s", job.name, error)
                if job.failures < 3:
                    self.add(now + 60, job.name, job.action)
        return done


@raises(ValueError)
def is_local(text: str) -> bool:
    address = parse_ip_address(text)
    return str(address).startswith("127.")


def described(address: Address) -> str:
    try:
        where = "here" if is_local(address.host) else "elsewhere"
    except ValueError:
        where = "by name"
    return f"{address} ({where})"


class Mirror:
    """Keeps a copy of what another service has."""

    def __init__(self, source: Pool, target: Pool, keys: Iterable[str]) -> None:
        self._source = source
        self._target = target
        self._keys = list(keys)
        self.missing: set[str] = set()

    def _one(self, key: str) -> bool:
        value = self._source.fetch(key)
        if value is None:
            self.missing.add(key)
            return False
        self._target.store(key, value)
        return True

    @raises(ServiceError, TimeoutError)
    def run(self) -> int:
        return sum(self._one(key) for key in self._keys)

    @raises()
    def run_safely(self) -> int:
        try:
            return self.run()
        except TimeoutError:
            logger.warning("mirroring took too long")
        except LostError as error:
            logger.warning("mirroring was interrupted: %s", error)
        except ServiceError:
            logger.exception("mirroring failed")
        return 0


class LocalMirror(Mirror):
    @raises(ServiceError)
    def run(self) -> int:
        try:
            return super().run()
        except TimeoutError:
            return len(self.missing)


@raises(upstream_errors.ServiceError, TimeoutError)
def ask_upstream(address: upstream.Address, keys: list[str]) -> dict[str, bytes]:
    with upstream.connected(address, timeout=2_000) as connection:
        connection.greet("jobs")
        return connection.all_of(keys)


def sizes(found: dict[str, bytes]) -> dict[str, int]:
    return {key: len(value) for key, value in found.items()}


@raises(ServiceError)
def largest(address: upstream.Address, keys: list[str]) -> str:
    try:
        found = sizes(ask_upstream(address, keys))
    except TimeoutError as error:
        raise LostError("upstream takes too long") from error
    except upstream_errors.ServiceError as error:
        raise LostError(f"upstream does not answer: {error}") from error
    if not found:
        raise RefusedError(404, "there is nothing")
    return max(found, key=lambda key: found[key])


@raises(OSError, SslError, ServiceError, TimeoutError)
def upload_all(connection: Client, values: dict[str, bytes], timeout: int) -> int:
    with nimnet.fail_after(timeout):
        return sum(connection.upload(key, value) for key, value in values.items())


@raises()
def upload_quietly(connection: Client, values: dict[str, bytes]) -> int:
    try:
        return upload_all(connection, values, 5_000)
    except TimeoutError:
        logger.info("not all was uploaded")
    except (OSError, SslError) as error:
        logger.info("the network failed: %s", error)
    except ServiceError as error:
        logger.info("the service failed: %s", error)
    return 0


def probe(pools: Pools, addresses: Iterable[Address]) -> Iterator[tuple[str, bool]]:
    for address in addresses:
        yield described(address), pools.of(address).healthy()


def report(pools: Pools, addresses: list[Address]) -> str:
    lines = [f"{name}: {'well' if well else 'sick'}" for name, well in probe(pools, addresses)]
    lines += [f"{address} needs a look" for address in pools.sick()]
    return "\n".join(lines)


def planned(schedule: Schedule, mirrors: dict[str, Mirror], now: int) -> int:
    for name, mirror in mirrors.items():
        schedule.add(now, name, functools.partial(_mirrored, mirror))
    return schedule.run(now)


def _mirrored(mirror: Mirror) -> None:
    mirror.run_safely()


@raises(OSError, ValueError)
def started(port: int, schedule: Schedule) -> server.Server:
    store = server.Store()
    running = server.Server([*server.standard_handlers(store), server.Due(schedule)])
    listener = running.listening(port)
    running.serve(listener)
    return running


@raises()
def main(port: int, others: list[str]) -> int:
    schedule = Schedule()
    pools = Pools()
    try:
        addresses = [Address.parse(text) for text in others]
    except ServiceError as error:
        logger.error("%s", error)
        return 2
    logger.info("%s", report(pools, addresses))
    try:
        started(port, schedule)
    except (OSError, ValueError) as error:
        logger.error("cannot serve: %s", error)
        return 1
    finally:
        pools.close()
    return 0


def echo(text: bytes) -> bytes:
    return wire.encoded(wire.reply(1, text))
