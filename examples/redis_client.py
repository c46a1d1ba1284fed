"""A client of Redis, with pipelines: many commands go out at once, and all replies come in order.

    python examples/redis_client.py HOST PORT [--timeout 5000] < commands

Each line of the standard input is a command, such as SET greeting hello. All of them are sent
before the first reply is read.

Users of `Redis` handle three things, and no socket's: `ErrorReplyError`, a command that the server
refused; `BrokenError`, a conversation that cannot go on; and where they give a time, and only
there, `nimnet.TimeoutError`. The declarations say so, and mypy checks them with nimnet's plugin.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self, TypeAlias

import nimnet
from nimnet import Port, Socket, SslContext, SslError, raises

LONGEST_LINE = 64 * 1024
"""Bytes of a line, which holds a number or an error."""
LARGEST_BULK = 512 * 1024 * 1024
"""Bytes of a value: no Redis server sends more."""
MOST_ITEMS = 1 << 20
"""Of an array."""
DEEPEST = 16
"""How many arrays may stand in each other."""

Word: TypeAlias = bytes | str | int | float


class RedisError(Exception):
    """What can go wrong with a command, whatever it is."""


class ErrorReplyError(RedisError):
    """The server refused a command; the next one may be fine."""


class BrokenError(RedisError):
    """The connection is lost, or what came over it is no RESP: the conversation is over."""


Value: TypeAlias = "bytes | int | ErrorReplyError | list[Value] | None"
"""A reply: in a pipeline, and in an array, an error is one as well."""


@raises()
def encoded(words: Iterable[Word]) -> bytes:
    """Returns a command as RESP has it: an array of bulk strings."""
    items = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    parts = [b"*%d\r\n" % len(items)]
    for item in items:
        parts += [b"$%d\r\n" % len(item), item, b"\r\n"]
    return b"".join(parts)


class Redis:
    """A conversation with a server; one thread at a time has it."""

    @raises()
    def __init__(self, connection: Socket) -> None:
        """Takes over a connection, and closes it at the end."""
        self._connection = connection
        self._broken = ""

    @raises(BrokenError)
    def __enter__(self) -> Self:
        """Begins a `with` statement, at whose end the connection is closed."""
        self._check()
        return self

    @raises()
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the connection."""
        self._end("it was closed")

    @raises(ErrorReplyError, BrokenError, timeout=nimnet.TimeoutError)
    def command(self, name: Word, *words: Word, timeout: int = -1) -> Value:
        """Runs a command and returns its value.

        Args:
            name: The command.
            *words: Its arguments.
            timeout: How many milliseconds that may take, all together; -1 for any time.

        Returns:
            Bytes, an integer, a list of values, or None where Redis says nil.
        """
        (value,) = self.pipeline([(name, *words)], timeout=timeout)
        if isinstance(value, ErrorReplyError):
            raise value
        return value

    @raises(BrokenError, timeout=nimnet.TimeoutError)
    def pipeline(self, commands: Sequence[Sequence[Word]], *, timeout: int = -1) -> list[Value]:
        """Runs several commands: sends them all, then reads all the replies.

        After a `TimeoutError` there are replies that nobody has read, so that the conversation is
        over: the connection is closed. A signal handler that raises ends it as well: the replies
        that it leaves would be taken for those to other commands.

        Args:
            commands: The commands, each with its arguments, if any.
            timeout: How many milliseconds all of it may take together; -1 for any time.

        Returns:
            The value of each command; an `ErrorReplyError` for each that was refused.
        """
        self._check()
        assert all(commands), "Redis does not answer a command without any word"
        request = b"".join(map(encoded, commands))
        self._broken = "a pipeline was interrupted"  # until all its replies are read
        try:
            if timeout < 0:
                values = self._exchange(request, len(commands))
            else:
                with nimnet.fail_after(timeout):
                    values = self._exchange(request, len(commands))
        except (OSError, SslError) as error:
            self._end(str(error))
            if isinstance(error, nimnet.TimeoutError):
                raise error
            raise BrokenError(f"the connection is lost: {error}") from error
        self._broken = ""
        return values

    @raises(OSError, SslError, BrokenError)
    def _exchange(self, request: bytes, replies: int) -> list[Value]:
        self._connection.send(request)
        return [self._value(DEEPEST) for _ in range(replies)]

    @raises(OSError, SslError, BrokenError)
    def _value(self, depth: int) -> Value:
        """Reads one value, with so many arrays in each other at most."""
        line = self._line()
        kind, rest = line[:1], line[1:]
        match kind:
            case b"+":
                return rest
            case b"-":
                return ErrorReplyError(rest.decode("utf-8", "replace"))
            case b":":
                return self._number(rest)
            case b"$":
                size = self._number(rest, at_most=LARGEST_BULK)
                return None if size < 0 else self._bulk(size)
            case b"*" if depth:
                items = self._number(rest, at_most=MOST_ITEMS)
                return None if items < 0 else [self._value(depth - 1) for _ in range(items)]
            case _:
                raise self._confused(f"no value begins like this: {line[:20]!r}")

    @raises(OSError, SslError, BrokenError)
    def _line(self) -> bytes:
        line = self._connection.recv_until(b"\r\n", max_length=LONGEST_LINE)
        if not line.endswith(b"\r\n"):
            raise self._confused("a line is too long" if line else "the server has closed")
        return line[:-2]

    @raises(OSError, SslError, BrokenError)
    def _bulk(self, size: int) -> bytes:
        data = self._connection.recv(size + 2)
        if len(data) < size + 2 or not data.endswith(b"\r\n"):
            raise self._confused(f"a value of {size} bytes does not end where it should")
        return data[:-2]

    @raises(BrokenError)
    def _number(self, text: bytes, *, at_most: int | None = None) -> int:
        try:
            number = int(text)
        except ValueError:
            raise self._confused(f"this is no number: {text[:20]!r}") from None
        if at_most is not None and not -1 <= number <= at_most:
            raise self._confused(f"{number} is no size from -1 to {at_most}")
        return number

    @raises(BrokenError)
    def _check(self) -> None:
        if self._broken:
            raise BrokenError(f"the conversation is over: {self._broken}")

    @raises()
    def _confused(self, reason: str) -> BrokenError:
        """Ends the conversation, because what follows would be misunderstood."""
        self._end(reason)
        return BrokenError(reason)

    @raises()
    def _end(self, reason: str) -> None:
        self._broken = reason
        try:
            self._connection.close()
        except OSError as error:
            self._broken += f" (and closing it failed: {error})"


