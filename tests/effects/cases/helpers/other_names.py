from collections.abc import Callable
from functools import partial

from cases.calls import look_up, parse, quiet, read
from nimnet_effects import raises


go = read


@raises()
def callers(flag: bool) -> None:
    go()  # E: "read" may raise "OSError"
    chosen = read
    chosen()  # E: "read" may raise "OSError"
    (read if flag else look_up)  # neither is called


@raises(OSError)
def declared() -> None:
    go()
    chosen = read
    chosen()


@raises()
def several_at_once() -> None:
    (first, second), third = (read, look_up), 3
    first()  # E: "read" may raise "OSError"
    second("a")  # E: "look_up" may raise "KeyError"
    print(third)


@raises()
def each_in_turn() -> None:
    for call in (read, quiet, partial(look_up, "a"), lambda: parse("1")):
        call()  # E: "read" may raise "OSError"  # E: "look_up" may raise "KeyError"  # E: "lambda" may raise "ValueError"
    for name, get in [("a", look_up), ("b", look_up)]:
        get(name)  # E: "look_up" may raise "KeyError"
    for handled in (read, quiet):
        try:
            handled()
        except OSError:
            pass


# Which of its items a variable is, is known of what is written out where it gets them.
@raises()
def unseen(calls: list[Callable[[], bytes]]) -> None:
    first, *rest = read, quiet, quiet
    for call in (*calls, *rest):
        call()
    print(first)
