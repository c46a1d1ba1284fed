from cases.calls import look_up, read
from nimnet_effects import raises


@raises(KeyError)
def by_isinstance() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if isinstance(error, KeyError):
            raise error


@raises(KeyError)
def by_match() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        match error:
            case KeyError():
                raise error


@raises(OSError)
def another_variable() -> None:
    try:
        read()
    except OSError as error:
        kept = error
        raise kept


@raises(OSError)
def after_the_handler() -> None:
    failure: OSError | None = None
    try:
        read()
    except OSError as error:
        failure = error
    if failure is not None:
        raise failure
