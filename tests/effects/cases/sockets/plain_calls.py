import nimnet
from nimnet import Port, Socket, SslError, raises


@raises()
def undeclared(s: Socket) -> None:
    s.recv(1)  # E: "Socket.recv" may raise "OSError" and "SslError"
    s.send(b"a")  # E: "Socket.send" may raise "OSError" and "SslError"
    s.close()  # E: "Socket.close" may raise "OSError"
    s.is_ssl()
    s.get_fd()
    s.try_send(b"a")


@raises(OSError, SslError)
def declared(s: Socket) -> bytes:
    s.send(b"a")
    return s.recv(1)


@raises(OSError)
def only_half(s: Socket) -> bytes:
    return s.recv(1)  # E: "Socket.recv" may raise "SslError"


@raises()
def handled(s: Socket) -> bytes:
    try:
        return s.recv(1)
    except (OSError, nimnet.SslError):
        return b""


@raises(ValueError)
def numbers(n: int) -> Port:
    return Port(n)
