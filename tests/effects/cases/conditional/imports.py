import sys

from nimnet_effects import raises

if sys.version_info >= (3, 8):
    from cases.calls import read as chosen
else:
    from cases.calls import quiet as chosen

try:
    from cases.calls import look_up as tried
except ImportError:
    from cases.calls import look_up as tried


@raises()
def callers() -> None:
    chosen()  # E: "read" may raise "OSError"
    tried("a")  # E: "look_up" may raise "KeyError"


@raises(OSError)
def declared() -> bytes:
    return chosen()


@raises()
def inside() -> None:
    from cases.calls import parse

    parse("a")  # E: "parse" may raise "ValueError"
