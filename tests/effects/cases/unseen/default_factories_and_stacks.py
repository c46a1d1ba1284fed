from contextlib import ExitStack
from dataclasses import dataclass, field

from cases.calls import read
from nimnet_effects import raises


@dataclass
class Made:
    data: bytes = field(default_factory=read)


@raises()
def given() -> None:
    Made(b"")


@raises()
def stacks() -> None:
    with ExitStack() as stack:
        stack.callback(print, 1)
