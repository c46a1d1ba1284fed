from cases.calls import look_up, parse, quiet, read
from nimnet_effects import raises


@raises()
def all_others() -> None:
    try:
        read()
        look_up("a")
    except (OSError, KeyError) as error:
        match error:
            case OSError() | KeyError():
                print(error)
            case _:
                raise


@raises(KeyError)
def in_a_later_case() -> None:
    try:
        read()
        look_up("a")
    except (OSError, KeyError) as error:
        match error:
            case OSError():
                return
            case _:
                raise


@raises(KeyError)
def behind_it() -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        match error:
            case OSError():
                return
            case ValueError() as wrong:
                print(wrong)
                return
        raise


@raises(KeyError)
def what_one_case_lets_through() -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        match error:
            case KeyError():
                print(error)
            case _:
                return
        raise


@raises(KeyError)
def what_all_cases_let_through() -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        match error:
            case KeyError():
                print(error)
            case OSError():
                return
        raise


@raises(KeyError)
def with_a_guard_that_asks() -> None:
    try:
        read()
        look_up("a")
        parse("1")
    except Exception as error:
        match error:
            case _ if isinstance(error, OSError):
                return
            case Exception() if isinstance(error, KeyError):
                raise
            case ValueError():
                return
            case _:
                raise


@raises(KeyError)
def of_something_else(flag: bool) -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        match flag:
            case True if isinstance(error, KeyError):
                raise
            case _ if isinstance(error, OSError):
                return
            case _:
                raise


@raises(KeyError)
def from_another_handler() -> None:
    try:
        look_up("a")
    except KeyError as outer:
        try:
            read()
        except OSError as error:
            match error:
                case OSError():
                    raise outer from error


@raises(KeyError)
def all_of_it_leaves(flag: bool) -> None:
    try:
        read()
        look_up("a")
    except Exception as error:
        if isinstance(error, OSError):
            match flag:
                case True:
                    return
                case _:
                    return
        raise


@raises(KeyError)
def patterns_with_arguments() -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        match error:
            case OSError(errno=5):
                return
            case _:
                raise


@raises(KeyError)
def guards(flag: bool) -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        match error:
            case OSError() if flag:
                return
            case _ if quiet():
                return
        raise


@raises(KeyError)
def alternatives_that_are_not_sure() -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
        parse("1")
    except Exception as error:
        match error:
            case OSError(errno=5) | ValueError():
                return
        raise


@raises(KeyError)
def let_through_before() -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        match error:
            case OSError(errno=5):
                print(error)
            case OSError():
                return
        raise


@raises(KeyError)
def let_through_by_its_base(flag: bool) -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        match error:
            case Exception() if flag:
                print(error)
            case OSError():
                return
        raise


@raises(KeyError)
def not_sure_to_leave(flag: bool) -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception as error:
        match error:
            case OSError():
                if flag:
                    return
        raise


@raises(KeyError)
def of_another_variable(other: Exception) -> None:
    try:
        read()  # E: "read" may raise "OSError"
        look_up("a")
    except Exception:
        match other:
            case OSError():
                return
        raise


@raises()
def rebound() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    except Exception as error:
        match error:
            case Exception(args=[Exception() as error]):
                print(error)
            case OSError():
                return
        raise
