from cases.calls import look_up, read
from nimnet_effects import raises


class Action:
    def __call__(self) -> bytes:
        return read()


class Holder:
    def __init__(self) -> None:
        self.action = Action()


@raises()
def callers(action: Action, holder: Holder) -> None:
    action()  # E: "Action.__call__" may raise "OSError"
    Action()()  # E: "Action.__call__" may raise "OSError"
    holder.action()  # E: "Action.__call__" may raise "OSError"


@raises(OSError)
def declared(action: Action) -> bytes:
    return action()


@raises()
def bound_method(action: Action) -> None:
    go = action.__call__
    go()  # E: "Action.__call__" may raise "OSError"
    looking = look_up
    print(looking)
