from nimnet import Socket
from cases.requiring.naming.helpers import given, needed


def handed_on(timeout: int = -1) -> None:  # E: must declare what it raises: @raises(OSError, timeout=(KeyError, ValueError))
    given(timeout)


def handed_on_and_not(timeout: int = -1) -> None:  # E: must declare what it raises: @raises(KeyError, OSError, ValueError)
    given(timeout)
    given(5)


def of_each_call(number: int) -> None:  # E: must declare what it raises: @raises(ValueError)
    needed(number)


def nameless(timeout: int = -1, /) -> None:  # E: must declare what it raises: @raises(KeyError, OSError, ValueError)
    given(timeout)


def told_apart(s: Socket, timeout: int = -1) -> None:  # E: must declare what it raises: @raises(OSError, SslError, timeout=TimeoutError) (from nimnet import SslError, TimeoutError)
    s.recv(1, timeout)
