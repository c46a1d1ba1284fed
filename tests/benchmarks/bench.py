"""Measures what the design promises about speed, against what a user would use instead.

`make bench` runs it and prints one table. Contenders take turns within each round, so that
whatever else the machine does meets all of them; read the ratios, not the absolute times. Nothing
passes or fails here.
"""

import multiprocessing
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ("generator", "runtime", "generated")
sys.path[:0] = [str(ROOT / source) for source in SOURCES]

from nimnet import Port, Socket, dial  # noqa: E402 - measured from source, so the path comes first

Seconds: TypeAlias = float
Contenders: TypeAlias = Mapping[str, Callable[[], Seconds]]

LINE: Final = b"x" * 78 + b"\r\n"
LINES: Final = 100_000
REPLY: Final = b"$3\r\nabc\r\n"
REPLIES: Final = 50_000
BULK: Final = 100 * 1024 * 1024
SMALL: Final = 16
SMALL_READS: Final = 100_000
SENDS: Final = 30_000
ROUND_TRIPS: Final = 3_000


@dataclass(frozen=True)
class Unit:
    """How a time is shown."""

    name: str
    per_second: float


MILLISECONDS: Final = Unit("ms", 1e3)


def per(what: str, count: int) -> Unit:
    return Unit(f"ns/{what}", 1e9 / count)


def compare(title: str, unit: Unit, rounds: int, contenders: Contenders) -> None:
    """Prints medians, quartiles and the ratio of each contender to the first."""
    times: dict[str, list[Seconds]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            times[name].append(measure())
    print(f"\n{title} ({unit.name}; {rounds} rounds)")
    baseline = statistics.median(next(iter(times.values())))
    for name, taken in times.items():
        low, median, high = (
            quartile * unit.per_second for quartile in statistics.quantiles(taken, n=4)
        )
        ratio = statistics.median(taken) / baseline
        print(f"  {name:<44}{median:>10.1f}  [{low:>8.1f} ..{high:>8.1f}]  x{ratio:.2f}")


# The generator


def compare_generator() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("spec", "runtime"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, root / part, ignore=ignored)

        def generate() -> Seconds:
            command = [sys.executable, "-m", "nimnet_generator", "--root", folder, "generate"]
            started = perf_counter()
            subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)
            return perf_counter() - started

        def generate_from_nothing() -> Seconds:
            shutil.rmtree(root / "generated", ignore_errors=True)
            return generate()

        contenders = {"everything from an empty folder": generate_from_nothing}
        compare("nimnet-gen generate", MILLISECONDS, 5, {**contenders, "nothing to do": generate})


def environment() -> dict[str, str]:
    path = os.pathsep.join(str(ROOT / source) for source in SOURCES)
    # As users have it: with bytecode that is cached.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": path}


# Imports


def compare_imports() -> None:
    def importing(modules: str) -> Callable[[], Seconds]:
        code = f"import time; t = time.perf_counter(); import {modules}; "
        return lambda: float(in_fresh_interpreter(code + "print(time.perf_counter() - t)"))

    contenders = {f"import {name}": importing(name) for name in ("socket, ssl", "nimnet")}
    compare("Import, in fresh interpreters", MILLISECONDS, 21, contenders)
    loaded = in_fresh_interpreter(
        "import nimnet, sys; print(*sorted({'_ssl', 'ssl', 'OpenSSL'} & set(sys.modules)))"
    )
    print(f"  OpenSSL after `import nimnet`: {'loaded, by ' + loaded if loaded else 'not loaded'}")


def in_fresh_interpreter(code: str) -> str:
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    return result.stdout.strip()


# Sockets, over loopback. The peer is a process of its own, so that it does not share our GIL.

ORDER: Final = struct.Struct("!cIQ")
PRODUCE: Final = b"p"
CONSUME: Final = b"c"
ECHO: Final = b"e"


