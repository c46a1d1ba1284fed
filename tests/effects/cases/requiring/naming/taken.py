from cases.requiring.naming import errors
from cases.requiring.naming.helpers import of_python, times_out


class TimeoutError(Exception):
    pass


def through_a_module() -> None:  # E: must declare what it raises: @raises(errors.TimeoutError)
    times_out()


def taken() -> None:  # E: must declare what it raises: @raises(Empty, builtins.TimeoutError) (import builtins; from queue import Empty)
    of_python()
