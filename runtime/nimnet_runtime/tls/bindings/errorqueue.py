"""OpenSSL's error queue, and the exception for what stood in it."""

from typing import NamedTuple

from nimnet_runtime.tls.bindings.library import ffi, lib, text_of


class Reason(NamedTuple):
    """One entry of OpenSSL's error queue.

    Attributes:
        number: Its number within the library.
        text: What OpenSSL says of it; "" where it has no words.
    """

    number: int
    text: str

    def words(self) -> str:
        """Returns the text, or the number where there is none."""
        return self.text or f"reason {self.number}"


class OpenSslError(Exception):
    """What OpenSSL reported when it refused; `failures` puts it into words.

    Attributes:
        reasons: The error queue, oldest first; empty where OpenSSL gave no reason.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        """Keeps the queue's entries."""
        super().__init__("; ".join(reason.words() for reason in reasons))
        self.reasons = reasons


def take_reasons() -> tuple[Reason, ...]:
    """Empties this thread's error queue and returns what stood in it, oldest first.

    See ERR_get_error(3).
    """
    reasons = []
    while code := lib.ERR_get_error():
        text = lib.ERR_reason_error_string(code)
        number = lib.ERR_GET_REASON(code)
        reasons.append(Reason(number, text_of(text) if text != ffi.NULL else ""))
    return tuple(reasons)


def succeed(result: object) -> None:
    """Raises `OpenSslError` if a call of the library has returned 0 or NULL, its "no"."""
    if not result:
        raise OpenSslError(take_reasons())
