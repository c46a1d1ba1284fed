from typing import overload

from nimnet_effects import raises


class Socket:
    @overload
    @raises(OSError)
    def receive(self, size: int) -> bytes: ...
    @overload
    @raises(OSError, ValueError)
    def receive(self, size: int, *, timeout: float) -> bytes: ...
    @raises(OSError, ValueError)
    def receive(self, size: int, *, timeout: float = -1) -> bytes:
        if timeout == 0:
            raise ValueError
        raise OSError


@raises(OSError)
def callers(socket: Socket) -> None:
    socket.receive(1)
    socket.receive(size=1)
    socket.receive(1, timeout=1.5)  # E: "Socket.receive" may raise "ValueError"
    socket.receive(size=1, timeout=1.5)  # E: "Socket.receive" may raise "ValueError"


@raises(OSError, ValueError)
def declared(socket: Socket) -> None:
    socket.receive(1, timeout=1.5)
