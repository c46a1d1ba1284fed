"""Receives mail by SMTP, strictly: only CR LF ends a line, and nothing else ends a message.

    python examples/smtp_receiver.py 2525

A server that takes a bare LF or CR for the end of a line can be made to see a second message in
the text of a first one ("SMTP smuggling"). RFC 5321 section 2.3.8 allows neither, so both are
refused here, and the connection is closed.
"""

from __future__ import annotations

import sys

import nimnet
from nimnet import OPT_REUSE_ADDR, Port, Socket

LONGEST_LINE = 1_000
"""Octets, CR LF included (RFC 5321 section 4.5.3.1.6)."""
PATIENCE = 60_000
"""Milliseconds for each line."""
MOST = 1 << 20
"""Octets of a message."""


class RefusedError(Exception):
    """What the client sent is no SMTP; the reason is the answer."""


def read_line(connection: Socket) -> bytes:
    """Returns a line without its CR LF."""
    line = connection.recv_until(b"\r\n", timeout=PATIENCE, max_length=LONGEST_LINE)
    if not line:
        raise RefusedError("421 the connection ends here")
    if not line.endswith(b"\r\n"):
        raise RefusedError("500 line too long")
    text = line[:-2]
    if b"\r" in text or b"\n" in text:
        raise RefusedError("500 a bare CR or LF is no end of a line")
    return text


def read_message(connection: Socket) -> bytes:
    """Returns a message: all lines up to the one that is a dot alone."""
    message = bytearray()
    while (line := read_line(connection)) != b".":
        message += line.removeprefix(b".") + b"\r\n"
        if len(message) > MOST:
            raise RefusedError("552 message too large")
    return bytes(message)


def converse(connection: Socket) -> list[bytes]:
    """Speaks SMTP with one client; returns the messages that it delivered."""
    messages: list[bytes] = []

    def answer(text: str) -> None:
        connection.send(text.encode() + b"\r\n", timeout=PATIENCE)

    try:
        answer("220 nimnet.example ready")
        while True:
            match read_line(connection).partition(b" ")[0].upper():
                case b"QUIT":
                    answer("221 goodbye")
                    return messages
                case b"DATA":
                    answer("354 end with a dot on a line of its own")
                    messages.append(read_message(connection))
                    answer("250 received")
                case b"EHLO" | b"HELO" | b"MAIL" | b"RCPT" | b"RSET" | b"NOOP":
                    answer("250 well")
                case _:
                    answer("502 unknown")
    except RefusedError as refusal:
        answer(str(refusal))
        return messages


def main() -> None:
    """Serves one client after the other, until it is stopped."""
    with nimnet.new_socket() as listener:
        listener.set_sock_opt(OPT_REUSE_ADDR, True)
        listener.bind_addr(Port(int(sys.argv[1])), "127.0.0.1")
        listener.listen()
        print(f"listening on port {listener.get_local_addr()[1]}", flush=True)
        while True:
            with listener.accept() as client:
                try:
                    for message in converse(client):
                        print(f"message: {message!r}", flush=True)
                except OSError as error:
                    print(f"lost: {error}", flush=True)


if __name__ == "__main__":
    main()
