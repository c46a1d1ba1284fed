"""It stays as it is, so that it comes from the cache, where parameters without names are."""

from nimnet import Port
from nimnet_effects import raises


@raises(timeout=TimeoutError)
def wait(timeout: int = -1, /) -> None:
    if timeout != -1:
        raise TimeoutError


def numbered(size: int, number: int, /) -> Port:
    return Port(number)


class Table:
    def __getitem__(self, number: int) -> Port:
        return Port(number)
