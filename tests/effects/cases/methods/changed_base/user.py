from cases.methods.changed_base.base import Base
from nimnet_effects import raises


@raises(ConnectionError)
def caller(base: Base) -> None:
    base.go()  # E before: "Base.go" may raise "OSError"
