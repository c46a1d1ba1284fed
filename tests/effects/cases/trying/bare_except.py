from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def everything() -> None:
    try:
        read()
        look_up("a")
    except:
        pass


@raises()
def in_its_body() -> None:
    try:
        read()
    except:
        look_up("a")  # E: "look_up" may raise "KeyError"
