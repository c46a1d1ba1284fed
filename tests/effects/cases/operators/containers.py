from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Store:
    def __getitem__(self, key: str) -> int:
        return len(look_up(key))

    def __setitem__(self, key: str, value: int) -> None:
        read()

    def __delitem__(self, key: str) -> None:
        parse(key)

    def __contains__(self, key: object) -> bool:
        return bool(read())

    def __len__(self) -> int:
        return parse("1")

    def __bool__(self) -> bool:
        return bool(read())


@raises()
def undeclared(store: Store) -> None:
    store["a"]  # E: "Store.__getitem__" may raise "KeyError"
    store["a"] = 1  # E: "Store.__setitem__" may raise "OSError"
    del store["a"]  # E: "Store.__delitem__" may raise "ValueError"
    "a" in store  # E: "Store.__contains__" may raise "OSError"


@raises()
def by_builtins(store: Store) -> None:
    len(store)  # E: "Store.__len__" may raise "ValueError"


@raises(KeyError)
def declared(store: Store) -> int:
    return store["a"]


@raises()
def dictionaries(store: dict[str, int]) -> None:
    # Nobody gave the methods of dict a contract.
    store["a"] = store["b"]
    del store["c"]
