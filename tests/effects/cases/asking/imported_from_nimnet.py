import nimnet
from cases.calls import read
from nimnet import raises


@raises()
def by_name() -> None:
    read()  # E: "read" may raise "OSError"


@nimnet.raises()
def by_module() -> None:
    read()  # E: "read" may raise "OSError"


@nimnet.raises(OSError)
def declared() -> None:
    read()
