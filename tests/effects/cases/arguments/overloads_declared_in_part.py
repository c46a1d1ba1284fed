from typing import Protocol, overload

from cases.calls import look_up, read
from nimnet_effects import raises


@overload
@raises(OSError)
def get(key: int) -> bytes: ...
@overload
def get(key: str) -> str: ...
def get(key: int | str) -> bytes | str:
    return read() if isinstance(key, int) else look_up(key)


@raises()
def by_form() -> None:
    get(1)  # E: "get" may raise "OSError": declare
    # What a form does not say is what the implementation does.
    get("a")  # E: "get" may raise "KeyError" ( ... :13 calls  # E: "get" may raise "OSError" (


@raises()
def by_either(key: int | str) -> None:
    get(key)  # E: "get" may raise "KeyError"  # E: "get" may raise "OSError"


@raises(OSError, KeyError)
def declared() -> None:
    get(1)
    get("a")


@raises(OSError)
def one_form_is_enough() -> bytes:
    return get(1)


class Store:
    @overload
    def load(self, key: int) -> bytes: ...
    @overload
    @raises()
    def load(self, key: str) -> str: ...
    def load(self, key: int | str) -> bytes | str:
        return read() if isinstance(key, int) else key

    @overload
    def save(self, key: int) -> None: ...
    @overload
    @raises()
    def save(self, key: str) -> None: ...
    # What the implementation declares holds for what its forms leave open.
    @raises(KeyError)
    def save(self, key: int | str) -> None:
        look_up(str(key))

    @overload
    @raises(OSError)
    def drop(self, key: int) -> None: ...
    @overload
    def drop(self, key: str) -> None: ...
    def drop(self, key: int | str) -> None:
        pass


@raises()
def storing(store: Store) -> None:
    store.load(1)  # E: "Store.load" may raise "OSError"
    store.load("a")
    store.save(1)  # E: "Store.save" may raise "KeyError": declare
    store.save("a")
    store.drop(1)  # E: "Store.drop" may raise "OSError": declare
    store.drop("a")


class Faster(Store):
    @overload
    def load(self, key: int) -> bytes: ...
    @overload
    def load(self, key: str) -> str: ...
    # A form that says nothing asks nothing of overrides; the other one does.
    @raises(OSError)
    def load(self, key: int | str) -> bytes | str:  # E: "Faster.load" may raise "OSError", which
        return read()


class Slower(Store):
    @overload
    @raises(KeyError)
    def load(self, key: int) -> bytes: ...
    @overload
    @raises()
    def load(self, key: str) -> str: ...
    def load(self, key: int | str) -> bytes | str:
        return look_up("a").encode() if isinstance(key, int) else key


class Loader(Protocol):
    @overload
    @raises(KeyError)
    def load(self, key: int) -> bytes: ...
    @overload
    def load(self, key: str) -> str: ...


@raises(OSError)
def without_a_body(loader: Loader) -> str:
    # Who could say that nothing raises it?
    return loader.load("a")
