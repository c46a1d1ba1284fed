"""A pool of threads that probe servers, with retries, written for the check of effects."""

from __future__ import annotations

import contextlib
import functools
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import nimnet
from nimnet import Port, Socket, SslContext, SslError, raises

log = logging.getLogger("pool")
T = TypeVar("T")


class ProbeError(Exception):
    """A server is there, and not well."""


class StoppedError(Exception):
    """The pool takes no more work."""


class Probe(Protocol):
    """Something that looks at a server."""

    @raises(ProbeError, OSError, TimeoutError, SslError)
    def __call__(self, connection: Socket) -> str:
        """Returns what it has seen."""


@dataclass(frozen=True)
class Target:
    """A server."""

    host: str
    port: Port
    context: SslContext | None = None

    @raises(ValueError)
    def __post_init__(self) -> None:
        """Refuses what is no server."""
        if not self.host:
            raise ValueError("a server has a name")

    @classmethod
    @raises(ValueError)
    def parsed(cls, text: str) -> Target:
        """Reads `host:port`."""
        host, _, port = text.rpartition(":")
        return cls(host, Port(int(port)))

    @raises(OSError, TimeoutError, SslError)
    def connect(self, timeout: int = 5_000) -> Socket:
        """Connects to it."""
        return nimnet.dial(self.host, self.port, context=self.context, timeout=timeout)


class Banner:
    """Reads what a server says first."""

    def __init__(self, beginning: bytes) -> None:
        self.beginning = beginning

    @raises(ProbeError, OSError, TimeoutError, SslError)
    def __call__(self, connection: Socket) -> str:
        """Returns the line, if it is the right one."""
        line = connection.recv_line(timeout=2_000)
        if not line.startswith(self.beginning):
            raise ProbeError(f"it says {line[:40]!r}")
        return line.decode("utf-8", "replace")


class Echo(Banner):
    """Sends something and wants it back."""

    @raises(ProbeError, OSError, TimeoutError, SslError)
    def __call__(self, connection: Socket) -> str:
        """Returns how long that took."""
        begun = time.monotonic()
        connection &= self.beginning + b"\n"
        super().__call__(connection)
        return f"{time.monotonic() - begun:.3f} s"


class Tls:
    """Looks at the certificate; it cannot fail once the handshake has been."""

    @raises()
    def __call__(self, connection: Socket) -> str:
        """Returns the version and the cipher."""
        return f"{connection.get_tls_version()} {connection.get_cipher()}"


@dataclass
class Result(Generic[T]):
    """What came of a piece of work, or the exception that it ended with."""

    value: T | None = None
    error: Exception | None = None

    @raises(Exception)
    def unwrap(self) -> T:
        """Returns the value, or raises what there was instead."""
        if self.error is not None:
            raise self.error
        assert self.value is not None
        return self.value


def retrying(
    times: int,
) -> Callable[[Callable[[Target, Probe], str]], Callable[[Target, Probe], str]]:
    def decorate(function: Callable[[Target, Probe], str]) -> Callable[[Target, Probe], str]:
        @functools.wraps(function)
        def again(target: Target, probe: Probe) -> str:
            for left in reversed(range(times)):
                try:
                    return function(target, probe)
                except OSError:
                    if not left:
                        raise
                    time.sleep(random.random() / 10)
            raise AssertionError("range() was empty")

        return again

    return decorate


@raises(ProbeError, OSError, SslError)
def probed(target: Target, probe: Probe) -> str:
    """Connects to a server and looks at it."""
    with target.connect() as connection:
        return probe(connection)


@retrying(3)
@raises(ProbeError, OSError, SslError)
def patiently_probed(target: Target, probe: Probe) -> str:
    """The same, more than once if it has to be."""
    return probed(target, probe)


class Pool:
    """Threads that take targets from a queue."""

    @raises(RuntimeError)
    def __init__(self, probe: Probe, size: int) -> None:
        """Starts the threads."""
        self._probe = probe
        self._waiting: queue.Queue[Target | None] = queue.Queue()
        self._results: dict[Target, Result[str]] = {}
        self._lock = threading.Lock()
        self._stopped = False
        self._threads = [threading.Thread(target=self._work) for _ in range(size)]
        for thread in self._threads:
            thread.start()

    @raises(StoppedError)
    def submit(self, target: Target) -> None:
        """Gives the pool something to do."""
        with self._lock:
            if self._stopped:
                raise StoppedError
        self._waiting.put(target)

    @raises()
    def _work(self) -> None:
        """What each thread does until it is given None."""
        while (target := self._waiting.get()) is not None:
            result = self._result(target)
            with self._lock:
                self._results[target] = result

    @raises()
    def _result(self, target: Target) -> Result[str]:
        try:
            return Result(probed(target, self._probe))
        except (ProbeError, OSError, SslError) as error:
            return Result(error=error)
        finally:
            log.debug("done with %s", target)

    @raises()
    def stop(self) -> dict[Target, Result[str]]:
        """Waits for all that has been submitted."""
        with self._lock:
            self._stopped = True
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        return self._results


@contextlib.contextmanager
def pool(probe: Probe, size: int = 8) -> Iterator[Pool]:
    made = Pool(probe, size)
    try:
        yield made
    finally:
        made.stop()


@raises(RuntimeError, StoppedError)
def probe_all(targets: Iterable[Target], probe: Probe) -> dict[Target, Result[str]]:
    """Probes all servers with a pool of its own."""
    with pool(probe) as made:
        for target in targets:
            made.submit(target)
    return made.stop()


@raises(ProbeError, OSError, SslError)
def first_failure(results: Sequence[Result[str]]) -> None:
    """Raises what the first piece of work that failed has ended with."""
    for result in results:
        try:
            result.unwrap()
        except (ProbeError, SslError, OSError):
            raise
        except Exception:
            log.exception("not a failure of a probe")


@raises()
def with_executor(targets: Sequence[Target], probe: Probe) -> list[str]:
    """The same with the library's own pool; what fails is told as text."""

    def told(future: Future[str]) -> str:
        try:
            return future.result(timeout=10)
        except (ProbeError, OSError, SslError) as error:
            return f"{type(error).__name__}: {error}"

    with ThreadPoolExecutor(max_workers=4) as executor:
        futures = [executor.submit(probed, target, probe) for target in targets]
        return [told(future) for future in futures]


@raises(ValueError, RuntimeError, StoppedError)
def report(texts: Iterable[str], beginning: bytes) -> list[str]:
    """Returns a line for each server."""
    results = probe_all((Target.parsed(text) for text in texts), Banner(beginning))
    return [f"{target.host}: {result.value or result.error}" for target, result in results.items()]


@raises()
def version_of(target: Target) -> str | None:
    """Returns which TLS a server speaks; None if it is not there or does not."""
    with contextlib.suppress(OSError, SslError), target.connect(timeout=1_000) as connection:
        return Tls()(connection)
    return None
