"""What the generated package `nimnet` stands on: sockets, deadlines, addresses and options.

Nothing in here knows the generated package. It speaks ints, bytes, bools and the few exception
classes of `nimnet_runtime.errors`.

Importing it should cost little more than importing `socket`. Its modules therefore do without
`typing` at run time: what only annotations need stands under `TYPE_CHECKING = False`, which type
checkers take for true. They do without `contextlib`; and what they call `socket` or `struct`, and
take `ref` from, are the modules in C beneath those of Python, of which one makes enums of all the
system's numbers first.

Signal handlers may raise. CPython runs them when a Python function begins, when a call has returned
and before its result is stored, and where a loop begins again: nowhere else. What a handler must
not undo is therefore left to C, and three forms say so wherever they stand.

*A lock* is an `RLock`, taken inside of the `try` whose `finally` gives it back:

    try:
        if not lock.acquire(False):
            deadline.acquire(lock)
        ...
    finally:
        try:
            lock.release()
        except RuntimeError:
            pass

If a handler raises as soon as it is taken, it is given back; if it was never taken, this thread
does not own it, and `release` says so. The `finally` begins with that call into C: a Python
function, `contextlib.suppress` among them, would be one more place to raise in before it. For the
same reason `Deadline.acquire`, which is Python, is called only once another thread is known to have
the lock: in a handler that interrupts its owner, the `finally` would give the owner's away. A
`with` cannot take the place of all this. It does not give up after a time; some releases of CPython
3.14 run handlers between `__enter__` and the first line; and with an `__enter__` of our own it
takes three times as long.

*A result* that nobody gives twice (bytes that the system has handed over, how many it took, a
descriptor) is stored by `results += map(function, (argument,))`: C calls and C stores, and no
bytecode runs in between. The list outlives the call, or its owner looks at it on every way out.
Where there is one place for it, `(self.result,) = map(function, (argument,))` is no call either.

*A state* of several parts is computed first and then changed by assignments and `del` alone, with
no call among them.

Where these modules are compiled (see the project's hatch_build.py), handlers run only as functions
of Python begin that are not, and where a system call waits. Loops that may go on for long without
either call `system.heed_signals`.
"""

import os

from nimnet_runtime import platform
from nimnet_runtime.platform import COMPILED as compiled  # noqa: N811 - a variable of the package

__all__ = ["compiled"]

# What is compiled has one state for all interpreters of a process: another one would get the
# exception classes of the first.
if vars(platform)["os"] is not os:
    raise ImportError(
        "nimnet is compiled here, and only one interpreter of a process can have it then"
        " (built with NIMNET_PURE=1, all can)"
    )
