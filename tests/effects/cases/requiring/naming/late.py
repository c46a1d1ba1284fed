from cases.calls import look_up


def before() -> None:  # E: @raises(LateError, LaterError.InnerError) ... (LateError has to be defined above it; LaterError has to be defined above it)
    after(1)
    raise LateError


def together() -> None:  # E: @raises(KeyError, LateError) ... (LateError has to be defined above it)
    look_up("a")
    raise LateError


class Before:
    def method(self) -> None:  # E: @raises(LateError) ... (LateError has to be defined above it)
        raise LateError


class LateError(Exception):
    def of_itself(self) -> None:  # E: @raises(Exception), as far as can be seen  [raises]
        raise LateError


class LaterError(Exception):
    class InnerError(Exception):
        pass


def after(number: int) -> None:  # E: @raises(LaterError.InnerError), as far as can be seen  [raises]
    if number:
        raise LaterError.InnerError
