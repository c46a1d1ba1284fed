from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Retryable:
    pass


@raises(KeyError)
def of_a_class() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if isinstance(error, KeyError):
            raise


@raises(KeyError, ValueError)
def of_several_classes() -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        if isinstance(error, (KeyError, ValueError)):
            raise


@raises(KeyError, ValueError)
def of_a_union() -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        if isinstance(error, KeyError | ValueError):
            raise


@raises(KeyError)
def of_all_others() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if isinstance(error, OSError):
            print("no file")
        else:
            raise


@raises(KeyError)
def if_not() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if not isinstance(error, OSError):
            raise


@raises(KeyError)
def by_name_in_the_other_branch() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if isinstance(error, OSError):
            print("no file")
        else:
            raise error


@raises(KeyError)
def behind_a_return() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if isinstance(error, OSError):
            return
        print(error)
        raise


@raises(KeyError)
def in_a_chain(flag: bool) -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        if isinstance(error, OSError):
            return
        elif isinstance(error, ValueError):
            print("no number")
            return
        raise


@raises(KeyError)
def with_another_condition(flag: bool) -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if flag and isinstance(error, KeyError):
            raise
        if isinstance(error, OSError) or flag:
            return
        raise


@raises(KeyError)
def of_either(flag: bool) -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        if isinstance(error, OSError) or isinstance(error, ValueError):
            return
        raise


@raises(KeyError)
def by_match() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        match error:
            case KeyError():
                raise


@raises(ConnectionError)
def of_a_subclass() -> None:
    try:
        read()
    except OSError as error:
        if isinstance(error, ConnectionError):
            raise


@raises()
def undeclared() -> None:
    try:
        read()  # E: "read" may raise "ConnectionError"
        look_up("a")
    except Exception as error:
        if isinstance(error, ConnectionError):
            raise


@raises()
def the_rest() -> None:
    try:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    except Exception as error:
        if not isinstance(error, OSError):
            raise


@raises(KeyError)
def not_behind_what_runs_through() -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        if isinstance(error, OSError):
            print("no file")
        raise


@raises(KeyError)
def either_of_two_conditions(flag: bool) -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        if isinstance(error, KeyError) or flag:
            raise


@raises(KeyError)
def another_value() -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        error = KeyError("a")
        if isinstance(error, KeyError):
            raise


@raises(KeyError)
def another_value_in_a_loop(values: list[Exception]) -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        while True:
            if isinstance(error, KeyError):
                raise
            for error in values:
                print(error)


@raises()
def another_value_by_name(other: ValueError) -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        error = other
        raise error  # E: this raises "ValueError"


@raises(KeyError)
def another_value_from_inside() -> None:
    error: Exception = KeyError("a")

    def replace() -> None:
        nonlocal error
        error = KeyError("a")

    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        replace()
        if isinstance(error, KeyError):
            raise


@raises(KeyError)
def of_what_an_outer_handler_has() -> None:
    try:
        look_up("a")
    except Exception as error:
        try:
            read()  # E: "read" may raise "OSError"
        except OSError:
            if isinstance(error, KeyError):
                raise


@raises(OSError)
def of_what_may_be_of_any_class(kinds: tuple[type[KeyError], ...]) -> None:
    try:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    except Exception as error:
        if not isinstance(error, kinds):
            raise


@raises(KeyError)
def of_a_class_that_is_no_exception() -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        if isinstance(error, Retryable):
            raise


@raises(KeyError)
def by_an_assertion() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        assert not isinstance(error, OSError)
        raise
