from cases.requiring.naming.errors import OuterError as Renamed
from cases.requiring.naming.helpers import outer, times_out


def by_another_name() -> None:  # E: must declare what it raises: @raises(Renamed, Renamed.InnerError)
    outer()


def by_an_import() -> None:  # E: must declare what it raises: @raises(TimeoutError) (from cases.requiring.naming.errors import TimeoutError)
    times_out()
