from cases.calls import read
from nimnet_effects import raises


@raises()
def body_runs() -> None:
    class Local:
        data = read()  # E: "read" may raise "OSError"

        def method(self) -> bytes:
            return read()

    print(Local)


@raises()
def methods_run_when_called() -> None:
    class Local:
        def method(self) -> bytes:
            return read()

    Local().method()  # E: may raise "OSError"


@raises(OSError)
def declared() -> None:
    class Local:
        data = read()

    print(Local)
