"""The exceptions of the runtime, and what the numbers of the operating system's errors mean.

Every message says what was wrong and, where the caller can do something, what would be right.
Messages never contain data that was sent or received. A text that they repeat is `quoted` or made
`printable`, so that whoever has chosen it cannot forge a line of a log.
"""

from __future__ import annotations

import _socket as socket
import builtins
import errno
import os

from nimnet_runtime import platform

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeVar

    _B = TypeVar("_B", bound=BaseException)
    _E = TypeVar("_E", bound=OSError)
    _S = TypeVar("_S", bound="SslError")
    _F = TypeVar("_F", bound="OSError | SslError")


class CallFlag:
    """The bits of `SocketFlag`."""

    PEEK = 1
    SAFE_DISCONN = 2


PEEK: Final = CallFlag.PEEK
SAFE_DISCONN: Final = CallFlag.SAFE_DISCONN
"""Names of their own: every call that reads or writes compares with one."""

DISCONNECTIONS: Final = frozenset(
    getattr(errno, name)
    for name in (
        *("ECONNRESET", "EPIPE", "ENETRESET", "ECONNABORTED", "ESHUTDOWN"),
        *("WSAECONNRESET", "WSAECONNABORTED", "WSAENETRESET", "WSAEDISCON"),
    )
    if hasattr(errno, name)
)
"""The error numbers that mean: the other side is gone."""

_NOTHING_READY: Final = frozenset({errno.EAGAIN, errno.EWOULDBLOCK})
_LONGEST_QUOTE: Final = 256
"""How many characters of a text a message repeats."""


class SslError(Exception):
    """A failure of TLS: of the handshake, of a certificate or of the record layer.

    Attributes:
        reason: Why, in a few words: the message without what was done and what may help.
        characters_written: How many bytes a `send` that this ended had taken; else 0.
    """

    reason: str
    characters_written: int = 0

    # All have defaults, here and below: what is copied or unpickled is made of the message alone.
    def __init__(self, message: str = "", *, reason: str = "") -> None:
        """An error with this message, which is the reason too where there is none."""
        super().__init__(message)
        self.reason = reason or message


class SslCertificateError(SslError):
    """The certificate of the other side was refused.

    Attributes:
        verify_code: OpenSSL's number for the reason: `X509_V_ERR_*`.
        verify_name: The name of that number, such as `CERT_HAS_EXPIRED`; "" for one without.
    """

    verify_code: int
    verify_name: str

    def __init__(
        self, message: str = "", *, reason: str = "", verify_code: int = 0, verify_name: str = ""
    ) -> None:
        """As `SslError`, with what OpenSSL calls it."""
        super().__init__(message, reason=reason)
        self.verify_code = verify_code
        self.verify_name = verify_name


class SslTruncationError(SslError):
    """The connection ended or was reset without the closing message of TLS."""


class SslAlertError(SslError):
    """The other side gave up, and said why in an alert (RFC 8446 section 6).

    Attributes:
        number: The alert's.
        name: Its name, such as `unknown_ca`; "" for a number without one.
    """

    number: int
    name: str

    def __init__(
        self, message: str = "", *, reason: str = "", number: int = 0, name: str = ""
    ) -> None:
        """As `SslError`, with the alert."""
        super().__init__(message, reason=reason)
        self.number = number
        self.name = name


class SslNotTlsError(SslError):
    """The other side does not speak TLS at all: what it sent first is no record of it."""


class TimeoutError(builtins.TimeoutError):
    """The timeout that the caller gave has passed; nothing that had arrived is lost.

    The operating system's own `ETIMEDOUT` is a plain `builtins.TimeoutError` and never this class.

    Attributes:
        characters_written: How many bytes a `send` that this ended had taken; else 0.
    """

    # That of Python's `OSError` is not there until somebody sets it.
    characters_written: int = 0


class ObjectConversionError(ValueError):
    """A value cannot be converted, because it does not hold what its type promises."""


def invalid(message: str) -> OSError:
    """Returns the error for an argument that no call could succeed with."""
    return OSError(errno.EINVAL, message)


def unsupported(message: str) -> OSError:
    """Returns the error for an operation that this kind of socket does not have."""
    return OSError(errno.EOPNOTSUPP, message)


