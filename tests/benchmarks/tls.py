"""TLS over loopback, against Python's `ssl`.

Both contenders talk to one server, which is a process of its own and Python's `ssl` itself, and
both check its certificate and its name against one authority. Unless a table says otherwise both
are held to TLS 1.3 and the group P-256: each is built with an OpenSSL of its own, and what those
choose by default differs (a newer one adds a post-quantum key, which costs time on both sides).
"""

import contextlib
import multiprocessing
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from harness.authority import Authority
from nimnet import Port, Socket, SslContext, SslCVerifyMode, SslHandshakeType, dial, new_context
from OpenSSL import SSL

from benchmarks.table import MILLISECONDS, Speed, Taken, compare, discard, duration, each

_T = TypeVar("_T")

HOST: Final = "127.0.0.1"
NAME: Final = "localhost"
BULK: Final = 100 * 1024 * 1024
PIECE: Final = 1024 * 1024
CHUNK: Final = 64 * 1024
MESSAGE: Final = b"x" * 100
ROUND_TRIPS: Final = 3_000
HANDSHAKES: Final = 100

GREET: Final = "greet"
PRODUCE: Final = "produce"
ECHO: Final = "echo"


# The server. Its answer to a handshake is one byte, so that both have seen the end of it.


class _Session:
    """A connection of the server, between two buffers: bulk can be encrypted before it is sent."""

    def __init__(self, context: ssl.SSLContext, raw: socket.socket) -> None:
        self._raw = raw
        self._input, self._output = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._input, self._output, server_side=True)

    def run(self, operation: Callable[[], _T]) -> _T:
        while True:
            try:
                result = operation()
            except ssl.SSLWantReadError:
                self.send(self._output.read())
                received = self._raw.recv(1 << 16)
                if not received:
                    raise EOFError from None
                self._input.write(received)
            else:
                self.send(self._output.read())
                return result

    def encrypted(self, size: int) -> bytes:
        block = bytes(CHUNK)
        for _ in range(size // CHUNK):
            self.tls.write(block)
        return self._output.read()

    def send(self, ciphertext: bytes) -> None:
        if ciphertext:
            self._raw.sendall(ciphertext)


def serve(control: Connection, cert_file: str, key_file: str) -> None:
    """Does for each connection what the order that was given before it says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    with socket.create_server((HOST, 0)) as listener:
        control.send(listener.getsockname()[1])
        while True:
            what, count = control.recv()
            raw, _ = listener.accept()
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with raw, contextlib.suppress(EOFError, OSError):
                session = _Session(context, raw)
                session.run(session.tls.do_handshake)
                session.run(partial(session.tls.write, b"."))
                if what == PRODUCE:
                    ciphertext = session.encrypted(count)
                    control.send((session.tls.version(), session.tls.cipher()))
                    control.recv()
                    session.send(ciphertext)
                elif what == ECHO:
                    echo(session, count)
                session.run(partial(session.tls.read, 1))  # until the client leaves


def echo(session: _Session, count: int) -> None:
    while count > 0:
        message = session.run(partial(session.tls.read, 1 << 14))
        count -= len(message)
        session.run(partial(session.tls.write, message))


@dataclass(frozen=True)
class Peer:
    """The server, and how it is told what to do."""

    port: int
    control: Connection

    def order(self, what: str, count: int = 0) -> None:
        self.control.send((what, count))


@contextmanager
def peer(cert_file: str, key_file: str) -> Iterator[Peer]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, cert_file, key_file), daemon=True)
    process.start()
    try:
        yield Peer(int(ours.recv()), ours)
    finally:
        process.terminate()
        process.join()


# The contenders.


@dataclass(frozen=True)
class Rivals:
    """The two clients: each connects with its own context.

    Attributes:
        peer: The server of both.
        theirs: That of `ssl`.
        ours: That of nimnet.
    """

    peer: Peer
    theirs: ssl.SSLContext
    ours: SslContext

    def secured_by_ssl(self) -> ssl.SSLSocket:
        raw = socket.create_connection((HOST, self.peer.port))
        sock = self.theirs.wrap_socket(raw, server_hostname=NAME)
        assert sock.recv(1) == b"."
        return sock

    def secured_by_nimnet(self) -> Socket:
        sock = dial(HOST, Port(self.peer.port))
        self.ours.wrap_connected_socket(sock, SslHandshakeType.HANDSHAKE_AS_CLIENT, NAME)
        assert sock.recv(1) == b"."
        return sock

    def over_ssl(
        self, what: str, count: int, action: Callable[[ssl.SSLSocket], None]
    ) -> Callable[[], Taken]:
        def measure() -> Taken:
            self.peer.order(what, count)
            with self.secured_by_ssl() as sock:
                self._await_bulk(what)
                return duration(lambda: action(sock))

        return measure

    def over_nimnet(
        self, what: str, count: int, action: Callable[[Socket], None]
    ) -> Callable[[], Taken]:
        def measure() -> Taken:
            self.peer.order(what, count)
            with self.secured_by_nimnet() as sock:
                self._await_bulk(what)
                return duration(lambda: action(sock))

        return measure

    def _await_bulk(self, what: str) -> None:
        if what == PRODUCE:
            self.peer.control.recv()
            self.peer.control.send("go")

    def shaking_hands(self, connect: Callable[[], Socket | ssl.SSLSocket]) -> Callable[[], Taken]:
        """Connecting and the first byte; not closing, which only nimnet does in the TLS way."""

        def measure() -> Taken:
            wall = cpu = 0.0
            for _ in range(HANDSHAKES):
                self.peer.order(GREET)
                started, worked = perf_counter(), process_time()
                sock = connect()
                wall += perf_counter() - started
                cpu += process_time() - worked
                sock.close()
            return Taken(wall, cpu)

        return measure


def compare_bulk(rivals: Rivals) -> None:
    memory = memoryview(bytearray(b"x") * BULK)  # touched: the system gives it page by page

    def ssl_into(sock: ssl.SSLSocket) -> None:
        done = 0
        while done < BULK:
            done += sock.recv_into(memory[done:])

    def ssl_file(sock: ssl.SSLSocket) -> None:
        with sock.makefile("rb") as file:
            assert len(file.read(BULK)) == BULK

    def ssl_pieces(sock: ssl.SSLSocket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(BULK // PIECE):
                assert len(file.read(PIECE)) == PIECE

    def nimnet_pieces(sock: Socket) -> None:
        for _ in range(BULK // PIECE):
            assert len(sock.recv(PIECE)) == PIECE

    def ssl_chunks(sock: ssl.SSLSocket) -> None:
        done = 0
        while done < BULK:
            done += len(sock.recv(CHUNK))

    def nimnet_chunks(sock: Socket) -> None:
        for _ in range(BULK // CHUNK):
            sock.recv(CHUNK)

    def theirs(action: Callable[[ssl.SSLSocket], None]) -> Callable[[], Taken]:
        return rivals.over_ssl(PRODUCE, BULK, action)

    def ours(action: Callable[[Socket], None]) -> Callable[[], Taken]:
        return rivals.over_nimnet(PRODUCE, BULK, action)

    speeds = compare(
        "TLS: 100 MiB into the caller's memory",
        MILLISECONDS,
        9,
        {
            "ssl recv_into() in a loop": theirs(ssl_into),
            "nimnet recv(memoryview, size)": ours(lambda sock: discard(sock.recv(memory, BULK))),
        },
    )
    tell(speeds, 1.2)
    speeds = compare(
        "TLS: 100 MiB as one bytes object (most of it is the system's work for new memory)",
        MILLISECONDS,
        9,
        {
            "ssl makefile().read(size)": theirs(ssl_file),
            "nimnet recv(size)": ours(lambda sock: discard(sock.recv(BULK))),
            "nimnet recv(size, timeout)": ours(lambda sock: discard(sock.recv(BULK, 60_000))),
        },
    )
    tell(speeds, 1.2)
    speeds = compare(
        "TLS: 100 MiB as bytes objects of 1 MiB",
        MILLISECONDS,
        9,
        {
            "ssl makefile().read(1 MiB)": theirs(ssl_pieces),
            "nimnet recv(1 MiB)": ours(nimnet_pieces),
        },
    )
    tell(speeds, 1.2)
    compare(
        "TLS: 100 MiB in small pieces, which nimnet fills and ssl does not",
        MILLISECONDS,
        9,
        {"ssl recv(64 KiB)": theirs(ssl_chunks), "nimnet recv(64 KiB)": ours(nimnet_chunks)},
    )


def compare_round_trips(rivals: Rivals) -> None:
    def with_ssl(sock: ssl.SSLSocket) -> None:
        for _ in range(ROUND_TRIPS):
            sock.sendall(MESSAGE)
            sock.recv(len(MESSAGE))

    def with_nimnet(sock: Socket) -> None:
        for _ in range(ROUND_TRIPS):
            sock.send(MESSAGE)
            sock.recv(len(MESSAGE))

    size = ROUND_TRIPS * len(MESSAGE)
    contenders = {
        "ssl sendall() and recv()": rivals.over_ssl(ECHO, size, with_ssl),
        "nimnet send() and recv()": rivals.over_nimnet(ECHO, size, with_nimnet),
    }
    compare("TLS: 100 bytes to an echo and back", each("round trip", ROUND_TRIPS), 9, contenders)


def compare_handshakes(rivals: Rivals, title: str, wanted: float | None) -> None:
    contenders = {
        "ssl": rivals.shaking_hands(rivals.secured_by_ssl),
        "nimnet": rivals.shaking_hands(rivals.secured_by_nimnet),
    }
    speeds = compare(f"TLS: handshakes, {title}", each("handshake", HANDSHAKES), 15, contenders)
    if wanted is not None:
        tell(speeds, wanted)


def tell(speeds: dict[str, Speed], wanted: float) -> None:
    first, *others = speeds
    for name in others:
        clock, cpu = speeds[name]
        print(
            f"  {name}: x{clock:.2f} the speed of {first}, x{cpu:.2f} by CPU time; wanted: {wanted}"
        )


def contexts(ca_file: str) -> tuple[ssl.SSLContext, SslContext]:
    ours = new_context(verify_mode=SslCVerifyMode.C_VERIFY_PEER, ca_file=ca_file)
    return ssl.create_default_context(cafile=ca_file), ours


def alike(theirs: ssl.SSLContext, ours: SslContext) -> None:
    """Holds both to TLS 1.3 with the group P-256."""
    theirs.minimum_version = ssl.TLSVersion.TLSv1_3
    ours.context.set_min_proto_version(SSL.TLS1_3_VERSION)
    theirs.set_ecdh_curve("prime256v1")
    ours.context.set_tmp_ecdh(SECP256R1())


def negotiated(rivals: Rivals, connect: Callable[[], Socket | ssl.SSLSocket]) -> str:
    """Returns what the server says that it uses with a client."""
    rivals.peer.order(PRODUCE)
    sock = connect()
    version, cipher = rivals.peer.control.recv()
    rivals.peer.control.send("go")
    sock.close()
    return f"{version}, {cipher[0]}"


def compare_all() -> None:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        identity = authority.issue()
        with peer(identity.cert_file, identity.key_file) as server:
            theirs, ours = contexts(authority.ca_file)
            alike(theirs, ours)
            rivals = Rivals(server, theirs, ours)
            both = (rivals.secured_by_ssl, rivals.secured_by_nimnet)
            used = [negotiated(rivals, connect) for connect in both]
            assert used[0] == used[1]
            library = SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode()
            print(f"\nTLS: both {used[0]}; ssl has {ssl.OPENSSL_VERSION}, nimnet {library}")
            compare_bulk(rivals)
            compare_round_trips(rivals)
            compare_handshakes(rivals, "TLS 1.3, P-256", 1.0)
            defaults = Rivals(server, *contexts(authority.ca_file))
            compare_handshakes(defaults, "each with the groups its OpenSSL offers", None)