@raises(BrokenError, timeout=nimnet.TimeoutError)
def connected(
    host: str, port: Port, *, context: SslContext | None = None, timeout: int = -1
) -> Redis:
    """Connects to a server, with TLS if there is a context; a reset is no end of a reply."""
    try:
        return Redis(nimnet.dial(host, port, context=context, timeout=timeout, safe_disconn=False))
    except (OSError, SslError) as error:
        if isinstance(error, nimnet.TimeoutError):
            raise error
        raise BrokenError(f"no connection to {host}: {error}") from error


@raises()
def shown(value: Value) -> str:
    """Returns a value as text, on one line."""
    match value:
        case None:
            return "(nil)"
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case ErrorReplyError():
            return f"(error) {value}"
        case list():
            return f"[{', '.join(map(shown, value))}]"
        case _:
            return str(value)


@raises()
def main() -> int:
    """Runs the commands on the standard input; the exit status is returned."""
    parser = argparse.ArgumentParser(description="Run commands of Redis as one pipeline.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--timeout", type=int, default=5_000, help="milliseconds for each step")
    given = parser.parse_args()
    commands = [words for line in sys.stdin if (words := shlex.split(line))]
    try:
        with connected(given.host, Port(given.port), timeout=given.timeout) as redis:
            redis.command("PING")  # who must log in learns it here
            values = redis.pipeline(commands, timeout=given.timeout)
    except ValueError as error:
        print(f"not run: {error}", file=sys.stderr)
        return 2
    except (RedisError, nimnet.TimeoutError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    for value in values:
        print(shown(value))
    return 0


if __name__ == "__main__":
    sys.exit(main())
