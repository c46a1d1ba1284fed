import nimnet
from nimnet import Socket, SslError, fail_after, raises


def helper(s: Socket) -> bytes:
    return s.recv(1)


@raises()
def itself() -> None:
    with fail_after(500):  # E: "fail_after" may raise "OSError"
        pass


@raises(OSError, SslError)
def declared_but_for_the_block(s: Socket) -> bytes:
    with fail_after(500):
        s.recv(1)  # E: "Socket.recv" may raise "TimeoutError"
        return helper(s)  # E: "helper" may raise "TimeoutError"


@raises(nimnet.TimeoutError, OSError, SslError)
def declared(s: Socket) -> bytes:
    with fail_after(500):
        s.recv(1)
        return helper(s)


@raises()
def handled_around_it(s: Socket) -> None:
    try:
        with fail_after(500) as scope:
            s.recv(1)
            print(scope)
    except (OSError, SslError):
        pass


@raises(OSError)
def handled_within(s: Socket) -> None:
    with fail_after(500):
        try:
            s.recv(1)
        except (nimnet.TimeoutError, SslError):
            pass
        helper(s)  # E: "helper" may raise "SslError" and "TimeoutError"
