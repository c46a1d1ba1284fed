import functools

from cases.calls import look_up, read
from nimnet_effects import raises


@functools.lru_cache
def cached() -> bytes:
    return read()


@functools.cache
@raises(KeyError)
def declared() -> str:
    return look_up("a")


class Holder:
    @functools.lru_cache(maxsize=1)
    def method(self) -> bytes:
        return read()


@raises()
def callers(holder: Holder) -> None:
    cached()  # E: may raise "OSError"
    declared()  # E: may raise "KeyError"
    holder.method()  # E: may raise "OSError"
    cached.cache_clear()


@raises(OSError, KeyError)
def all_declared() -> None:
    cached()
    declared()
