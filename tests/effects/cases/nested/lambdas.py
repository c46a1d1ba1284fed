from collections.abc import Callable

from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def called() -> None:
    later: Callable[[], bytes] = lambda: read()
    later()  # E: may raise "OSError"
    (lambda name: look_up(name))("a")  # E: may raise "KeyError"


@raises()
def not_called() -> None:
    later: Callable[[], bytes] = lambda: read()
    print(later)


@raises(OSError)
def declared() -> bytes:
    later: Callable[[], bytes] = lambda: read()
    return later()


@raises()
def handled() -> None:
    later: Callable[[], bytes] = lambda: read()
    try:
        later()
    except OSError:
        pass
