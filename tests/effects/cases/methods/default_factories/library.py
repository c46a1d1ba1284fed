from dataclasses import dataclass, field

from cases.calls import look_up, read


@dataclass
class Made:
    name: str
    data: bytes = field(default_factory=read)
    size: int = 1


@dataclass
class Kept:
    data: bytes = field(init=False, default_factory=read)


@dataclass
class Derived(Made):
    text: str = field(default_factory=lambda: look_up("a"))


class Plain(Made):
    pass
