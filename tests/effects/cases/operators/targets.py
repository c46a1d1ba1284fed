from cases.calls import parse, read
from nimnet_effects import raises


class Holder:
    @property
    def value(self) -> int:
        return 1

    @value.setter
    def value(self, new: int) -> None:
        parse(str(new))

    def __setitem__(self, key: str, value: int) -> None:
        read()


class Manager:
    def __enter__(self) -> int:
        return 1

    def __exit__(self, *_: object) -> None:
        pass


@raises()
def everywhere(holder: Holder, pairs: list[tuple[int, int]]) -> None:
    holder.value, other = 1, 2  # E: "Holder.value" may raise "ValueError"
    for holder.value in (1, 2):  # E: "Holder.value" may raise "ValueError"
        pass
    with Manager() as holder.value:  # E: "Holder.value" may raise "ValueError"
        pass
    for other, holder["a"] in pairs:  # E: "Holder.__setitem__" may raise "OSError"
        pass
    holder.value += 1  # E: "Holder.value" may raise "ValueError"


@raises(ValueError)
def declared(holder: Holder) -> None:
    holder.value = 1
    _, holder.value = 1, 2
