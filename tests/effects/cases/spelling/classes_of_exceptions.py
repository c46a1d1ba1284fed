from typing import Final

from cases.calls import read
from nimnet_effects import raises
from nowhere import LibraryError  # type: ignore[import-not-found]

BOTH = (OSError, ValueError)
FINAL: Final = (OSError, ValueError)
NESTED = (BOTH, KeyError)
LISTED: list[type[Exception]] = [OSError, ValueError]
ANY_NUMBER: tuple[type[Exception], ...] = (OSError, ValueError)
ANNOTATED: type[Exception] = OSError
NAMES = {"exceptions": OSError}


def chosen() -> type[Exception]:
    return OSError


@raises(*BOTH)
def starred() -> None:
    read()
    raise ValueError


@raises(*FINAL, KeyError)
def starred_and_more() -> None:
    read()
    raise KeyError if read() else ValueError


@raises(*(OSError, ValueError))
def starred_in_place() -> None:
    read()
    raise ValueError


@raises()
def caller() -> None:
    starred()  # E: "starred" may raise "OSError" and "ValueError"


@raises(timeout=BOTH)
def of_a_parameter(timeout: int = 0) -> None:
    if timeout:
        read()
        raise ValueError


@raises(*LISTED)  # E: what * gives to @raises cannot be read: it has to be a tuple of classes
def a_list() -> None:
    read()


@raises(*ANY_NUMBER)  # E: what * gives to @raises cannot be read: it has to be a tuple of classes
def any_number() -> None:
    read()


@raises(*[OSError])  # E: what * gives to @raises cannot be read
def a_list_in_place() -> None:
    read()


@raises(chosen())  # E: an expression in @raises cannot be read: it has to be the name of a class
def returned() -> None:
    read()


@raises(OSError if BOTH else ValueError)  # E: an expression in @raises cannot be read
def on_a_condition() -> None:
    read()


@raises(ANNOTATED)  # E: "ANNOTATED" in @raises cannot be read: it has to be the name of a class
def of_some_class() -> None:
    read()


@raises(**NAMES)  # E: what ** gives to @raises cannot be read: write the keywords
def named_elsewhere() -> None:
    read()  # E: "read" may raise "OSError"


@raises(timeout=chosen())  # E: an expression in @raises cannot be read
def returned_for_a_parameter(timeout: int = 0) -> None:
    if timeout:
        read()


class Failure(OSError):
    class Inner(ValueError):
        pass


@raises(Failure.Inner)
def a_class_of_a_class() -> None:
    raise Failure.Inner


# It may well be right: nobody knows.
@raises(LibraryError)  # N: mypy knows nothing of "LibraryError": what "unknown" raises is not checked
def unknown() -> None:
    read()
