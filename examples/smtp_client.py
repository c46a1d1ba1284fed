"""Sends a message by SMTP: STARTTLS, AUTH PLAIN and LOGIN, replies of several lines, dots.

    python examples/smtp_client.py localhost 587 me@example.org you@example.org \
        [--user me] [--ca-file authority.pem] [--timeout 30000] < message.eml

The password is in the variable SMTP_PASSWORD. Every function declares what it raises, and mypy
checks that with the plugin of nimnet: who calls `deliver` knows what there is to handle, and
`main`, which declares nothing, handles all of it.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import nimnet
from nimnet import HANDSHAKE_AS_CLIENT, Port, Socket, SslContext, SslError, raises

LONGEST_LINE = 2_000
"""Octets, CR LF included: more than RFC 5321 section 4.5.3.1.5 allows, less than would hurt."""
MOST_LINES = 100
"""Of one reply."""
DONE, MORE = "2", "3"
"""What a reply begins with that accepts a command: it was done, or the rest of it may come."""
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?\r\n")
"""A line of a reply (RFC 5321 section 4.2)."""


class SmtpError(Exception):
    """What the server says is no SMTP, or it cannot do what is asked for."""


@dataclass(frozen=True)
class Reply:
    """What the server answers: a code of three digits, and one or more lines."""

    code: str
    lines: tuple[str, ...]

    @raises()
    def __str__(self) -> str:
        """Returns it on one line."""
        return f"{self.code} {' / '.join(self.lines)}"


@dataclass(frozen=True)
class Account:
    """Who sends."""

    user: str
    password: str


@raises(ValueError)
def path(address: str) -> str:
    """Returns an address as commands have it. It must not smuggle in a command of its own."""
    if not re.fullmatch(r"[!-~]+@[!-~]+", address) or set(address) & set("<>"):
        raise ValueError(f"{address!r} is no address of ASCII characters")
    return f"<{address}>"


@raises()
def stuffed(message: bytes) -> bytes:
    """Returns a message as DATA has it: CR LF ends each line, and a dot alone ends all of them."""
    lines = re.split(rb"\r\n|\r|\n", message)
    if lines[-1] == b"":
        del lines[-1]
    doubled = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"".join(line + b"\r\n" for line in (*doubled, b"."))


class Client:
    """A conversation with a server, from its greeting on.

    How long it may take is decided by whoever holds it: with `nimnet.fail_after` around it.
    """

    @raises(OSError, SslError, SmtpError)
    def __init__(self, connection: Socket, host: str) -> None:
        """Reads the greeting, and asks what the server can do."""
        self._connection = connection
        self._host = host
        self._extensions: dict[str, list[str]] = {}
        self._accepted("the connection", self.reply())
        self._hello()

    @raises(OSError, SslError, SmtpError)
    def reply(self) -> Reply:
        """Reads one reply: its lines have one code, and all but the last a dash behind it."""
        lines: list[str] = []
        codes: set[str] = set()
        while len(lines) < MOST_LINES:
            line = self._connection.recv_until(b"\r\n", max_length=LONGEST_LINE)
            if not line.endswith(b"\r\n"):
                raise SmtpError("a line is too long" if line else "the connection has ended")
            match = _LINE.fullmatch(line)
            if match is None:
                raise SmtpError(f"no reply begins like this: {line[:20]!r}")
            code, dash, text = match.groups(b"")
            codes.add(code.decode())
            lines.append(text.decode("utf-8", "replace"))
            if dash != b"-":
                if len(codes) > 1:
                    raise SmtpError(f"a reply has several codes: {', '.join(sorted(codes))}")
                return Reply(codes.pop(), tuple(lines))
        raise SmtpError("a reply does not end")

    @raises(OSError, SslError, SmtpError)
    def command(self, text: str, *, shown: str = "", answer: str = DONE) -> Reply:
        """Sends a command that the server must accept in one way; `shown` is how errors call it."""
        self._connection.send(text.encode() + b"\r\n")
        return self._accepted(shown or text, self.reply(), answer)

    @raises(OSError, SslError, SmtpError)
    def begin_tls(self, context: SslContext) -> None:
        """Goes on in TLS (RFC 3207); what was said before counts no longer."""
        if "STARTTLS" not in self._extensions:
            raise SmtpError("the server has no STARTTLS")
        self.command("STARTTLS")
        if self._connection.has_data_buffered():
            # Whoever put that there wants it to be taken for something said within TLS.
            raise SmtpError("something came between STARTTLS and TLS")
        context.wrap_connected_socket(self._connection, HANDSHAKE_AS_CLIENT, self._host)
        self._hello()

    @raises(OSError, SslError, SmtpError)
    def log_in(self, account: Account) -> None:
        """Proves who sends, by PLAIN (RFC 4616) or else by the older LOGIN."""
        if not self._connection.is_ssl():
            raise SmtpError("a password is sent in TLS, or not at all")
        ways = [way.upper() for way in self._extensions.get("AUTH", [])]
        if "PLAIN" in ways:
            secret = _base64(f"\0{account.user}\0{account.password}")
            self.command(f"AUTH PLAIN {secret}", shown="AUTH PLAIN")
        elif "LOGIN" in ways:
            self.command("AUTH LOGIN", answer=MORE)
            self.command(_base64(account.user), shown="the user", answer=MORE)
            self.command(_base64(account.password), shown="the password")
        else:
            raise SmtpError(f"no way to log in that both sides know: {' '.join(ways)}")

    @raises(OSError, SslError, SmtpError, ValueError)
    def send(self, sender: str, recipients: Sequence[str], message: bytes) -> dict[str, Reply]:
        """Sends a message; returns which recipients were refused, if others were not."""
        refused: dict[str, Reply] = {}
        paths = {recipient: path(recipient) for recipient in recipients}
        self.command(f"MAIL FROM:{path(sender)}")
        for recipient, to in paths.items():
            self._connection.send(f"RCPT TO:{to}\r\n".encode())
            if not (answer := self.reply()).code.startswith(DONE):
                refused[recipient] = answer
        if len(refused) == len(paths):
            raise SmtpError(f"all recipients were refused: {'; '.join(map(str, refused.values()))}")
        self.command("DATA", answer=MORE)  # who takes it for a command must not get the message
        self._connection.send(stuffed(message))
        self._accepted("the message", self.reply())
        return refused

    @raises(OSError, SslError, SmtpError)
    def _hello(self) -> None:
        """Says EHLO, and remembers which extensions the server has."""
        self._extensions.clear()
        for line in self.command("EHLO [127.0.0.1]").lines[1:]:
            keyword, *parameters = line.split() or [""]
            self._extensions[keyword.upper()] = parameters

    @raises(SmtpError)
    def _accepted(self, command: str, reply: Reply, answer: str = DONE) -> Reply:
        if not reply.code.startswith(answer):
            raise SmtpError(f"{command} was refused: {reply}")
        return reply


@raises()
def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@raises(OSError, TimeoutError, SslError, SmtpError, ValueError)
def deliver(
    server: tuple[str, int],
    account: Account | None,
    mail: tuple[str, Sequence[str], bytes],
    context: SslContext,
    timeout: int,
) -> dict[str, Reply]:
    """Delivers a message within so many milliseconds, the connection and all replies included.

    Args:
        server: Its host, whose certificate is verified, and its port.
        account: Who sends; None if the server asks nobody.
        mail: The sender, the recipients, and the message.
        context: What TLS is spoken with.
        timeout: How long all of it may take together, in milliseconds.

    Returns:
        The recipients that were refused, each with the server's reply.
    """
    host, port = server
    with nimnet.fail_after(timeout), nimnet.dial(host, Port(port)) as connection:
        client = Client(connection, host)
        client.begin_tls(context)
        if account is not None:
            client.log_in(account)
        refused = client.send(*mail)
        with contextlib.suppress(OSError, SslError, SmtpError):
            client.command("QUIT")  # the message is delivered, whatever becomes of this
        return refused


@raises()
def main() -> int:
    """Delivers what stands on the standard input; the exit status is returned."""
    parser = argparse.ArgumentParser(description="Send a message by SMTP with STARTTLS.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("sender")
    parser.add_argument("recipients", nargs="+")
    parser.add_argument("--user", default="", help="log in as; the password is in SMTP_PASSWORD")
    parser.add_argument("--ca-file", default="", help="authorities to trust, not the system's")
    parser.add_argument("--timeout", type=int, default=30_000, help="milliseconds for all of it")
    given = parser.parse_args()
    account = Account(given.user, os.environ.get("SMTP_PASSWORD", "")) if given.user else None
    mail = (given.sender, given.recipients, sys.stdin.buffer.read())
    try:
        context = nimnet.new_context(ca_file=given.ca_file)
        refused = deliver((given.host, given.port), account, mail, context, given.timeout)
    except (OSError, SslError) as error:
        print(f"not delivered: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except SmtpError as error:
        print(f"not delivered: {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"not sent: {error}", file=sys.stderr)
        return 2
    for recipient, reply in refused.items():
        print(f"refused: {recipient}: {reply}", file=sys.stderr)
    print(f"delivered to {len(given.recipients) - len(refused)}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
