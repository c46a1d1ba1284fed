import nimnet
from nimnet import Socket, SslError, raises


@raises()
def undeclared(s: Socket) -> None:
    for line in s.lines():  # E: "Socket.lines" may raise "OSError" and "SslError"
        print(line)


@raises(OSError, SslError)
def declared(s: Socket) -> list[bytes]:
    return [line for line in s.lines()]


@raises()
def with_a_timeout(s: Socket) -> None:
    try:
        for line in s.lines(500):  # E: "Socket.lines" may raise "SslError"
            print(line)
        for line in s.lines(timeout=500):  # E: "Socket.lines" may raise "SslError"
            print(line)
    except (nimnet.TimeoutError, OSError):
        pass


@raises()
def handled_where_iterated(s: Socket) -> None:
    # The call itself refuses wrong arguments.
    lines = s.lines()  # E: "Socket.lines" may raise "OSError" and "SslError"
    try:
        for line in lines:
            print(line)
    except (OSError, SslError):
        pass
