from typing import Generic, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises


class A:
    def go(self) -> bytes:
        return read()


class B:
    def go(self) -> bytes:
        return look_up("a").encode()


class C:
    def go(self) -> bytes:
        return b""


T = TypeVar("T", bound=A)
V = TypeVar("V")


class Box(Generic[V]):
    def __init__(self, value: V) -> None:
        self.value = value


@raises()
def callers(a: A, either: A | B, perhaps: A | None, bound: T, box: Box[A], c: C) -> None:
    a.go()  # E: "A.go" may raise "OSError"
    either.go()  # E: "A.go" may raise "OSError"  # E: "B.go" may raise "KeyError"
    if perhaps:
        perhaps.go()  # E: "A.go" may raise "OSError"
    bound.go()  # E: "A.go" may raise "OSError"
    box.value.go()  # E: "A.go" may raise "OSError"
    c.go()


@raises(OSError)
def narrowed(either: A | B) -> None:
    if isinstance(either, A):
        either.go()


@raises()
def in_containers(many: list[A], named: dict[str, C]) -> None:
    for one in many:
        one.go()  # E: "A.go" may raise "OSError"
    named["a"].go()
    many[0].go()  # E: "A.go" may raise "OSError"
