"""The rows of the table, with their goals, and the curves beside it: data alone.

A goal holds for a build: `pure` Python, or `compiled`. What is not the library, or is the same in
both, has one figure, which is that of `this` project.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from benchmarks.ratios import Sense
from benchmarks.samples import Metric

BuildName: TypeAlias = Literal["pure", "compiled", "this"]
BUILDS: Final[tuple[BuildName, ...]] = ("pure", "compiled")

KIB: Final = 1024
MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class InWorkers:
    """Measured by two workers.

    Attributes:
        work: A name in the tables of `works`.
        size: Bytes of a line or a read; the number of connections.
        tls: Whether over TLS.
        flowing: Whether the peer sends or reads meanwhile, as in bulk. Else it does so before or
            after, and nothing is waited for.
    """

    work: str
    size: int = 0
    tls: bool = False
    flowing: bool = False


@dataclass(frozen=True)
class AgainstNim:
    """Measured by a worker, and by a program of Nim's on the other side.

    Attributes:
        work: As for two workers.
        size: As for two workers.
    """

    work: str
    size: int


@dataclass(frozen=True)
class Imports:
    """Measured in fresh interpreters.

    Attributes:
        theirs: What is imported there.
        ours: What is imported here.
    """

    theirs: str
    ours: str


@dataclass(frozen=True)
class Generating:
    """Measured on the generator, in a copy of the project.

    Attributes:
        cold: Whether nothing was generated before.
    """

    cold: bool


@dataclass(frozen=True)
class Checking:
    """Measured on mypy, without the plugin and with it.

    Attributes:
        phase: What the run finds: see `checking`.
    """

    phase: Literal["no cache", "no change", "one line edited"]


Measured: TypeAlias = InWorkers | AgainstNim | Imports | Generating | Checking


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        work: What is done.
        against: What it is compared with.
        measured: How it is measured.
        goals: What is wanted of each build; None where nothing is.
        by: What the goal is about: CPU time of the process where it only works, the clock where
            waiting is part of it, or memory.
        sense: What the figure is.
    """

    work: str
    against: str
    measured: Measured
    goals: Mapping[BuildName, float | None]
    by: Metric = "cpu"
    sense: Sense = Sense.FASTER


def _both(pure: float, compiled: float) -> Mapping[BuildName, float | None]:
    return {"pure": pure, "compiled": compiled}


