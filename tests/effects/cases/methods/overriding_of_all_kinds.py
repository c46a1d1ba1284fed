from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar, overload

from cases.calls import look_up, parse, read
from nimnet_effects import raises

T = TypeVar("T")


# Properties: what reads and what writes them
class Base:
    @property
    @raises(KeyError)
    def value(self) -> str:
        return look_up("a")

    @value.setter
    @raises(ValueError)
    def value(self, value: str) -> None:
        parse(value)

    @value.deleter
    @raises()
    def value(self) -> None:
        pass

    @property
    def half(self) -> str:
        return look_up("a")

    @half.setter
    @raises(ValueError)
    def half(self, value: str) -> None:
        parse(value)


class Properties(Base):
    @property
    def value(self) -> str:
        return look_up("a")

    @value.setter
    def value(self, value: str) -> None:  # E: "Properties.value" may raise "OSError", which "Base.value" does not declare
        read()
        parse(value)

    @value.deleter
    def value(self) -> None:  # E: "Properties.value" may raise "OSError", which "Base.value" does not declare
        read()

    @property
    def half(self) -> str:
        # Nobody said what reading it may raise.
        return str(parse("a"))

    @half.setter
    def half(self, value: str) -> None:
        parse(value)


@raises()
def half(base: Base) -> None:
    base.half  # E: "Base.half" may raise "KeyError"
    base.half = "a"  # E: "Base.half" may raise "ValueError"
    del base.value


# Overloads: form by form
class Overloads:
    @overload
    @raises(OSError)
    def get(self, at: int) -> bytes: ...
    @overload
    @raises()
    def get(self, at: str) -> str: ...
    def get(self, at: int | str) -> bytes | str:
        return read() if isinstance(at, int) else at


class KeepsEach(Overloads):
    @overload
    @raises(OSError)
    def get(self, at: int) -> bytes: ...
    @overload
    @raises()
    def get(self, at: str) -> str: ...
    def get(self, at: int | str) -> bytes | str:
        return read() if isinstance(at, int) else at


class BreaksOne(Overloads):
    @overload
    @raises(OSError)
    def get(self, at: int) -> bytes: ...
    @overload
    @raises(OSError)
    def get(self, at: str) -> str: ...
    def get(self, at: int | str) -> bytes | str:  # E: "BreaksOne.get" may raise "OSError", which "Overloads.get" does not declare
        read()
        return b"" if isinstance(at, int) else at


class OneForAll(Overloads):
    @overload
    def get(self, at: int) -> bytes: ...
    @overload
    def get(self, at: str) -> str: ...
    @raises(OSError)
    def get(self, at: int | str) -> bytes | str:  # E: "OneForAll.get" may raise "OSError"
        read()
        return b"" if isinstance(at, int) else at


# Parameters that bring an exception
class Asking:
    @raises(timeout=TimeoutError)
    def ask(self, timeout: int = -1) -> None:
        if timeout != -1:
            raise TimeoutError


class AsksToo(Asking):
    @raises(timeout=TimeoutError)
    def ask(self, timeout: int = -1) -> None:
        super().ask(timeout)


class AsksMore(Asking):
    @raises(timeout=TimeoutError, name=LookupError)
    def ask(self, timeout: int = -1, name: str = "") -> None:
        super().ask(timeout)
        if name:
            raise LookupError


class AsksOtherwise(Asking):
    @raises(timeout=LookupError)
    def ask(self, timeout: int = -1) -> None:  # E: "AsksOtherwise.ask" may raise "LookupError"
        if timeout != -1:
            raise LookupError


# Class methods, static methods
class Made:
    @classmethod
    @raises()
    def make(cls) -> "Made":
        return cls()

    @staticmethod
    @raises(OSError)
    def static(size: int = 1) -> bytes:
        return read(size)


