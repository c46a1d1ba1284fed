from typing import no_type_check

from cases.calls import read
from nimnet_effects import raises


@no_type_check
@raises()
def not_checked():
    read()


@raises()
def beside() -> None:
    read()  # E: "read" may raise "OSError"
