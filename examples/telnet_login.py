"""Logs in to a server that asks for a name and a password, and prints what a command answers.

python examples/telnet_login.py HOST PORT NAME PASSWORD COMMAND
"""

from __future__ import annotations

import re
import sys

import nimnet
from nimnet import Port, Socket

PROMPT = re.compile(rb"(?m)^[\w.-]+@([\w.-]+)[$#] ")


def log_in(connection: Socket, name: str, password: str) -> str:
    """Logs in; returns the name of the machine as its prompt has it.

    Raises:
        PermissionError: The server refuses the name or the password.
        ConnectionError: It ends the connection.
    """
    for question, reply in ((b"login: ", name), (b"Password: ", password)):
        if connection.expect([question]) is None:
            raise ConnectionError(f"the server ended the connection before {question!r}")
        connection.send(reply.encode() + b"\r\n")
    found = connection.expect([PROMPT, b"Login incorrect"])
    if found is None:
        raise ConnectionError("the server ended the connection after the password")
    if found.index == 1 or found.match is None:
        raise PermissionError("the server refuses this name or password")
    return found.match[1].decode()


def main() -> None:
    """Runs one command."""
    host, port, name, password, command = sys.argv[1:]
    try:
        # Ten seconds for all of it, however many questions the server asks.
        with nimnet.fail_after(10_000), nimnet.dial(host, Port(int(port))) as connection:
            print(f"logged in at {log_in(connection, name, password)}")
            connection.send(command.encode() + b"\r\n")
            answer = connection.expect([PROMPT])
            print("" if answer is None else answer.before.decode(), end="")
    except OSError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