ROWS: Final[tuple[Row, ...]] = (
    Row(
        "(nothing: what a run is worth)",
        "itself: readline + strip",
        InWorkers("control", 80),
        {"this": None},
    ),
    Row(
        "recv_line(), 80-byte lines",
        "makefile readline + strip",
        InWorkers("recv_line", 80),
        _both(0.9, 1.1),
    ),
    Row(
        "recv_line(timeout=5000)",
        "recv_line()",
        InWorkers("recv_line within", 80),
        _both(0.8, 0.8),
    ),
    Row("lines()", "iterating makefile + strip", InWorkers("lines", 80), _both(1.2, 1.3)),
    Row("recv(16), all data there", "makefile read(16)", InWorkers("recv", 16), _both(0.3, 0.9)),
    Row(
        "recv(65536), exactly",
        "makefile read(65536)",
        InWorkers("recv", 64 * KIB, flowing=True),
        _both(1.0, 1.1),
    ),
    Row(
        "unbuffered recv(65536)",
        "socket.recv(65536)",
        InWorkers("unbuffered recv", 64 * KIB, flowing=True),
        _both(0.95, 0.97),
    ),
    Row(
        "recv into 64 KiB of memory",
        "makefile readinto",
        InWorkers("recv into", 64 * KIB, flowing=True),
        _both(0.97, 1.0),
    ),
    Row("send of 1 MiB", "sendall", InWorkers("send", MIB, flowing=True), _both(1.0, 1.0)),
    Row(
        "request and answer, 64 bytes",
        "sendall + recv",
        InWorkers("exchange", 64),
        _both(0.85, 0.95),
    ),
    Row("dial + close", "create_connection + close", InWorkers("opening"), _both(0.9, 1.0)),
    Row("parse_ip_address", "ipaddress.ip_address", InWorkers("addresses"), _both(1.5, 2.5)),
    Row(
        "TLS: recv_line()",
        "ssl makefile readline + strip",
        InWorkers("recv_line", 80, tls=True),
        _both(0.9, 1.1),
    ),
    Row(
        "TLS: recv into 1 MiB of memory",
        "ssl recv_into, until full",
        InWorkers("bulk", MIB, tls=True, flowing=True),
        _both(1.1, 1.25),
    ),
    Row(
        "TLS: send of 1 MiB",
        "ssl sendall",
        InWorkers("send", MIB, tls=True, flowing=True),
        _both(1.1, 1.1),
    ),
    Row(
        "TLS: request and answer, 64 bytes",
        "ssl sendall + recv",
        InWorkers("exchange", 64, tls=True),
        _both(0.7, 0.9),
    ),
    Row(
        "TLS 1.3 handshake, P-256",
        "ssl",
        InWorkers("opening", tls=True),
        _both(0.95, 1.0),
    ),
    Row(
        "recv_line(), 80-byte lines",
        "Nim's readLine, danger and arc",
        AgainstNim("recv_line", 80),
        _both(1.5, 2.5),
    ),
    Row(
        "UDP: send_to + recv_from, 100 bytes",
        "sendto + recvfrom",
        InWorkers("datagrams", 100),
        _both(0.8, 0.9),
    ),
    Row(
        "memory of an idle connection",
        "socket",
        InWorkers("idle", 2000),
        _both(1.5, 1.5),
        "memory",
        Sense.SMALLER,
    ),
    Row(
        "memory of an idle connection",
        "socket with its makefile",
        InWorkers("idle file", 2000),
        {"pure": None, "compiled": None},
        "memory",
        Sense.SMALLER,
    ),
    Row(
        "TLS: memory of an idle connection",
        "ssl",
        InWorkers("idle", 300, tls=True),
        _both(1.2, 1.2),
        "memory",
        Sense.SMALLER,
    ),
    Row("import nimnet", "import socket, ssl", Imports("socket, ssl", "nimnet"), _both(1.0, 1.0)),
    Row(
        "everything generated, cold",
        "-",
        Generating(cold=True),
        {"this": 2.0},
        "wall",
        Sense.ALONE,
    ),
    Row(
        "everything generated, nothing to do",
        "-",
        Generating(cold=False),
        {"this": 0.5},
        "wall",
        Sense.ALONE,
    ),
    Row(
        "mypy with the plugin, no cache",
        "mypy",
        Checking("no cache"),
        {"pure": None, "compiled": 1.15},
        "cpu",
        Sense.SMALLER,
    ),
    Row(
        "mypy with the plugin, no change",
        "mypy",
        Checking("no change"),
        {"pure": None, "compiled": None},
        "cpu",
        Sense.SMALLER,
    ),
    Row(
        "mypy with the plugin, one line edited",
        "mypy",
        Checking("one line edited"),
        {"pure": None, "compiled": 1.3},
        "cpu",
        Sense.SMALLER,
    ),
)


@dataclass(frozen=True)
class Curve:
    """What is measured at many sizes, for a plot: it should be flat, without a cliff.

    Attributes:
        title: What is done.
        against: What is compared with.
        work: As for a row.
        sizes: From the smallest to the largest.
        size: What they are sizes of.
        each: What the cost is of: a byte, or an exchange.
        nim: Whether Nim's program is measured beside it.
    """

    title: str
    against: str
    work: str
    sizes: tuple[int, ...]
    size: str
    each: Literal["byte", "exchange"]
    nim: bool = False


CURVES: Final[tuple[Curve, ...]] = (
    Curve(
        "recv_line()",
        "makefile readline + strip",
        "recv_line",
        (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
        "bytes of a line",
        "byte",
        nim=True,
    ),
    Curve(
        "recv(size)",
        "makefile read(size)",
        "recv",
        (1, 4, 16, 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB),
        "bytes of a read",
        "byte",
    ),
    Curve(
        "request and answer, on many connections in turn",
        "sendall + recv",
        "crowd",
        (1, 10, 100, 1_000, 5_000),
        "connections",
        "exchange",
    ),
)
