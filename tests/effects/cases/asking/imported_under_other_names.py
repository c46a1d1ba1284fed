import nimnet_effects as effects
from cases.calls import read
from nimnet_effects import raises as may_raise

declares = may_raise


@may_raise()
def renamed() -> None:
    read()  # E: "read" may raise "OSError"


@effects.raises()
def from_the_module() -> None:
    read()  # E: "read" may raise "OSError"


@effects.raises(OSError)
def declared() -> None:
    read()


def raises(*names: type[BaseException]) -> None:
    """Another function of the same name."""


raises()
