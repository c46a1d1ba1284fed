import socket
from typing import TypeAlias

from cases.calls import read
from nimnet_effects import raises

Failure = OSError
Typed: TypeAlias = OSError


@raises(Failure)
def alias() -> None:
    read()


@raises(Typed)
def typed_alias() -> None:
    read()


@raises(IOError)
def builtin_alias() -> None:
    read()


@raises(socket.error)
def alias_elsewhere() -> None:
    read()


@raises(EnvironmentError)
def old_name() -> None:
    raise IOError
