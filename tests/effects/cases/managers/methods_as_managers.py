from collections.abc import Iterator
from contextlib import contextmanager

from cases.calls import look_up, read
from nimnet_effects import raises


class Pool:
    @contextmanager
    def taken(self) -> Iterator[int]:
        read()
        yield 1

    @contextmanager
    def quiet(self) -> Iterator[int]:
        try:
            yield 1
        except KeyError:
            pass


@raises()
def takes(pool: Pool) -> None:
    with pool.taken() as n:  # E: "Pool.taken" may raise "OSError"
        print(n)


@raises()
def quiets(pool: Pool) -> None:
    with pool.quiet():
        look_up("a")


@raises(OSError)
def declared(pool: Pool) -> None:
    with pool.taken(), pool.quiet():
        look_up("a")
