from cases.calls import look_up, read
from nimnet_effects import raises


class Lines:
    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> bytes:
        data = read()
        if not data:
            raise StopIteration
        return data


class Failing:
    def __iter__(self) -> Lines:
        look_up("a")
        return Lines()


@raises()
def loops(lines: Lines, failing: Failing) -> None:
    for line in lines:  # E: "Lines.__next__" may raise "OSError"
        print(line)
    for line in failing:  # E: "Failing.__iter__" may raise "KeyError"  # E: "Lines.__next__" may raise "OSError"
        print(line)


@raises(OSError)
def declared(lines: Lines) -> None:
    # StopIteration ends the loop, and no caller hears of it.
    for line in lines:
        print(line)


@raises()
def handled(lines: Lines) -> None:
    try:
        for line in lines:
            print(line)
    except OSError:
        pass


@raises()
def body(numbers: list[int]) -> None:
    for _ in numbers:
        read()  # E: "read" may raise "OSError"
    for _ in range(3):
        print(1)
