"""Objects of classes that know nothing of the protocol that they are taken for."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypedDict, TypeVar, overload

from cases.calls import look_up, parse, read
from nimnet_effects import raises

T = TypeVar("T")


class Store(Protocol):
    @raises(KeyError)
    def load(self, name: str) -> bytes: ...

    def undeclared(self) -> None: ...


class Good:
    @raises(KeyError)
    def load(self, name: str) -> bytes:
        return look_up(name).encode()

    def undeclared(self) -> None:
        read()


class Inferred:
    def load(self, name: str) -> bytes:
        return look_up(name).encode()

    def undeclared(self) -> None:
        pass


class Bad:
    def load(self, name: str) -> bytes:
        look_up(name)
        return read()

    def undeclared(self) -> None:
        pass


class Declared:
    @raises(KeyError, ValueError)
    def load(self, name: str) -> bytes:
        return b"%d" % parse(look_up(name))

    def undeclared(self) -> None:
        pass


class Inheriting(Bad):
    pass


class Explicit(Store):
    def load(self, name: str) -> bytes:  # E: "Explicit.load" may raise "OSError", which "Store.load" does not declare
        return read()

    def undeclared(self) -> None:
        read()


@raises(KeyError)
def use(store: Store, size: int = 1) -> bytes:
    return store.load("a")


def places(bad: Bad, good: Good, flag: bool) -> None:
    use(good)
    use(Inferred())
    use(bad)  # E: "Bad.load" may raise "OSError" (cases.substituting.objects:40 calls "read"), which "Store.load" does not declare, and "Bad" stands for "Store" here
    use(size=1, store=bad)  # E: "Bad.load" may raise "OSError"
    use(Declared())  # E: "Declared.load" may raise "ValueError", which "Store.load" does not declare
    use(Inheriting())  # E: "Bad.load" may raise "OSError" ... "Inheriting" stands for "Store"
    use(Explicit())
    use(good if flag else bad)  # E: "Bad.load" may raise "OSError"
    several(*[bad])  # E: "Bad.load" may raise "OSError"
    several(*(good, bad))  # E: "Bad.load" may raise "OSError"
    several(**{"one": bad})  # E: "Bad.load" may raise "OSError"
    one: Store = bad  # E: "Bad.load" may raise "OSError"
    one = good
    one = Bad()  # E: "Bad.load" may raise "OSError"
    print(one)


def several(*stores: Store, **named: Store) -> None:
    print(stores, named)


def returned(flag: bool) -> Store:
    if flag:
        return Good()
    return Bad()  # E: "Bad.load" may raise "OSError"


async def returned_later() -> Store:
    return Bad()  # E: "Bad.load" may raise "OSError"


def yielded() -> Iterator[Store]:
    yield Good()
    yield Bad()  # E: "Bad.load" may raise "OSError"


async def yielded_later() -> AsyncIterator[Store | None]:
    yield None
    yield Bad()  # E: "Bad.load" may raise "OSError"


def by_default(store: Store = Bad()) -> None:  # E: "Bad.load" may raise "OSError"
    print(store)


class Holder:
    store: Store = Good()
    other: Store = Bad()  # E: "Bad.load" may raise "OSError"

    def __init__(self, store: Store) -> None:
        self.own: Store | None = None
        self.own = store
        self.own = Bad()  # E: "Bad.load" may raise "OSError"

    def replace(self, bad: Bad) -> "Holder":
        self.store, self.other = Good(), bad  # E: "Bad.load" may raise "OSError"
        return Holder(bad)  # E: "Bad.load" may raise "OSError"


def in_containers(good: Good, bad: Bad, bads: list[Bad]) -> None:
    some: list[Store] = [good, bad]  # E: "Bad.load" may raise "OSError"
    some.append(good)
    some.append(bad)  # E: "Bad.load" may raise "OSError"
    named: dict[str, Store] = {"a": good, "b": bad}  # E: "Bad.load" may raise "OSError"
    named["a"] = good
    named["b"] = bad  # E: "Bad.load" may raise "OSError"
    pair: tuple[Store, int] = bad, 1  # E: "Bad.load" may raise "OSError"
    many: tuple[Store, ...] = (good, bad)  # E: "Bad.load" may raise "OSError"
    copies: list[Store] = [each for each in bads]  # E: "Bad.load" may raise "OSError"
    all_of(bads)  # E: "Bad.load" may raise "OSError"
    all_of(some)
    print(pair, many, copies)


class Kept(TypedDict):
    store: Store


def in_dictionaries(good: Good, bad: Bad) -> Kept:
    kept: Kept = {"store": bad}  # E: "Bad.load" may raise "OSError"
    kept["store"] = good
    kept["store"] = bad  # E: "Bad.load" may raise "OSError"
    Kept(store=good)
    return Kept(store=bad)  # E: "Bad.load" may raise "OSError"


@dataclass
class Fields:
    store: Store
    others: list[Store]


def in_dataclasses(good: Good, bad: Bad) -> None:
    Fields(good, [good])
    Fields(bad, [])  # E: "Bad.load" may raise "OSError"
    Fields(good, [bad])  # E: "Bad.load" may raise "OSError"


def all_of(stores: Iterable[Store]) -> None:
    print(stores)


S = TypeVar("S", bound=Store)


def bound(store: S) -> S:
    return store


def same(value: T) -> T:
    return value


class Generics(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value

    def __call__(self, value: T) -> None:
        self.value = value


def through_type_variables(good: Good, bad: Bad, box: Generics[Store]) -> None:
    bound(good)
    bound(bad)  # E: "Bad.load" may raise "OSError"
    same(bad)
    chosen: Store = same(bad)  # E: "Bad.load" may raise "OSError"
    box(bad)  # E: "Bad.load" may raise "OSError"
    Generics[Store](bad)  # E: "Bad.load" may raise "OSError"
    Generics(bad)
    print(chosen)


class Other(Protocol):
    def load(self, name: str) -> bytes: ...


def unions(either: Good | Bad, perhaps: Bad | None, other: Other, store: Store) -> None:
    use(either)  # E: "Bad.load" may raise "OSError"
    take_optional(perhaps)  # E: "Bad.load" may raise "OSError"
    take_optional(None)
    take_either(1)
    use(store)
    # Nobody said what this one may raise.
    take_other(store)
    take_other(Bad())


def take_optional(store: Store | None) -> None:
    print(store)


def take_either(store: Store | int) -> None:
    print(store)


def take_other(other: Other) -> None:
    print(other)


# Once per line, and nothing of what is never reached
def once(bad: Bad) -> None:
    pairs(bad, bad)  # E: "Bad.load" may raise "OSError"
    return
    use(bad)


def pairs(one: Store, other: Store) -> None:
    print(one, other)


class Members(Protocol):
    @property
    @raises(KeyError)
    def value(self) -> str: ...

    @classmethod
    @raises()
    def make(cls) -> object: ...

    @raises(StopIteration)
    def __next__(self) -> int: ...

    @overload
    @raises()
    def get(self, at: int) -> int: ...
    @overload
    @raises(ValueError)
    def get(self, at: str) -> str: ...


class AllMembers:
    value = "a"

    @classmethod
    def make(cls) -> object:
        return cls()

    def __next__(self) -> int:
        raise StopIteration

    @overload
    @raises()
    def get(self, at: int) -> int: ...
    @overload
    @raises(ValueError)
    def get(self, at: str) -> str: ...
    def get(self, at: int | str) -> int | str:
        return at if isinstance(at, int) else str(parse(at))


class NoMembers:
    @property
    def value(self) -> str:
        return str(parse("a"))

    @classmethod
    def make(cls) -> object:
        read()
        return cls()

    def __next__(self) -> int:
        read()
        raise StopIteration

    @overload
    @raises(ValueError)
    def get(self, at: int) -> int: ...
    @overload
    @raises(ValueError)
    def get(self, at: str) -> str: ...
    def get(self, at: int | str) -> int | str:
        parse("a")
        return at


def take_members(members: Members) -> None:
    print(members)


def members() -> None:
    take_members(AllMembers())
    take_members(NoMembers())  # E: "NoMembers.value" may raise "ValueError"  # E: "NoMembers.make" may raise "OSError"  # E: "NoMembers.__next__" may raise "OSError"  # E: "NoMembers.get" may raise "ValueError"


class Static:
    @staticmethod
    def load(name: str) -> bytes:
        return read()

    @staticmethod
    def undeclared() -> None:
        pass


def classes() -> None:
    # The class itself has the methods.
    use(Static)  # E: "Static.load" may raise "OSError"
    use(Static())  # E: "Static.load" may raise "OSError"
