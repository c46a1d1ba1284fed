import os
import socket
import sys

from nimnet_effects import raises


@raises()
def no_contract_no_report(s: socket.socket) -> int:
    s.recv(1)
    open("a").read()
    os.stat("a")
    sys.exit(int("1"))


@raises()
def computation(a: int, b: list[int]) -> float:
    return a / b[0]
