from nimnet_effects import raises


class MyNotImplementedError(NotImplementedError):
    pass


@raises()
def default_ones(n: int) -> None:
    assert n
    if n == 1:
        raise AssertionError
    if n == 2:
        raise NotImplementedError
    if n == 3:
        raise MemoryError
    if n == 4:
        raise RecursionError
    if n == 5:
        raise MyNotImplementedError


@raises()
def their_bases() -> None:
    raise RuntimeError  # E: "RuntimeError"


@raises()
def message_of_an_assertion(n: int) -> None:
    assert n, show(n)  # E: "show" may raise "LookupError"


@raises(LookupError)
def show(n: int) -> str:
    raise LookupError(n)
