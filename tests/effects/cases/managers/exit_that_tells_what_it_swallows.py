"""`__exit__` returns a bool, and its body tells for which exceptions that is true."""

from contextlib import suppress
from types import TracebackType

from cases.calls import look_up, parse, quiet, read
from nimnet_effects import raises

LOST = (OSError, KeyError)


class Entered:
    flag = False

    def __enter__(self) -> None:
        pass


class OfClass(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError)


class OfTuple(Entered):
    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return isinstance(error, (OSError, KeyError))


class OfConstant(Entered):
    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, LOST)


class InBranches(Entered):
    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> bool:
        if kind is None:
            return False
        if issubclass(kind, KeyError):
            quiet()
            return True
        elif not isinstance(rest[0], OSError):
            return False
        else:
            return True


class Negated(Entered):
    def __exit__(self, *info: object) -> bool:
        return not (info[1] is None or not isinstance(info[1], OSError))


class OfEither(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        swallowed = bool(kind and (issubclass(kind, OSError) or issubclass(kind, KeyError)))
        return swallowed


class OfAllBut(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is KeyError:
            return False
        return True


class OfAllButTwo(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is None or issubclass(kind, (ConnectionError, LookupError)):
            return False
        return kind is not ValueError


class OfTheRest(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is not None and issubclass(kind, OSError):
            return not issubclass(kind, ConnectionError)
        return False


class Everything(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        try:
            quiet()
        finally:
            quiet()
        return kind is not None


class Exactly(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is OSError or kind in (KeyError, IndexError)


class OfType(Entered):
    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return type(error) is OSError


class Perhaps(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError) and self.flag


class PerhapsInBranches(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is not None and self.flag:
            return issubclass(kind, OSError)
        if kind is None or issubclass(kind, KeyError):
            return True
        return False


class PerhapsNotReached(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        with suppress(OSError):
            read()
            return True
        return False


class NotAfterTheHandler(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        try:
            read()
        except OSError:
            return False
        return True


class AfterTheHandler(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        try:
            read()
        except OSError:
            pass
        return True


class Changed(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        kind = OSError
        return issubclass(kind, OSError)


class Nothing(Entered):
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        for each in LOST:
            if kind is each:
                return True
        return False


class Derived(OfClass):
    pass


@raises()
def swallowed() -> None:
    with OfClass():
        read()
    with Derived():
        read()
    with OfClass():
        raise ConnectionResetError
    with OfTuple():
        read()
        look_up("a")
    with OfConstant():
        read()
        look_up("a")
    with InBranches():
        read()
        look_up("a")
    with Negated():
        read()
    with OfEither():
        read()
        look_up("a")
    with OfAllBut():
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    with OfAllButTwo():
        read()  # E: "read" may raise "ConnectionError"
        look_up("a")  # E: "look_up" may raise "KeyError"
        parse("a")  # E: "parse" may raise "ValueError"
        raise UnicodeError
    with OfTheRest():
        raise PermissionError
    with OfTheRest():
        raise ConnectionResetError  # E: this raises "ConnectionResetError"
    with Everything():
        read()
        look_up("a")
    with AfterTheHandler():
        look_up("a")


@raises()
def of_other_classes() -> None:
    with OfClass():
        look_up("a")  # E: "look_up" may raise "KeyError"
    with OfTuple():
        parse("a")  # E: "parse" may raise "ValueError"
    with InBranches():
        parse("a")  # E: "parse" may raise "ValueError"
    with Negated():
        look_up("a")  # E: "look_up" may raise "KeyError"
    with OfEither():
        parse("a")  # E: "parse" may raise "ValueError"


@raises()
def exactly_of_a_class() -> None:
    with Exactly():
        read()
        look_up("a")
        raise ConnectionResetError  # E: this raises "ConnectionResetError"
    with OfType():
        read()
        raise ConnectionResetError  # E: this raises "ConnectionResetError"


@raises()
def perhaps() -> None:
    with Perhaps():
        read()  # E: "read" may raise "OSError"
    with PerhapsInBranches():
        look_up("a")  # E: "look_up" may raise "KeyError"
        read()  # E: "read" may raise "OSError"
    with PerhapsNotReached():
        look_up("a")  # E: "look_up" may raise "KeyError"
    with NotAfterTheHandler():
        look_up("a")  # E: "look_up" may raise "KeyError"
    with Changed():
        read()  # E: "read" may raise "OSError"
    with Nothing():
        read()  # E: "read" may raise "OSError"


class Asynchronous:
    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError)


@raises()
async def awaited() -> None:
    async with Asynchronous():
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
