from cases.calls import read
from nimnet_effects import raises


@raises(ValueError)
def in_a_handler() -> None:
    try:
        read()
    except OSError:
        raise ValueError


@raises()
def in_a_handler_and_handled() -> None:
    try:
        try:
            read()
        except OSError:
            raise ValueError
    except ValueError:
        pass


@raises()
def not_by_its_own_try() -> None:
    try:
        raise OSError
    except OSError:
        raise KeyError  # E: "KeyError"
    except KeyError:
        pass
