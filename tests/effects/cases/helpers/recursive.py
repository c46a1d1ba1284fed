from cases.calls import look_up, read
from nimnet_effects import raises


def itself(n: int) -> int:
    if n == 0:
        read()
    return itself(n - 1)


def ping(n: int) -> int:
    if n == 0:
        look_up("a")
    return pong(n - 1)


def pong(n: int) -> int:
    return ping(n - 1)


def without_end(n: int) -> int:
    return without_end(n) + 1


@raises()
def callers() -> None:
    itself(1)  # E: "itself" may raise "OSError"
    ping(1)  # E: "ping" may raise "KeyError"
    pong(1)  # E: "pong" may raise "KeyError"
    without_end(1)
