"""A live demonstration over loopback: real sockets, real deadlines, and what each step did.

Run it with `make run`, or with `python examples/loopback.py` where nimnet is installed.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nimnet
from nimnet import (
    AF_INET,
    AF_UNIX,
    IPPROTO_IP,
    IPPROTO_UDP,
    OPT_REUSE_ADDR,
    SOCK_DGRAM,
    SOCK_STREAM,
    Port,
    Socket,
)

LOOPBACK = "127.0.0.1"


def say(text: str) -> None:
    """Print one line of what happened."""
    print(f"  {text}")


def serve(server: Socket, session: Callable[[Socket], None]) -> threading.Thread:
    """Accept one connection in a thread, give it to `session`, and close it."""

    def accept_one() -> None:
        with server.accept(timeout=10_000) as connection:
            session(connection)

    thread = threading.Thread(target=accept_one)
    thread.start()
    return thread


def listening() -> Socket:
    """Return a TCP socket that listens on a free loopback port."""
    server = nimnet.new_socket()
    server.set_sock_opt(OPT_REUSE_ADDR, True)
    server.bind_addr(Port(0), LOOPBACK)
    server.listen()
    return server


def shout(connection: Socket) -> None:
    """Answer each line in capitals, until the client ends the stream."""
    for line in connection.lines(timeout=10_000):
        connection.send(line.upper() + b"\r\n")


def tcp_lines() -> None:
    """A line server and its client; the three line ends are one."""
    with listening() as server:
        address, port = server.get_local_addr()
        thread = serve(server, shout)
        with nimnet.dial(address, port, timeout=5_000) as client:
            say(f"connected: {client!r}")
            client.send(b"carriage return and line feed\r\nline feed\nlast\n")
            for _ in range(3):
                say(f"answer:    {client.recv_line(timeout=5_000)!r}")
        thread.join()


def deadline() -> None:
    """A peer that dribbles cannot stretch a timeout, and what arrived is not lost."""
    go_on = threading.Event()

    def dribble(connection: Socket) -> None:
        for byte in b"slow":
            connection.send(bytes([byte]))
            time.sleep(0.05)
        go_on.wait(10)
        connection.send(b" but whole\n")

    with listening() as server:
        address, port = server.get_local_addr()
        thread = serve(server, dribble)
        with nimnet.dial(address, port, timeout=5_000) as client:
            began = time.monotonic()
            try:
                client.recv_line(timeout=300)
            except nimnet.TimeoutError as error:
                say(f"after {(time.monotonic() - began) * 1000:.0f} ms: {error}")
            go_on.set()
            say(f"the next call still has every byte: {client.recv_line(timeout=5_000)!r}")
        thread.join()


def udp_datagrams() -> None:
    """Two UDP sockets, one datagram each way."""
    with (
        nimnet.new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) as first,
        nimnet.new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) as second,
    ):
        for socket in (first, second):
            socket.bind_addr(Port(0), LOOPBACK)
        _, port = second.get_local_addr()
        first.send_to(LOOPBACK, port, b"status")
        data, address, sender = second.recv_from(1024, timeout=5_000)
        say(f"got {data!r} from {address}:{sender}")
        second.send_to(address, sender, b"all well")
        say(f"got {first.recv_from(1024, timeout=5_000)[0]!r} back")


def unix_stream() -> None:
    """The same calls over a Unix socket: exactly as many bytes as asked for."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "demonstration.sock"))
        with (
            nimnet.new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP) as server,
            nimnet.new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP) as client,
        ):
            server.bind_unix(path)
            server.listen()
            thread = serve(server, lambda connection: connection.send(b"x" * 1_000_000))
            client.connect_unix(path, timeout=5_000)
            say(f"recv(600000) gave {len(client.recv(600_000, 5_000))} bytes")
            say(f"skip(1000000) then found {client.skip(1_000_000, 5_000)} and the end")
            thread.join()


def refusals() -> None:
    """What goes wrong is one of the declared exceptions, and says what to do."""
    with nimnet.new_socket() as socket:
        for call in (
            lambda: Port(70_000),
            lambda: socket.connect("bad\0host", Port(80)),
            lambda: socket.recv(-1),
            lambda: nimnet.parse_ip_address("127.0.0.01"),
            lambda: nimnet.new_socket(AF_UNIX),
        ):
            try:
                call()
            except (OSError, ValueError) as error:
                say(f"{type(error).__name__}: {error}")


def main() -> None:
    """Run every part."""
    for part in (tcp_lines, deadline, udp_datagrams, unix_stream, refusals):
        summary, _, _ = (part.__doc__ or "").partition("\n")
        print(f"{part.__name__}: {summary}")
        part()
    print("done: every byte above went through the kernel's loopback")


if __name__ == "__main__":
    main()
