from __future__ import annotations

from typing import TYPE_CHECKING

from cases.calls import read
from nimnet_effects import raises

if TYPE_CHECKING:
    from cases.calls import look_up
    from cases.conditional.type_checking_types import Source


@raises()
def callers(source: Source) -> None:
    source.get()  # E: "Source.get" may raise "OSError"
    look_up("a")  # E: "look_up" may raise "KeyError"


@raises(OSError)
def declared(source: Source) -> bytes:
    return source.get()


@raises()
def only_at_run_time() -> None:
    if not TYPE_CHECKING:
        read()
