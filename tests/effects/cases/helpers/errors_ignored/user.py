from cases.helpers.errors_ignored.configured import come
from cases.helpers.errors_ignored.helper import Store, every, go, held, stay
from nimnet_effects import raises


@raises()
def going() -> bytes:
    return go()  # E before: "go" may raise "OSError" (cases.helpers.errors_ignored.helper:9 calls "read")


@raises()
def coming() -> bytes:
    return come()  # E: "come" may raise "OSError" (cases.helpers.errors_ignored.configured:5 calls


@raises()
def staying() -> int:
    return stay()  # E after: "stay" may raise "ValueError"


@raises()
def storing(name: str) -> int:
    store = Store(name)  # E: "Store.__init__" may raise "KeyError"
    return store.size()  # E: "Store.size" may raise "ValueError"


@raises()
def iterating() -> None:
    list(every())  # E: "every" may raise "OSError"


@raises()
def holding() -> None:
    with held():  # E: "held" may raise "OSError"
        pass


@raises(KeyError, ValueError)
def declared(name: str) -> int:
    return Store(name).size()
