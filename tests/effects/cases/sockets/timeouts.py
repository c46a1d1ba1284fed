import nimnet
from nimnet import Port, Socket, SslError, raises


@raises(OSError, SslError)
def told_apart_from_any_other(s: Socket, milliseconds: int) -> bytes:
    s.recv(1, 500)  # E: "Socket.recv" may raise "TimeoutError"
    return s.recv(1, timeout=milliseconds)  # E: "Socket.recv" may raise "TimeoutError"


@raises()
def neither_declared(s: Socket) -> bytes:
    return s.recv(1, 500)  # E: "Socket.recv" may raise "OSError", "SslError" and "TimeoutError": declare them


@raises()
def neither_declared_in_a_block(s: Socket) -> bytes:
    with nimnet.fail_after(500):
        return s.recv(1)  # E: "Socket.recv" may raise "OSError", "SslError" and "TimeoutError": declare them


def helper(s: Socket) -> bytes:
    return s.recv(1, 500)


@raises()
def neither_declared_of_a_helper(s: Socket) -> bytes:
    return helper(s)  # E: "helper" may raise "OSError", "SslError" and "TimeoutError" ... declare them


def times_out(s: Socket) -> None:
    if s.is_ssl():
        raise TimeoutError
    s.get_local_addr()


@raises()
def told_apart_by_nobody(s: Socket) -> None:
    times_out(s)  # E: "times_out" may raise "OSError" (


@raises(nimnet.TimeoutError, SslError)
def not_only_timeouts(s: Socket) -> bytes:
    return s.recv(1, 500)  # E: "Socket.recv" may raise "OSError"


@raises(SslError)
def handled_as_any_other(s: Socket) -> bytes:
    try:
        return s.recv(1, 500)
    except OSError:
        return b""


@raises(SslError)
def handled_alone(s: Socket) -> bytes:
    try:
        return s.recv(1, 500)  # E: "Socket.recv" may raise "OSError"
    except nimnet.TimeoutError:
        return b""


@raises(nimnet.TimeoutError)
def let_through(s: Socket, port: Port) -> None:
    try:
        s.connect("a", port, timeout=500)
        s.send(b"a", timeout=500)
    except nimnet.TimeoutError:
        raise
    except (OSError, SslError):
        pass


@raises(TimeoutError)
def sorted_out_by_its_base(s: Socket) -> bytes:
    try:
        return s.recv(1, 500)
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise error
        return b""
    except SslError:
        return b""


def hang_up(s: Socket) -> None:
    s.close()


class BrokenError(Exception): ...


# A contract that has no timeout has none, though it has its base class.
@raises(BrokenError)
def none_of_these_times_out(s: Socket, port: Port) -> None:
    try:
        with nimnet.new_socket() as other:
            other.listen()
        s.connect("a", port)
        hang_up(s)
    except nimnet.TimeoutError:
        raise
    except (OSError, SslError) as error:
        raise BrokenError from error


@raises(BrokenError)
def nor_does_this(s: Socket) -> None:
    try:
        hang_up(s)
    except OSError as error:
        if isinstance(error, nimnet.TimeoutError):
            raise error
        raise BrokenError from error


# The system has timeouts of its own, and so may what the program itself raises be one.
@raises(BrokenError)
def base_classes(s: Socket) -> None:
    try:
        hang_up(s)  # E: "hang_up" may raise "TimeoutError"
    except TimeoutError:
        raise
    except OSError as error:
        raise BrokenError from error


@raises(BrokenError)
def of_the_program(error: OSError) -> None:
    try:
        raise error  # E: this raises "TimeoutError"
    except nimnet.TimeoutError:
        raise
    except OSError as other:
        raise BrokenError from other
