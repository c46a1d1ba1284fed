from contextlib import ExitStack

from nimnet_effects import raises


@raises()
def stacks() -> None:
    with ExitStack() as stack:
        stack.callback(print, 1)
