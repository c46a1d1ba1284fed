import socket
from typing import Final, TypeAlias

from cases.calls import look_up, read
from nimnet_effects import raises

Failure = OSError
Typed: TypeAlias = OSError
Ever: Final = OSError


class Names:
    problem = OSError


@raises()
def plain() -> None:
    try:
        read()
    except Failure:
        pass


@raises()
def typed() -> None:
    try:
        read()
    except Typed:
        pass


@raises()
def final() -> None:
    try:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    except Ever:
        pass


@raises()
def of_a_class() -> None:
    try:
        read()
    except Names.problem:
        pass


@raises()
def elsewhere() -> None:
    try:
        read()
    except (socket.error, IOError):
        pass
