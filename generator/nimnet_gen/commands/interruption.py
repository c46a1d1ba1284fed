"""Interruptions (Ctrl-C, SIGTERM, SIGHUP): when they end a run, and when they have to wait.

One handler stays for the whole run and looks at one flag, so that there is no moment between two
handlers. At first a signal is only noted; once it is `allowed` it raises `InterruptedRunError`, and
that once; after `hold` it is noted again, for a stretch that must not be torn apart. Such a stretch
asks with `check` where it can still go back, and says with `dismiss` that it no longer can.
"""

from __future__ import annotations

import signal
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without the time that importing typing takes
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object] | int | None

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class InterruptedRunError(BaseException):
    """The user or the system asked the run to end; no `Exception`, like `KeyboardInterrupt`."""


class Interruptions:
    """The signals that end a program, from the making of this object to `close`."""

    def __init__(self) -> None:
        """Take the signals over; outside the main thread there are none to take.

        One that is ignored stays so: `nohup` and shells ask for that.
        """
        self._raises = False
        self._dismissed = False
        self._came = ""
        self._before: list[tuple[int, Handler]] = []
        self._unraisable = sys.unraisablehook
        for number in _SIGNALS:
            if signal.getsignal(number) is signal.SIG_IGN:
                continue
            try:
                self._before.append((number, signal.signal(number, self._arrived)))
            except ValueError:  # pragma: no cover - in a thread, where no signal arrives
                return
        sys.unraisablehook = self._swallowed

    def allow(self) -> None:
        """From now on a signal raises `InterruptedRunError`, also one that came before."""
        self._raises = True
        self.check()

    def hold(self) -> None:
        """From now on signals are only noted.

        Raises:
            InterruptedRunError: One came before.
        """
        self._raises = False
        self.check()

    def dismiss(self) -> None:
        """What the run is for is done: signals that came, and those to come, count no more."""
        self._raises = False
        self._dismissed = True

    def check(self) -> None:
        """Raise `InterruptedRunError` if a signal came that still counts."""
        if self._came and not self._dismissed:
            self._raises = False
            raise InterruptedRunError(self._came)

    def close(self, *, process_ends: bool) -> None:
        """Give the signals back to whoever had them; or keep them away until the process ends.

        Args:
            process_ends: Nothing but the interpreter's own end follows. What it has to report is
                known by then, and no signal may change it.
        """
        self._raises = False
        if not process_ends:
            for number, handler in self._before:
                if handler is not None:  # pragma: no branch - a handler written in C
                    signal.signal(number, handler)
            sys.unraisablehook = self._unraisable
        elif sys.platform != "win32":
            # The interpreter's end takes handlers away before it is over; this stays.
            signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        else:  # pragma: no cover - Windows
            for number, _ in self._before:
                signal.signal(number, signal.SIG_IGN)

    def _arrived(self, number: int, _frame: FrameType | None) -> None:
        self._came = signal.Signals(number).name
        if self._raises:
            self._raises = False
            raise InterruptedRunError(self._came)

    def _swallowed(self, fault: sys.UnraisableHookArgs) -> None:
        """Say nothing of an interruption that was raised in a callback: `hold` raises it again."""
        if not isinstance(fault.exc_value, InterruptedRunError):
            self._unraisable(fault)  # pragma: no cover - a fault in somebody else's finalizer
