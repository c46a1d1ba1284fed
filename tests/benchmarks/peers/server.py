"""The entry of the peer: takes the orders of workers, and carries out each in a thread of its own.

    python -m benchmarks.peers.server CERTIFICATE KEY

It says at which port it takes orders, and ends when its standard input does.
"""

import contextlib
import socket
import ssl
import sys
import threading
from functools import partial
from io import BufferedRWPair

from benchmarks.descriptors import allow_many
from benchmarks.peers import crowd, plain, secured
from benchmarks.peers.orders import BUFFER, HOST, MESSAGE, Order


def main() -> None:
    """Serves until the standard input ends."""
    allow_many()
    settings = secured.context(*sys.argv[1:])
    with socket.create_server((HOST, 0)) as listener:
        listener.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # for words that follow words
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=_serve, args=(listener, settings), daemon=True).start()
        sys.stdin.read()


def _serve(listener: socket.socket, settings: ssl.SSLContext) -> None:
    while True:
        control, _ = listener.accept()
        threading.Thread(target=_carry_out, args=(control, settings), daemon=True).start()


def _carry_out(control: socket.socket, settings: ssl.SSLContext) -> None:
    """Does what one worker asks for, until either is done; a worker may go in the middle."""
    with (
        control,
        control.makefile("rwb") as talk,
        socket.create_server((HOST, 0), backlog=4096) as listener,
        contextlib.suppress(OSError, EOFError),
    ):
        order = Order.read(talk.readline())
        # Before there are connections, which then have both from the first byte on. What is sent
        # last must not wait until the rest is acknowledged.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk.write(f"{listener.getsockname()[1]}\n".encode())
        talk.flush()
        if order.what == "crowd":
            crowd.attend(listener, control)
        elif order.what == "greet" and order.tls:
            for connection in plain.newcomers(listener, control):
                with connection, contextlib.suppress(OSError, EOFError):
                    secured.Session(settings, connection).write(secured.GREETING)
        elif order.what == "greet":
            plain.take(listener, talk)
        elif order.what == "hold":
            _hold(listener, order, settings, talk)
        else:
            connection, _ = listener.accept()
            with connection:
                _attend(connection, order, settings, control, talk)


def _hold(
    listener: socket.socket, order: Order, settings: ssl.SSLContext, talk: BufferedRWPair
) -> None:
    """Answers one message on each connection, and keeps them all until the worker is done."""
    kept: list[secured.Session] = []
    with contextlib.ExitStack() as stack:
        for _ in range(order.size):
            connection = stack.enter_context(listener.accept()[0])
            if order.tls:
                kept.append(session := secured.Session(settings, connection))
                session.answer(len(MESSAGE))
            else:
                plain.answer(connection, len(MESSAGE))
        talk.readline()


def _attend(
    connection: socket.socket,
    order: Order,
    settings: ssl.SSLContext,
    control: socket.socket,
    talk: BufferedRWPair,
) -> None:
    """Is the other end of one connection."""
    session = secured.Session(settings, connection) if order.tls else None
    if order.what == "consume":
        plain.consume(connection, control, talk)
    elif order.what == "produce":
        if session:
            session.produce(order.size, talk)
        else:
            plain.produce(connection, order.size, talk)
    else:
        answer = session.answer if session else partial(plain.answer, connection)
        while True:
            answer(order.size)


if __name__ == "__main__":
    main()
