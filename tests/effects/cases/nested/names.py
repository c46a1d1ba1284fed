from cases.calls import read
from nimnet_effects import raises


class Outer:
    class Inner:
        def __init__(self) -> None:
            read()

        def method(self) -> bytes:
            return read()

        @property
        def value(self) -> bytes:
            return read()

        @raises(OSError)
        def declared(self) -> None:
            read()

    class Deeper(Inner):
        @raises(OSError, KeyError)
        def declared(self) -> None:  # E: "Outer.Deeper.declared" may raise "KeyError", which "Outer.Inner.declared" does
            read()
            raise KeyError

    class Error(Exception):
        pass


@raises()
def classes(inner: Outer.Inner) -> None:
    inner.method()  # E: "Outer.Inner.method" may raise "OSError"
    inner.value  # E: "Outer.Inner.value" may raise "OSError"
    Outer.Inner()  # E: "Outer.Inner.__init__" may raise "OSError"


@raises()
def exceptions() -> None:
    raise Outer.Error  # E: this raises "Outer.Error", which "exceptions" does not


@raises()
def inside() -> None:
    class Local:
        class Deep:
            def method(self) -> bytes:
                return read()

        def method(self) -> bytes:
            return read()

    def helper() -> None:
        Local().method()

    Local().method()  # E: "inside.Local.method" may raise "OSError"
    Local.Deep().method()  # E: "inside.Local.Deep.method" may raise "OSError"
    helper()  # E: "inside.helper" may raise "OSError" (cases.nested.names:54 calls "inside.Local.method"
    later()  # E: "later" may raise "OSError"


def later() -> None:
    @raises()
    def inner() -> None:
        read()  # E: "read" may raise "OSError"
        raise ValueError  # E: this raises "ValueError", which "later.inner" does not

    read()
    inner()
