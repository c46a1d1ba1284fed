import socket

import nimnet as net
from nimnet import Socket as Connection
from nimnet import raises


class Special(Connection):
    pass


class Holder:
    def __init__(self, connection: Connection) -> None:
        self.inner = connection


@raises()
def by_type(holder: Holder, special: Special, other: socket.socket) -> None:
    holder.inner.recv(1)  # E: "Socket.recv" may raise "OSError" and "SslError"
    special.recv(1)  # E: "Socket.recv" may raise "OSError" and "SslError"
    c = holder.inner
    c.recv(1)  # E: "Socket.recv" may raise "OSError" and "SslError"
    other.recv(1)


@raises(OSError)
def module(port: net.Port) -> None:
    net.dial("a", port)  # E: "dial" may raise "SslError"
