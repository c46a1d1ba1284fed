from cases.calls import read
from nimnet_effects import raises


@raises(tmeout=OSError)  # E: "misspelt" has no parameter "tmeout"; did you mean "timeout"?
def misspelt(timeout: int = 0) -> None:
    if timeout:
        read()


@raises(hurry=OSError)  # E: "other" has no parameter "hurry"
def other(timeout: int = 0) -> None:
    if timeout:
        read()


@raises(options=OSError)  # E: "**options" stands for any number of arguments
def keywords(**options: int) -> None:
    if options:
        read()


@raises(rest=OSError)  # E: "*rest" stands for any number of arguments
def positional(*rest: int) -> None:
    if rest:
        read()


@raises(timeout=OSError)  # E: "within" has no parameter "timeout": what ** takes cannot be told apart
def within(**options: int) -> None:
    if options:
        read()


@raises(timeout=OSError)
def beside(timeout: int = 0, **options: int) -> None:
    if timeout and options:
        read()


class Methods:
    @raises(tmeout=OSError)  # E: "method" has no parameter "tmeout"; did you mean "timeout"?
    def method(self, *, timeout: int = 0) -> None:
        if timeout:
            read()

    @property
    @raises(OSError)
    def value(self) -> int:
        read()
        return 1
