"""Boolean socket options, by the ordinals of Nim's `SOBool`."""

import socket

from nimnet_runtime import errors, platform
from nimnet_runtime.system import Socket

_NO_DELAY = 8
_OPTIONS = (
    socket.SO_ACCEPTCONN,
    socket.SO_BROADCAST,
    socket.SO_DEBUG,
    socket.SO_DONTROUTE,
    socket.SO_KEEPALIVE,
    socket.SO_OOBINLINE,
    socket.SO_REUSEADDR,
    platform.SO_REUSEPORT,
    socket.TCP_NODELAY,
)


def to_c_int(opt: int) -> int:
    """Returns the platform's number of an option (Nim's `toCInt`), -1 where there is none."""
    return _OPTIONS[opt] if 0 <= opt < len(_OPTIONS) else -1


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


def _checked(opt: int, level: int) -> int:
    number = to_c_int(opt)
    if number < 0:
        raise errors.invalid(
            f"opt must be a member of SOBool (0..{len(_OPTIONS) - 1}), not {errors.spelled(opt)}"
        )
    errors.check_c_int("level", level)
    if opt == _NO_DELAY and level == socket.SOL_SOCKET:
        # Passed on, this number would be SO_DEBUG there.
        raise errors.invalid("OPT_NO_DELAY is an option of TCP; pass level=IPPROTO_TCP")
    return number
