import nimnet
from nimnet import Socket, SslError, fail_after, raises
from nimnet.deadlines import DeadlineScope


def helper(s: Socket) -> bytes:
    return s.recv(1)


@raises()
def itself(milliseconds: int) -> None:
    with fail_after(500):
        pass
    with fail_after(5 * 1000):
        pass
    with fail_after(0):
        pass
    with fail_after(-1):  # E: "fail_after" may raise "OSError"
        pass
    with fail_after(milliseconds):  # E: "fail_after" may raise "OSError"
        pass
    nimnet.Deadline(500)
    nimnet.Deadline(-1)  # E: "Deadline" may raise "OSError"


def within(milliseconds: int = 500) -> nimnet.Deadline:
    return nimnet.Deadline(milliseconds)


@raises()
def through_a_helper() -> None:
    within()
    within(1000)
    within(-1)  # E: "within" may raise "OSError"


@raises()
def ports(number: int) -> None:
    nimnet.Port(0)
    nimnet.Port(65_535)
    nimnet.Port(65_536)  # E: "Port" may raise "ValueError"
    nimnet.Port(number)  # E: "Port" may raise "ValueError"


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


class Patient:
    def __init__(self) -> None:
        self.scope = fail_after(500)

    # However a block has come by it, it imposes the same.
    @raises(OSError, SslError)
    def read(self, s: Socket) -> bytes:
        with self.scope:
            return s.recv(1)  # E: "Socket.recv" may raise "TimeoutError"


@raises(OSError, SslError)
def given(s: Socket, scope: DeadlineScope) -> bytes:
    with scope:
        return s.recv(1)  # E: "Socket.recv" may raise "TimeoutError"


@raises(nimnet.TimeoutError, OSError, SslError)
def given_and_declared(s: Socket, scope: DeadlineScope) -> bytes:
    with scope:
        return s.recv(1)
