"""Whether a method raises that has no body of its own is for those to say that override it."""

from abc import ABC, abstractmethod
from typing import Protocol, overload

from nimnet_effects import raises


class Loader(Protocol):
    def load(self) -> bytes: ...
    @overload
    def get(self, key: int) -> bytes: ...
    @overload
    def get(self, key: str) -> str: ...
    @raises()
    def close(self) -> None: ...


class Base(ABC):
    @property
    @abstractmethod
    def size(self) -> int: ...


class Task:
    def run(self) -> None:
        raise NotImplementedError

    def rest(self) -> None:
        """Nothing is left to do."""
        return


@raises(OSError)
def loading(loader: Loader) -> bytes:
    return loader.load()


@raises(OSError)
def choosing(loader: Loader) -> bytes:
    return loader.get(1)


@raises(OSError)
def measuring(base: Base) -> int:
    return base.size


@raises(OSError)
def running(task: Task) -> None:
    task.run()


@raises(OSError)
def closing(loader: Loader) -> None:  # N: declares "OSError", but nothing in it can raise that
    loader.close()


@raises(OSError)
def resting(task: Task) -> None:  # N: declares "OSError", but nothing in it can raise that
    task.rest()
