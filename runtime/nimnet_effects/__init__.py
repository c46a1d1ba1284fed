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
    from collections.abc import Callable
    from typing import TypeVar

    _Function = TypeVar("_Function")

__all__ = ["raises"]


def raises(
    *exceptions: type[BaseException], **given: type[BaseException] | tuple[type[BaseException], ...]
) -> Callable[[_Function], _Function]:
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
    return _unchanged


def _unchanged(function: _Function) -> _Function:
    return function


def _check(exception: object, where: str) -> None:
    if not (isinstance(exception, type) and issubclass(exception, BaseException)):
        wrong = exception.__name__ if isinstance(exception, type) else repr(exception)
        raise TypeError(f"{where} takes classes of exceptions, and {wrong} is none")
