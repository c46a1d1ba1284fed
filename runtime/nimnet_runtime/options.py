"""Socket options: boolean ones by the ordinals of Nim's `SOBool`, all others by their numbers."""

from __future__ import annotations

import _socket as socket
import errno

from nimnet_runtime import errors, platform
from nimnet_runtime.buffers import as_bytes
from nimnet_runtime.system import Socket

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final


class Option:
    """The ordinals of `SOBool`."""

    OPT_ACCEPT_CONN: Final = 0
    OPT_BROADCAST: Final = 1
    OPT_DEBUG: Final = 2
    OPT_DONT_ROUTE: Final = 3
    OPT_KEEP_ALIVE: Final = 4
    OPT_OOB_INLINE: Final = 5
    OPT_REUSE_ADDR: Final = 6
    OPT_REUSE_PORT: Final = 7
    OPT_NO_DELAY: Final = 8


NUMBERS = {
    Option.OPT_ACCEPT_CONN: socket.SO_ACCEPTCONN,
    Option.OPT_BROADCAST: socket.SO_BROADCAST,
    Option.OPT_DEBUG: socket.SO_DEBUG,
    Option.OPT_DONT_ROUTE: socket.SO_DONTROUTE,
    Option.OPT_KEEP_ALIVE: socket.SO_KEEPALIVE,
    Option.OPT_OOB_INLINE: socket.SO_OOBINLINE,
    Option.OPT_REUSE_ADDR: socket.SO_REUSEADDR,
    Option.OPT_REUSE_PORT: platform.SO_REUSEPORT,
    Option.OPT_NO_DELAY: socket.TCP_NODELAY,
}
"""The platform's number of each option."""


_LARGEST = 1024
"""Bytes that Python asks of the system for an option's value."""


def to_c_int(opt: int) -> int:
    """Returns the platform's number of an option (Nim's `toCInt`), -1 where there is none."""
    return NUMBERS.get(opt, -1)


def get_option(sock: Socket, opt: int, level: int) -> bool:
    """Returns whether an option is on.

    Raises:
        OSError: The option is not of this level or not of this kind of socket.
    """
    number = _checked(opt, level)
    try:
        return sock.getsockopt(level, number) != 0
    except OSError as error:
        raise errors.in_context(error, f"get option {number} at level {level}") from None


def set_option(sock: Socket, opt: int, value: bool, level: int) -> None:
    """Turns an option on or off.

    Raises:
        OSError: As `get_option`, or the option cannot be set.
    """
    number = _checked(opt, level)
    try:
        sock.setsockopt(level, number, 1 if value else 0)
    except OSError as error:
        raise errors.in_context(error, f"set option {number} at level {level}") from None


def get_int(sock: Socket, level: int, name: int) -> int:
    """Returns the value of an option that is an `int` to the system.

    Raises:
        OSError: The option is not of this level or not of this kind of socket.
    """
    _check(level, name)
    try:
        return sock.getsockopt(level, name)
    except OSError as error:
        raise errors.in_context(error, f"get option {name} at level {level}") from None


def set_int(sock: Socket, level: int, name: int, value: int) -> None:
    """Sets an option that is an `int` to the system.

    Raises:
        OSError: As `get_int`, or the option cannot have this value.
    """
    _check(level, name)
    errors.check_c_int("value", value)
    try:
        sock.setsockopt(level, name, value)
    except OSError as error:
        raise errors.in_context(error, f"set option {name} at level {level}") from None


def get_bytes(sock: Socket, level: int, name: int, size: int) -> bytes:
    """Returns the value of an option as the system's structure, cut to `size` bytes.

    Raises:
        OSError: As `get_int`; or `size` is not within 1..1024.
    """
    _check(level, name)
    if not 1 <= size <= _LARGEST:  # of 0, Python would make the form for an int
        raise errors.invalid(f"size must be within 1..{_LARGEST}, not {errors.spelled(size)}")
    try:
        return sock.getsockopt(level, name, size)
    except OSError as error:
        raise errors.in_context(error, f"get option {name} at level {level}") from None


def set_bytes(sock: Socket, level: int, name: int, value: bytes | bytearray | memoryview) -> None:
    """Sets an option to the system's structure.

    Raises:
        OSError: As `set_int`.
    """
    _check(level, name)
    try:
        with as_bytes(value) as view:
            sock.setsockopt(level, name, view)
    except OSError as error:
        raise errors.in_context(error, f"set option {name} at level {level}") from None


def _check(level: int, name: int) -> None:
    errors.check_c_int("level", level)
    errors.check_c_int("name", name)
    if name == platform.NO_OPTION:
        raise OSError(
            errno.ENOPROTOOPT, f"name must be the number of an option of this platform, not {name}"
        )


def _checked(opt: int, level: int) -> int:
    number = to_c_int(opt)
    if number < 0:
        raise errors.invalid(
            f"opt must be a member of SOBool (0..{len(NUMBERS) - 1}), not {errors.spelled(opt)}"
        )
    errors.check_c_int("level", level)
    if opt == Option.OPT_NO_DELAY and level == socket.SOL_SOCKET:
        # Passed on, this number would be SO_DEBUG there.
        raise errors.invalid("OPT_NO_DELAY is an option of TCP; pass level=IPPROTO_TCP")
    return number
