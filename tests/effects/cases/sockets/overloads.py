import nimnet
from nimnet import Socket, SslError, raises


@raises(SslError)
def forms_of_recv(s: Socket, view: memoryview, into: bytearray) -> None:
    s.recv(view, 1)
    s.recv(view, 1, 500)  # E: "Socket.recv" may raise "OSError" and "TimeoutError": declare them in @raises
    s.recv(into, 1)  # E: "Socket.recv" may raise "OSError"
    s.recv(1)  # E: "Socket.recv" may raise "OSError"


@raises()
def forms_of_send(s: Socket, view: memoryview) -> None:
    s.send(view, 1)
    s.send(view)  # E: "Socket.send" may raise "OSError" and "SslError"


@raises()
def forms_of_new_socket(fd: nimnet.SocketHandle) -> None:
    nimnet.new_socket(fd)
    nimnet.new_socket()  # E: "new_socket" may raise "OSError"
    nimnet.new_socket(2, 1, 6)  # E: "new_socket" may raise "OSError"
