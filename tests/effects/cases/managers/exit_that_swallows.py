from typing import Literal

from cases.calls import look_up, read
from nimnet_effects import raises


class Always:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> Literal[True]:
        return True


class Never:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> Literal[False]:
        return False


class Sometimes:
    swallows = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return self.swallows and kind is OSError


@raises()
def swallowed() -> None:
    with Always():
        read()
        look_up("a")


@raises()
def not_swallowed() -> None:
    with Never():
        read()  # E: "read" may raise "OSError"


@raises()
def not_known() -> None:
    with Sometimes():
        read()  # E: "read" may raise "OSError"