def in_context(error: _E, context: str) -> _E:
    """Returns an error of the same class and number that also says what was being done."""
    number = error.errno
    if number is None:
        return type(error)(errno.EIO, f"{context}: {error}")
    return type(error)(number, f"{context}: {error.strerror or os.strerror(number)}")


def named(error: OSError, context: Callable[[], str]) -> OSError:
    """Returns `in_context`, for an error that has the system's words alone; any other as it is.

    It is raised `from error.__cause__`: what a program's function raised stays the cause.

    Args:
        error: What ended a call.
        context: Returns what was being done.
    """
    number = error.errno
    if number is None or error.strerror != os.strerror(number):
        return error
    return in_context(error, context())


def after_writing(error: _F, count: int) -> _F:
    """Returns `error`, which now has the number of bytes that a call had taken before it."""
    error.characters_written = count  # type: ignore[union-attr]  # typeshed has it for one
    return error


def again(error: OSError) -> OSError:
    """Returns a new error like `error`, for a failure that is raised more than once."""
    return type(error)(error.errno, error.strerror)


def renewed(error: _S) -> _S:
    """As `again`, for a failure of TLS: of the same kind, with the same attributes."""
    copied = type(error)(*error.args)
    vars(copied).update(vars(error))
    return copied


def from_below(error: _B) -> _B:
    """Returns `error`, whose traceback now begins below the function that has caught it.

    Kept by something that this function knows, it would otherwise keep that alive in turn.
    """
    traceback = error.__traceback__
    return error.with_traceback(traceback.tb_next if traceback else None)


def from_number(number: int, context: str) -> OSError:
    """Returns the error for a number that the system gave, of the class Python has for it."""
    return OSError(number, f"{context}: {os.strerror(number)}")


def number_of(error: Exception) -> int:
    """Returns the number to store for `error` as a socket's last error; never 0."""
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, socket.gaierror) or not isinstance(error, OSError) or not error.errno:
        return errno.EIO
    return error.errno


def quoted(text: str | bytes) -> str:
    """Returns what a caller passed or received for a message: of a long one the beginning."""
    return repr(text) if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]!r}..."


def printable(text: str) -> str:
    """Returns a text that somebody else may have chosen for a message, as it is but for escapes.

    A peer chooses the name of its Unix socket. It must not end the line of a log, speak to the
    terminal that shows it, or be text that cannot be encoded.
    """
    if text.isprintable():
        return text
    return "".join([x if x.isprintable() else repr(x)[1:-1] for x in text])


def spelled(number: int) -> str:
    """Returns a number for a message; Python refuses to write one of thousands of digits."""
    return str(number) if -(2**63) <= number < 2**63 else "a number that large"


def check_flags(flags: int) -> None:
    """Refuses every flag but `SAFE_DISCONN`, the only one Nim's documentation supports.

    Raises:
        OSError: `EOPNOTSUPP`, because another flag is set.
    """
    if flags & ~SAFE_DISCONN:
        raise unsupported("only the flag SAFE_DISCONN is supported here; pass it or no flag at all")


def is_disconnection_error(flags: int, last_error: int) -> bool:
    """Tells whether `last_error` means a disconnection that the caller asked not to hear of.

    See Nim's `isDisconnectionError`.

    Args:
        flags: Bits of `SocketFlag`; without `SAFE_DISCONN` the answer is always no.
        last_error: An error number of the operating system.
    """
    return bool(flags & SAFE_DISCONN) and last_error in DISCONNECTIONS


def is_nothing_ready(last_error: int) -> bool:
    """Tells whether `last_error` says that a non-blocking call would have had to wait."""
    return last_error in _NOTHING_READY


def to_os_flags(flags: int) -> int:
    """Converts bits of `SocketFlag` to the system's `MSG_*` bits; `SAFE_DISCONN` has none.

    See Nim's `toOSFlags`.
    """
    return platform.MSG_PEEK if flags & PEEK else 0


def check_int(name: str, value: object) -> None:
    """Refuses what is no whole number, where it would be taken for one.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, int):
        raise TypeError(f"{name} must be int, not {type(value).__name__}")


def check_c_int(name: str, value: int) -> None:
    """Refuses a number that does not fit the system's `int`.

    Raises:
        OSError: `EINVAL`.
    """
    if not -(2**31) <= value < 2**31:
        raise invalid(f"{name} must fit in 32 bits")
