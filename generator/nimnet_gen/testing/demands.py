"""What a step of a scenario must do: raise, last, or return whatever it likes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import errorcode
from typing import Final, TypeVar

import pytest


class _Anything:
    """Equals whatever a call returns."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # what equals everything has no hash

    def __repr__(self) -> str:
        return "ANY"


_T = TypeVar("_T")
ANY: Final[object] = _Anything()  # an `object`, so that it can be compared with whatever comes
"""What a scenario says of a result that is not its matter."""


_NOTHING: Final[Mapping[str, object]] = {}


def there(value: _T | None) -> _T:
    """Demand that there is something, and return it."""
    __tracebackhide__ = True  # a failure is the step's, whose lines are what to show
    assert value is not None, "there is none"
    return value


@contextmanager
def raising(
    expected: type[BaseException],
    *,
    message: str = "",
    lacks: Sequence[str] = (),
    carries: Mapping[str, object] = _NOTHING,
    cause: type[BaseException] | None = None,
    errno: int | None = None,
    within: tuple[int, int] | None = None,
    is_a: Sequence[type[BaseException]] = (),
    is_not: Sequence[type[BaseException]] = (),
) -> Iterator[None]:
    """Demand an exception of what is inside.

    Args:
        expected: Its class, or a base of it. A class of Python's does not stand for one that a
            package derives from it: a contract names those.
        message: Words that its message has.
        lacks: Words that its message does not have.
        carries: What its attributes hold, by their names.
        cause: The class of its `__cause__`, or a base of it.
        errno: The number that it carries as an `OSError`.
        within: After how many milliseconds it comes, at least and at most.
        is_a: Further classes that it belongs to.
        is_not: Classes that it does not belong to.
    """
    __tracebackhide__ = True  # a failure is the step's, whose lines are what to show
    with lasting(within), pytest.raises(expected) as caught:
        yield
    error = caught.value
    assert not (_is_python_s(expected) and not _is_python_s(type(error))), repr(error)
    assert message in str(error), f"{message!r} is not in {str(error)!r}"
    for words in lacks:
        assert words not in str(error), f"{words!r} is in {str(error)!r}"
    for name, value in carries.items():
        held = getattr(error, name)
        assert held == value, f"{name} is {held!r}, not {value!r}"
    if cause is not None:
        found_cause = error.__cause__
        assert isinstance(found_cause, cause), f"{found_cause!r} is the cause, no {cause.__name__}"
    if errno is not None:
        number = error.errno if isinstance(error, OSError) else None
        found = errorcode.get(number or 0, number)
        assert number == errno, f"the errno is {found}, not {errorcode.get(errno, errno)}"
    for wanted in is_a:
        assert isinstance(error, wanted), f"{error!r} is no {wanted.__name__}"
    for unwanted in is_not:
        assert not isinstance(error, unwanted), f"{error!r} is a {unwanted.__name__}"


@contextmanager
def lasting(within: tuple[int, int] | None) -> Iterator[None]:
    """Demand that what is inside takes between so many milliseconds."""
    __tracebackhide__ = True
    began = time.monotonic()
    yield
    if within is not None:
        took = (time.monotonic() - began) * 1000
        assert within[0] <= took <= within[1], f"took {took:.0f} ms, not {within[0]} to {within[1]}"


def _is_python_s(exception: type[BaseException]) -> bool:
    """Tell whether a class comes with Python."""
    return exception.__module__.partition(".")[0] in sys.stdlib_module_names
