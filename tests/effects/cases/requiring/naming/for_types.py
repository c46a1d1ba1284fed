from typing import TYPE_CHECKING
from cases.requiring.naming.helpers import outer

if TYPE_CHECKING:
    from cases.requiring.naming.errors import OuterError


def f() -> None:  # E: must declare what it raises: @raises(OuterError, OuterError.InnerError) (from cases.requiring.naming.errors import OuterError)
    outer()
