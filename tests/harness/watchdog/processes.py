"""Ending processes from outside, whatever they are inside of."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

STACKS: Final = signal.SIGRTMIN
"""The signal on which a worker, and what it has forked, writes its stacks and dies."""

_GRACE: Final = 5.0
"""Seconds between that and the kill, for who blocks the signal, or is another program; and that the
end of a process may take whose output has ended."""


def is_running(pid: int) -> bool:
    """Tell whether a process has not ended; one that nobody has waited for yet has."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        return not select.select([process], [], [], 0)[0]
    finally:
        os.close(process)


def ending(pid: int) -> str:
    """Return how a child of this process has ended: the signal or the exit status.

    Whoever waits for it can do so afterwards.

    Returns:
        "" where it has not, or somebody has waited for it already.
    """
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return ""
    try:
        if not select.select([process], [], [], _GRACE)[0]:
            return ""
        how = os.waitid(os.P_PIDFD, process, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return ""
    finally:
        os.close(process)
    if how is None:
        return ""
    if how.si_code == os.CLD_EXITED:
        return f"exit status {how.si_status}"
    return signal.Signals(how.si_status).name


def end(pid: int) -> None:
    """End a process, and then all that it has started; sessions and groups do not matter.

    A forked child would otherwise keep the worker's pipe open, so that its end went unnoticed,
    and a server would stay for ever.
    """
    started = list(_children(pid))
    with contextlib.suppress(ProcessLookupError):
        process = os.pidfd_open(pid)  # which stays this process when its number is another's
        try:
            for number in (STACKS, signal.SIGKILL):
                signal.pidfd_send_signal(process, number)
                if select.select([process], [], [], _GRACE)[0]:
                    break
        finally:
            os.close(process)
    for child in started:
        end(child)


def _children(pid: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # After the name, which may have anything in it: the state and the parent.
            if int(stat.read_text(errors="replace").rpartition(")")[2].split()[1]) == pid:
                yield int(stat.parent.name)
