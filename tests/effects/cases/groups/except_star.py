from nimnet_effects import raises


@raises()
def all_of_it() -> None:
    try:
        raise ExceptionGroup("several", [OSError(), KeyError()])
    except* Exception:
        pass


@raises()
def plain_exception() -> None:
    try:
        raise OSError
    except* OSError:
        pass


@raises()
def plain_exception_of_another_class() -> None:
    try:
        raise KeyError  # E: "KeyError"
    except* OSError:
        pass
