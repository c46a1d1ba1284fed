from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Money:
    def __add__(self, other: "Money") -> "Money":
        read()
        return self

    def __radd__(self, other: int) -> "Money":
        look_up("a")
        return self

    def __isub__(self, other: int) -> "Money":
        parse("a")
        return self


class Gold(Money):
    def __radd__(self, other: object) -> "Money":
        parse("a")
        return self


class Silver(Money):
    pass


class Unsure:
    def __add__(self, other: object) -> "Unsure":
        if isinstance(other, str):
            return NotImplemented
        read()
        return self


class Sure:
    def __add__(self, other: object) -> "Sure":
        read()
        return self


class Right:
    def __radd__(self, other: object) -> "Right":
        look_up("a")
        return self

    __rmul__ = __radd__


class Less:
    def __lt__(self, other: object) -> bool:
        return bool(read())


class Greater:
    def __gt__(self, other: object) -> bool:
        return bool(read())


class Equal:
    def __eq__(self, other: object) -> bool:
        return bool(read())


class Unequal:
    def __eq__(self, other: object) -> bool:
        return bool(read())

    def __ne__(self, other: object) -> bool:
        return bool(look_up("a"))


class Point(Equal):
    pass


class Plain:
    pass


@raises()
def sides(money: Money, gold: Gold, silver: Silver) -> None:
    money + money  # E: "Money.__add__" may raise "OSError"
    1 + money  # E: "Money.__radd__" may raise "KeyError"
    sum([money])  # E: "Money.__radd__" may raise "KeyError"  # E: "Money.__add__" may raise "OSError"
    money + silver  # E: "Money.__add__" may raise "OSError"


@raises()
def of_a_subclass_first(money: Money, gold: Gold) -> None:
    money + gold  # E: "Gold.__radd__" may raise "ValueError"
    gold + money  # E: "Money.__add__" may raise "OSError"


@raises()
def if_the_left_one_declines(unsure: Unsure, sure: Sure, right: Right) -> None:
    unsure + right  # E: "Unsure.__add__" may raise "OSError"  # E: "Right.__radd__" may raise "KeyError"
    sure + right  # E: "Sure.__add__" may raise "OSError"
    1 + right  # E: "Right.__radd__" may raise "KeyError"
    2 * right  # E: "Right.__radd__" may raise "KeyError"


@raises()
def in_place(money: Money) -> None:
    money -= 1  # E: "Money.__isub__" may raise "ValueError"


@raises()
def comparisons(less: Less, greater: Greater, plain: Plain) -> None:
    less < plain  # E: "Less.__lt__" may raise "OSError"
    plain > less  # E: "Less.__lt__" may raise "OSError"
    plain < greater  # E: "Greater.__gt__" may raise "OSError"
    greater < greater  # E: "Greater.__gt__" may raise "OSError"
    2 > 1 < greater  # E: "Greater.__gt__" may raise "OSError"


@raises()
def equality(equal: Equal, unequal: Unequal, plain: Plain, point: Point) -> None:
    equal == plain  # E: "Equal.__eq__" may raise "OSError"
    plain == equal  # E: "Equal.__eq__" may raise "OSError"
    plain != equal  # E: "Equal.__eq__" may raise "OSError"
    1 == equal  # E: "Equal.__eq__" may raise "OSError"
    unequal != plain  # E: "Unequal.__ne__" may raise "KeyError"
    plain != unequal  # E: "Unequal.__ne__" may raise "KeyError"
    equal is not None
    plain == plain
    len("a") == 2


@raises()
def in_containers(equal: Equal, equals: list[Equal], numbers: set[int]) -> None:
    equal in equals  # E: "Equal.__eq__" may raise "OSError"
    1 in equals  # E: "Equal.__eq__" may raise "OSError"
    1 in numbers


@raises()
def sorting(less: list[Less], numbers: list[int], one: Less) -> None:
    sorted(less)  # E: "Less.__lt__" may raise "OSError"
    less.sort()  # E: "Less.__lt__" may raise "OSError"
    min(less)  # E: "Less.__lt__" may raise "OSError"
    max(one, one)  # E: "Less.__lt__" may raise "OSError"
    sorted(less, key=id)
    sorted(numbers)


@raises(OSError, KeyError)
def declared(unsure: Unsure, right: Right) -> None:
    unsure + right


@raises()
def handled(plain: Plain, equal: Equal) -> bool:
    try:
        return plain != equal
    except OSError:
        return False
