from cases.asking.override_in_a_module_that_did_not_ask.base import Base
from cases.calls import read


class Child(Base):
    def go(self) -> None:
        read()
