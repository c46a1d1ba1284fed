from collections.abc import Callable

from cases.calls import look_up
from nimnet_effects import raises


@raises()
def a_lone_exception() -> None:
    try:
        raise OSError
    except* OSError:
        raise ValueError  # E: this raises "ValueError", which


@raises()
def a_whole_group() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])
    except* OSError:
        raise ValueError  # E: this raises "ValueError", which
    except* KeyError:
        print("nothing there")


@raises()
def beside_what_nobody_takes() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])  # E: "ExceptionGroup[KeyError]", which
    except* OSError:
        raise ValueError  # E: this raises "ExceptionGroup[ValueError]", which


@raises()
def beside_another_clause() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])
    except* OSError:
        raise ValueError  # E: this raises "ExceptionGroup[ValueError]", which
    except* KeyError:
        raise TypeError  # E: this raises "ExceptionGroup[TypeError]", which


@raises()
def beside_a_clause_that_may_raise() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])
    except* OSError:
        raise ValueError  # E: this raises "ExceptionGroup[ValueError]" and "ValueError", which
    except* KeyError:
        look_up("a")  # E: "look_up" may raise "ExceptionGroup[KeyError]":


@raises()
def of_some_that_may_not_be_there(group: ExceptionGroup[OSError | KeyError]) -> None:
    try:
        raise group  # E: "ExceptionGroup[KeyError]", which
    except* OSError:
        raise ValueError  # E: this raises "ExceptionGroup[ValueError]" and "ValueError", which


@raises()
def again() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])  # E: "ExceptionGroup[KeyError]" and "ExceptionGroup[OSError]", which
    except* OSError:
        raise


@raises()
def again_of_a_lone_exception(go: Callable[[], None]) -> None:
    try:
        look_up("a")  # E: "look_up" may raise "ExceptionGroup[KeyError]"
    except* KeyError:
        raise


@raises(ExceptionGroup)
def declared() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])
    except* OSError:
        raise ValueError
