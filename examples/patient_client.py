"""Asks a server many things, all within one time: a server that dribbles cannot stretch it.

    python examples/patient_client.py HOST PORT MILLISECONDS QUESTION...

Each question is answered by a length, a line, and so many bytes: three calls, of which each could
be kept waiting for as long as a timeout of its own. Here all calls together have one deadline.
"""

from __future__ import annotations

import sys

import nimnet
from nimnet import Port, Socket


def ask(connection: Socket, question: str) -> bytes:
    """Returns the answer to a question, however long it takes: the caller knows how long it may."""
    connection.send(question.encode() + b"\r\n")
    length = int(connection.recv_until(b"\r\n", max_length=12))
    return connection.recv(length)


def main() -> None:
    """Prints the answers, and after the time what was missing."""
    host, port, milliseconds, *questions = sys.argv[1:]
    answered = 0
    try:
        with nimnet.fail_after(int(milliseconds)) as deadline:
            with nimnet.dial(host, Port(int(port))) as connection:
                for question in questions:
                    print(ask(connection, question).decode(), flush=True)
                    answered += 1
            print(f"{deadline.remaining} ms to spare")
    except nimnet.TimeoutError as error:
        sys.exit(f"{answered} of {len(questions)} answers: {error}")
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
