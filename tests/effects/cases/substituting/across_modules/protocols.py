from typing import Protocol

from nimnet_effects import raises


class Store(Protocol):
    @raises(KeyError)
    def load(self) -> bytes: ...


class Handler(Protocol):
    @raises(KeyError)
    def __call__(self) -> bytes: ...


@raises(KeyError)
def use(store: Store, handler: Handler) -> bytes:
    return store.load() + handler()
