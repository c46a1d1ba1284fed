"""Sockets that change hands: with `socketserver`, with another process, and with `asyncio`.

python examples/change_hands.py
"""

from __future__ import annotations

import asyncio
import socket
import socketserver
import subprocess
import sys
import threading

import nimnet
from nimnet import Port


class Greeter(socketserver.BaseRequestHandler):
    """Serves with nimnet a connection that `socketserver` has accepted."""

    def handle(self) -> None:
        """Answers one line."""
        # `socketserver` closes its own socket afterwards, and so keeps it: a copy is taken over.
        with nimnet.from_socket(self.request.dup()) as connection:
            connection.send(b"greetings, " + connection.recv_until(b"\n", timeout=5_000))


def with_socketserver() -> str:
    """Takes connections from a server of the standard library."""
    with socketserver.TCPServer(("127.0.0.1", 0), Greeter) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with nimnet.dial("127.0.0.1", Port(server.server_address[1]), timeout=5_000) as client:
            client.send(b"nimnet\n")
            answer = client.recv_until(b"\n", timeout=5_000)
        thread.join()
    return answer.decode().strip()


CHILD = """
import sys, nimnet
with nimnet.new_socket(nimnet.SocketHandle(int(sys.argv[1]))) as connection:
    connection.send(b"child of " + connection.recv_until(b"\\n", timeout=5_000))
"""


def with_subprocess() -> str:
    """Gives a connection to another process, which takes it over by its number alone."""
    here, there = socket.socketpair()
    with nimnet.from_socket(here) as connection:
        with there:
            fd = there.fileno()
            child = subprocess.Popen([sys.executable, "-c", CHILD, str(fd)], pass_fds=[fd])
        connection.send(b"this process\n")
        answer = connection.recv_until(b"\n", timeout=10_000)
        child.wait()
    return answer.decode().strip()


async def with_asyncio() -> str:
    """Reads a greeting with nimnet, then gives the connection, and what it read ahead, away."""
    server = await asyncio.start_server(_count, "127.0.0.1", 0)
    async with server:
        port = Port(server.sockets[0].getsockname()[1])
        connection = await asyncio.to_thread(nimnet.dial, "127.0.0.1", port)
        first = await asyncio.to_thread(connection.recv_until, b"\n")
        fd, ahead = connection.detach()
        rest = bytearray(ahead)
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=fd))
        rest += await reader.read()
        writer.close()
        await writer.wait_closed()
    return f"{first.decode().strip()}, then {rest.decode().split()}"


async def _count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"one\ntwo\nthree\n")
    await writer.drain()
    writer.close()


def main() -> None:
    """Shows all three."""
    print(f"socketserver: {with_socketserver()}")
    print(f"subprocess:   {with_subprocess()}")
    print(f"asyncio:      {asyncio.run(with_asyncio())}")


if __name__ == "__main__":
    main()
