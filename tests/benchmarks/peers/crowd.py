"""The other end of many connections at a time: an echo on whichever has something to say."""

import selectors
import socket


def attend(listener: socket.socket, control: socket.socket) -> None:
    """Takes connections, and sends back what comes on any, until the worker is done."""
    open_ones: set[socket.socket] = set()
    with selectors.DefaultSelector() as waiting:
        waiting.register(listener, selectors.EVENT_READ)
        waiting.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                ready = key.fileobj
                assert isinstance(ready, socket.socket)
                if ready is control:
                    for each in open_ones:
                        each.close()
                    return
                if ready is listener:
                    newcomer, _ = listener.accept()
                    open_ones.add(newcomer)
                    waiting.register(newcomer, selectors.EVENT_READ)
                elif message := ready.recv(1 << 16):
                    ready.sendall(message)
                else:
                    waiting.unregister(ready)
                    open_ones.discard(ready)
                    ready.close()
