from cases.calls import look_up, read
from nimnet_effects import raises


class Base:
    def __enter__(self) -> "Base":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        read()


class Child(Base):
    def __enter__(self) -> "Child":
        look_up("a")
        return self


@raises(KeyError)
def caller(child: Child) -> None:
    with child:  # E: "Base.__exit__" may raise "OSError"
        pass


@raises(OSError)
def base(base: Base) -> None:
    with base:
        pass
