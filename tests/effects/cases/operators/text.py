from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Formatted:
    def __format__(self, specification: str) -> str:
        return look_up(specification)


class Shown:
    def __str__(self) -> str:
        return look_up("a")

    def __repr__(self) -> str:
        return str(read())


class Represented:
    def __repr__(self) -> str:
        return str(read())


class Plain:
    pass


@raises()
def formatted(a: Formatted, b: Shown, c: Represented) -> None:
    f"{a}"  # E: "Formatted.__format__" may raise "KeyError"
    f"{b}"  # E: "Shown.__str__" may raise "KeyError"
    f"{c}"  # E: "Represented.__repr__" may raise "OSError"
    f"{b!r}"  # E: "Shown.__repr__" may raise "OSError"
    f"{b!s:>3}"  # E: "Shown.__str__" may raise "KeyError"
    f"{b=}"  # E: "Shown.__repr__" may raise "OSError"
    f"{1:{a}}"  # E: "Formatted.__format__" may raise "KeyError"
    format(a, ">3")  # E: "Formatted.__format__" may raise "KeyError"


@raises()
def by_format(a: Formatted, b: Shown, text: str) -> None:
    "{} {}".format(1, a)  # E: "Formatted.__format__" may raise "KeyError"
    "{b!r}".format(b=b)  # E: "Shown.__repr__" may raise "OSError"
    "{0}".format(1)
    text.format(a)  # E: "Formatted.__format__" may raise "KeyError"


@raises()
def texts(b: Shown, c: Represented) -> None:
    str(b)  # E: "Shown.__str__" may raise "KeyError"
    str(c)  # E: "Represented.__repr__" may raise "OSError"
    repr(b)  # E: "Shown.__repr__" may raise "OSError"
    ascii(b)  # E: "Shown.__repr__" may raise "OSError"
    print(1, b)  # E: "Shown.__str__" may raise "KeyError"


@raises()
def harmless(plain: Plain, number: int, a: Formatted) -> str:
    print(plain, number)
    f"{a!r}"
    return f"{plain} {number:>3} {number!r}" + str(plain) + repr(plain)


@raises(KeyError)
def declared(a: Formatted) -> str:
    return f"{a}"


@raises()
def handled(a: Formatted) -> str:
    try:
        return f"{a}"
    except KeyError:
        return ""


@raises()
def parts_of_them(name: str) -> str:
    return f"{parse(name)}"  # E: "parse" may raise "ValueError"
