"""Says and checks which exceptions functions may raise.

    from nimnet_effects import raises

    @raises(OSError, timeout=TimeoutError)
    def fetch(host: str, timeout: float | None = None) -> bytes: ...

`raises` declares; the plugin `nimnet_effects.mypy` checks, in each function that declares, that
nothing else can leave it; `python -m nimnet_effects` runs that check alone.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _Function = TypeVar("_Function")

__all__ = ["Declaration", "raises"]


class Declaration:
    """What `raises` returns: a decorator, which may have a name of its own.

        network = raises(OSError, SslError)

        @network
        def fetch(host: str) -> bytes: ...

    It is a class, and no plain function, so that the plugin can tell it from other decorators
    wherever it comes from.
    """

    __slots__ = ()

    def __call__(self, function: _Function, /) -> _Function:
        """Return the function as it is.

        Raises:
            TypeError: for a class: it is its methods that raise.
        """
        if isinstance(function, type):
            raise TypeError(
                f"@raises declares for functions, and {function.__name__} is a class: "
                "its methods can declare"
            )
        return function


_DECLARATION = Declaration()


def raises(
    *exceptions: type[BaseException], **given: type[BaseException] | tuple[type[BaseException], ...]
) -> Declaration:
    """Declare what a function may raise.

    The function is returned as it is: a call costs nothing, and nothing is kept. `@raises()` says
    that it raises nothing.

    Args:
        *exceptions: what it may raise, whatever it is called with.
        **given: by the name of a parameter, what it may raise only if a call gives that argument.

    Raises:
        TypeError: if anything else than classes of exceptions is given.
    """
    for exception in exceptions:
        _check(exception, "raises()")
    for name, value in given.items():
        for exception in value if isinstance(value, tuple) else (value,):
            _check(exception, f"raises({name}=...)")
    return _DECLARATION


def _check(exception: object, where: str) -> None:
    if not (isinstance(exception, type) and issubclass(exception, BaseException)):
        wrong = exception.__name__ if isinstance(exception, type) else repr(exception)
        raise TypeError(f"{where} takes classes of exceptions, and {wrong} is none")
