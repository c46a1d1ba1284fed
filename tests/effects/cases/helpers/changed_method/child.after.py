from cases.calls import look_up
from cases.helpers.changed_method.base import Base


class Child(Base):
    def go(self) -> bytes:
        return look_up("a").encode()
