from cases.arguments.overloads_elsewhere.helper import get
from nimnet_effects import raises


@raises()
def go() -> None:
    get(1)  # E: "get" may raise "OSError": declare
    get("a")  # E: "get" may raise "KeyError" (  # E: "get" may raise "OSError" (


@raises(OSError)
def one_form() -> bytes:
    return get(1)