def serve(port: Connection) -> None:
    """The peer: does what the order at the beginning of each connection says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port.send(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as orders:
                what, length, count = ORDER.unpack(orders.read(ORDER.size))
                if what == PRODUCE:
                    produce(connection, orders.read(length), count)
                elif what == CONSUME:
                    # The last byte says that all came.
                    left = count
                    while left:
                        left -= len(orders.read1(min(left, 1 << 16)))
                    connection.sendall(b".")
                else:
                    for _ in range(count):
                        connection.sendall(orders.readline())


def produce(connection: socket.socket, pattern: bytes, count: int) -> None:
    repeats = min(count, max(1, (1 << 20) // len(pattern)))
    block = pattern * repeats
    for _ in range(count // repeats):
        connection.sendall(block)
    connection.sendall(pattern * (count % repeats))


@contextmanager
def peer() -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()


@dataclass(frozen=True)
class Exchange:
    """What the peer is told to do, and where it is."""

    port: int
    what: bytes
    pattern: bytes
    count: int

    def over_nimnet(self, action: Callable[[Socket], None]) -> Callable[[], Seconds]:
        def measure() -> Seconds:
            with dial("127.0.0.1", Port(self.port)) as sock:
                sock.send(self._order())
                return duration(lambda: action(sock))

        return measure

    def over_socket(self, action: Callable[[socket.socket], None]) -> Callable[[], Seconds]:
        def measure() -> Seconds:
            with socket.create_connection(("127.0.0.1", self.port)) as sock:
                sock.sendall(self._order())
                return duration(lambda: action(sock))

        return measure

    def _order(self) -> bytes:
        return ORDER.pack(self.what, len(self.pattern), self.count) + self.pattern


def duration(action: Callable[[], None]) -> Seconds:
    started = perf_counter()
    action()
    return perf_counter() - started


def compare_lines(port: int) -> None:
    def readline(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            while line := file.readline():
                line.rstrip(b"\r\n")

    def iterate(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in file:
                pass

    def recv_line(sock: Socket) -> None:
        while sock.recv_line():
            pass

    def recv_line_within(sock: Socket) -> None:
        while sock.recv_line(10_000):
            pass

    def lines(sock: Socket) -> None:
        for _ in sock.lines():
            pass

    def read_line(sock: Socket) -> None:
        line = bytearray(b" ")
        while line:
            sock.read_line(line)

    exchange = Exchange(port, PRODUCE, LINE, LINES)
    contenders = {
        "makefile().readline().rstrip()": exchange.over_socket(readline),
        "iterating over makefile(), ends kept": exchange.over_socket(iterate),
        "nimnet recv_line()": exchange.over_nimnet(recv_line),
        "nimnet recv_line(timeout)": exchange.over_nimnet(recv_line_within),
        "nimnet read_line(bytearray)": exchange.over_nimnet(read_line),
        "nimnet lines()": exchange.over_nimnet(lines),
    }
    compare("Lines of 80 bytes", per("line", LINES), 15, contenders)


def compare_bulk(port: int) -> None:
    def recv_into(sock: socket.socket) -> None:
        data = memoryview(bytearray(BULK))
        done = 0
        while done < BULK:
            done += sock.recv_into(data[done:])

    def read(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            file.read(BULK)

    def recv_pointer(sock: Socket) -> None:
        sock.recv(memoryview(bytearray(BULK)), BULK)

    exchange = Exchange(port, PRODUCE, b"x" * 1024, BULK // 1024)
    contenders = {
        "socket.recv_into() in a loop": exchange.over_socket(recv_into),
        "makefile().read(size)": exchange.over_socket(read),
        "nimnet recv(size)": exchange.over_nimnet(lambda sock: discard(sock.recv(BULK))),
        "nimnet recv(size, timeout)": exchange.over_nimnet(
            lambda sock: discard(sock.recv(BULK, 60_000))
        ),
        "nimnet recv(memoryview, size)": exchange.over_nimnet(recv_pointer),
        "nimnet skip(size)": exchange.over_nimnet(lambda sock: discard(sock.skip(BULK))),
    }
    compare("One read of 100 MiB", MILLISECONDS, 7, contenders)


def discard(_: object) -> None:
    """Ends a contender's result, which is not the measurement's."""


def compare_small_reads(port: int) -> None:
    def read(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(SMALL_READS):
                file.read(SMALL)

    def recv(sock: Socket) -> None:
        for _ in range(SMALL_READS):
            sock.recv(SMALL)

    exchange = Exchange(port, PRODUCE, b"x" * SMALL, SMALL_READS)
    contenders = {
        "makefile().read(16)": exchange.over_socket(read),
        "nimnet recv(16)": exchange.over_nimnet(recv),
    }
    compare("Reads of 16 bytes", per("read", SMALL_READS), 9, contenders)


def compare_replies(port: int) -> None:
    def with_makefile(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(REPLIES):
                file.read(int(file.readline().rstrip(b"\r\n")[1:]))
                file.readline()

    def with_nimnet(sock: Socket) -> None:
        for _ in range(REPLIES):
            sock.recv(int(sock.recv_line()[1:]))
            sock.recv_line()

    exchange = Exchange(port, PRODUCE, REPLY, REPLIES)
    contenders = {
        "makefile(): readline, read, readline": exchange.over_socket(with_makefile),
        "nimnet: recv_line, recv, recv_line": exchange.over_nimnet(with_nimnet),
    }
    compare("Redis replies: a length, 3 bytes, CR LF", per("reply", REPLIES), 9, contenders)


def compare_sending(port: int) -> None:
    def sendall(sock: socket.socket) -> None:
        for _ in range(SENDS):
            sock.sendall(LINE)
        sock.recv(1)

    def send(sock: Socket) -> None:
        for _ in range(SENDS):
            sock.send(LINE)
        sock.recv(1)

    def send_within(sock: Socket) -> None:
        for _ in range(SENDS):
            sock.send(LINE, timeout=10_000)
        sock.recv(1)

    exchange = Exchange(port, CONSUME, b"", SENDS * len(LINE))
    contenders = {
        "socket.sendall()": exchange.over_socket(sendall),
        "nimnet send()": exchange.over_nimnet(send),
        "nimnet send(timeout)": exchange.over_nimnet(send_within),
    }
    compare("Sending 80 bytes at a time", per("send", SENDS), 9, contenders)


def compare_round_trips(port: int) -> None:
    def with_makefile(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(ROUND_TRIPS):
                sock.sendall(LINE)
                file.readline()

    def with_nimnet(sock: Socket) -> None:
        for _ in range(ROUND_TRIPS):
            sock.send(LINE)
            sock.recv_line()

    exchange = Exchange(port, ECHO, b"", ROUND_TRIPS)
    contenders = {
        "socket.sendall() and makefile().readline()": exchange.over_socket(with_makefile),
        "nimnet send() and recv_line()": exchange.over_nimnet(with_nimnet),
    }
    compare("A line to an echo and back", per("round trip", ROUND_TRIPS), 9, contenders)


def main() -> None:
    print(
        f"Python {sys.version.split()[0]} on {sys.platform}: median [quartiles] ratio to the first"
    )
    compare_generator()
    compare_imports()
    with peer() as port:
        compare_lines(port)
        compare_replies(port)
        compare_small_reads(port)
        compare_bulk(port)
        compare_sending(port)
        compare_round_trips(port)


if __name__ == "__main__":
    main()