class MadeOtherwise(Made):
    @classmethod
    def make(cls) -> "MadeOtherwise":  # E: "MadeOtherwise.make" may raise "KeyError"
        look_up("a")
        return cls()

    @staticmethod
    def static(size: int = 1) -> bytes:  # E: "MadeOtherwise.static" may raise "KeyError"
        look_up("a")
        return read(size)


# Attributes
class Plain:
    @raises(OSError)
    def load(self) -> bytes:
        return read()


def load(self: Plain) -> bytes:
    return look_up("a").encode()


def load_well(self: Plain) -> bytes:
    return read()


class Assigned(Plain):
    load = load  # E: "Assigned.load" may raise "KeyError", which "Plain.load" does not declare


class AssignedWell(Plain):
    load = load_well


class Lambda(Plain):
    load = lambda self: look_up("a").encode()  # E: "Lambda.load" may raise "KeyError"


@raises()
def attributes(assigned: Assigned) -> None:
    assigned.load()  # E: "load" may raise "KeyError"


# Dataclasses, named tuples, abstract classes, explicit protocols
@dataclass
class Data(Plain):
    size: int = 1

    def load(self) -> bytes:  # E: "Data.load" may raise "KeyError"
        look_up("a")
        return read(self.size)


class Pair(NamedTuple):
    one: int
    other: int

    @raises()
    def total(self) -> int:
        return self.one + self.other


class Triple(Pair):
    def total(self) -> int:  # E: "Triple.total" may raise "ValueError", which "Pair.total" does not declare
        return parse("a")


class Abstract(ABC):
    @abstractmethod
    @raises(OSError)
    def load(self) -> bytes: ...


class Concrete(Abstract):
    def load(self) -> bytes:  # E: "Concrete.load" may raise "KeyError"
        return look_up("a").encode()


class FromAMixin(Lambda, Abstract):  # E: "Lambda.load" may raise "KeyError" ... which "Abstract.load" does not declare
    pass


class Loader(Protocol):
    @raises(OSError)
    def load(self) -> bytes: ...


class Explicit(Lambda, Loader):  # E: "Lambda.load" may raise "KeyError" ... which "Loader.load" does not declare
    pass


# Special methods
class Manager:
    @raises()
    def __enter__(self) -> None: ...

    @raises(OSError)
    def __exit__(self, *args: object) -> Literal[False]:
        read()
        return False


class OtherManager(Manager):
    def __exit__(self, *args: object) -> Literal[False]:  # E: "OtherManager.__exit__" may raise "KeyError"
        look_up("a")
        return False


class Numbers:
    def __iter__(self) -> Iterator[int]:
        return self

    @raises(StopIteration, ValueError)
    def __next__(self) -> int:
        return parse("a")


class Ending(Numbers):
    def __next__(self) -> int:
        raise StopIteration


class Looking(Numbers):
    def __next__(self) -> int:  # E: "Looking.__next__" may raise "KeyError"
        look_up("a")
        raise StopIteration


# Generics
class Box(Generic[T]):
    @overload
    @raises()
    def put(self, value: T) -> None: ...
    @overload
    @raises(ValueError)
    def put(self, value: T, at: str) -> None: ...
    def put(self, value: T, at: str = "") -> None:
        if at:
            parse(at)


class Numbered(Box[int]):
    @overload
    @raises()
    def put(self, value: int) -> None: ...
    @overload
    @raises(ValueError)
    def put(self, value: int, at: str) -> None: ...
    def put(self, value: int, at: str = "") -> None:
        if at:
            parse(at)


class Named(Box[str]):
    @overload
    @raises(ValueError)
    def put(self, value: str) -> None: ...
    @overload
    @raises(ValueError)
    def put(self, value: str, at: str) -> None: ...
    def put(self, value: str, at: str = "") -> None:  # E: "Named.put" may raise "ValueError"
        parse(value)


# What nobody calls through a base is not compared.
class Constructed:
    @raises()
    def __init__(self) -> None:
        self.run: Callable[[], bytes] = partial(read, 1)


class ConstructedOtherwise(Constructed):
    def __init__(self) -> None:
        super().__init__()
        read()
