from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Value:
    def __bool__(self) -> bool:
        return bool(read())


class Sized:
    def __len__(self) -> int:
        return parse("1")


class Both:
    def __bool__(self) -> bool:
        return bool(read())

    def __len__(self) -> int:
        return parse("1")


class Plain:
    pass


class Meta(type):
    def __bool__(cls) -> bool:
        return bool(look_up("a"))


class Made(metaclass=Meta):
    pass


@raises()
def statements(value: Value, flag: bool) -> None:
    if value:  # E: "Value.__bool__" may raise "OSError"
        print(1)
    elif flag:
        print(2)
    while value:  # E: "Value.__bool__" may raise "OSError"
        print(3)
    assert value  # E: "Value.__bool__" may raise "OSError"
    if flag:
        print(4)
    elif value:  # E: "Value.__bool__" may raise "OSError"
        print(5)


@raises()
def expressions(value: Value, flag: bool, values: list[Value]) -> None:
    not value  # E: "Value.__bool__" may raise "OSError"
    value and flag  # E: "Value.__bool__" may raise "OSError"
    value or flag  # E: "Value.__bool__" may raise "OSError"
    1 if value else 2  # E: "Value.__bool__" may raise "OSError"
    [x for x in values if x]  # E: "Value.__bool__" may raise "OSError"
    any(values)  # E: "Value.__bool__" may raise "OSError"
    bool(value)  # E: "Value.__bool__" may raise "OSError"
    if (same := value):  # E: "Value.__bool__" may raise "OSError"
        print(same)


@raises()
def guards(value: Value, number: int) -> None:
    match number:
        case 1 if value:  # E: "Value.__bool__" may raise "OSError"
            pass


@raises()
def only_what_is_asked(value: Value, flag: bool) -> Value | bool:
    found = flag and value
    if value is not None:
        return flag or value
    return found


@raises()
def the_right_side_of_a_condition(value: Value, flag: bool) -> None:
    if flag and value:  # E: "Value.__bool__" may raise "OSError"
        pass


@raises()
def by_length(sized: Sized, both: Both) -> None:
    if sized:  # E: "Sized.__len__" may raise "ValueError"
        pass
    if both:  # E: "Both.__bool__" may raise "OSError"
        pass


@raises()
def of_unions(value: Value | None, either: Sized | Plain) -> None:
    if value:  # E: "Value.__bool__" may raise "OSError"
        pass
    if either:  # E: "Sized.__len__" may raise "ValueError"
        pass


@raises()
def of_classes(kind: type[Made]) -> None:
    if kind:  # E: "Meta.__bool__" may raise "KeyError"
        pass


@raises()
def harmless(plain: Plain, numbers: list[int], text: str | None, kind: type[Plain]) -> bool:
    if plain or not numbers or text:
        return bool(kind)
    assert plain, text
    return all(numbers)


@raises(OSError)
def declared(value: Value) -> None:
    if not value:
        print(1)


@raises()
def handled(value: Value) -> None:
    try:
        while value:
            print(1)
    except OSError:
        pass
