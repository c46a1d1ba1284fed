"""What is said to mypyc, in words that interpreted code need not know.

A constant that tests change is not `Final`: mypyc puts the values of those in place of their names.
It takes `raise ... from ...` for a mere `raise`, which the build therefore spells out.
"""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
else:

    def mypyc_attr(**_: bool) -> Callable[[type], type]:
        """Says what mypyc is to make of a class; here, nothing."""
        return lambda described: described
