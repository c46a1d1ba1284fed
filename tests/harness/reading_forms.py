"""Every way to read, as one kind of call, and what each took of the stream."""

from collections.abc import Callable
from typing import Final, TypeAlias

from nimnet_runtime.reader import Expected, Reader

_BEFORE: Final = b"before"


class Taken:
    """What one call has taken: filled in by assignments alone, which need no memory.

    Attributes:
        data: What it returned, or what it was given to fill.
        count: How much it said that it took, where it says so.
        done: Whether it has returned.
        found: What an `expect` returned.
    """

    def __init__(self) -> None:
        self.data: bytes | bytearray = bytearray(_BEFORE)
        self.count: int | None = None
        self.done = False
        self.found: Expected | None = None

    def result(self) -> bytes | int | None:
        """Bytes, or how many were skipped; None for a call that failed."""
        if not self.done:
            return None
        if self.found is not None:
            return self.found.before + self.found.matched
        if self.data == _BEFORE and self.count is not None:
            return self.count
        return bytes(self.data[: self.count])


Form: TypeAlias = Callable[[Reader, int, int, Taken], None]
"""Takes a reader, a size, a timeout, and where to say what it took."""


def _receive(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = reader.receive(size, timeout, 0)
    taken.done = True


def _receive_into(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    assert isinstance(taken.data, bytearray)
    try:
        taken.count = reader.receive_into(taken.data, size, timeout, 0)
    except BaseException:
        assert taken.data == _BEFORE
        raise
    taken.done = True


def _receive_buffer(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = data = bytearray(size)
    with memoryview(data) as view:
        taken.count = reader.receive_buffer(view, size, timeout)
        taken.done = True


def _receive_some(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = reader.receive_some(size, timeout, 0)
    taken.done = True


def _receive_some_into(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = data = bytearray(size)
    with memoryview(data) as view:
        taken.count = reader.receive_some_into(view, timeout, 0)
        taken.done = True


def _skip(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.count = reader.skip(size, timeout)
    taken.done = True


def _recv_line(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = reader.recv_line(timeout, 0, size)
    taken.done = True


def _read_line(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    assert isinstance(taken.data, bytearray)
    try:
        reader.read_line(taken.data, timeout, 0, size)
    except BaseException:
        assert taken.data == _BEFORE
        raise
    taken.done = True


def _lines(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = next(reader.lines(timeout, 0, size), b"")
    taken.done = True


def _receive_until(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.data = reader.receive_until(b"\n", timeout, 0, size)
    taken.done = True


def _expect(reader: Reader, size: int, timeout: int, taken: Taken) -> None:
    taken.found = reader.expect([b"never", b"\n"], timeout, 0, size)
    taken.done = True


RAW: Final[dict[str, Form]] = {
    "receive": _receive,
    "receive_into": _receive_into,
    "receive_buffer": _receive_buffer,
    "skip": _skip,
}
SOME: Final[dict[str, Form]] = {
    "receive_some": _receive_some,
    "receive_some_into": _receive_some_into,
}
LINES: Final[dict[str, Form]] = {
    "recv_line": _recv_line,
    "read_line": _read_line,
    "lines": _lines,
}
DELIMITED: Final[dict[str, Form]] = {
    "receive_until": _receive_until,
    "expect": _expect,
}
FORMS: Final = RAW | SOME | LINES | DELIMITED
