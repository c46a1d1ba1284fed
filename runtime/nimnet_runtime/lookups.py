"""Lookups: what the system's resolver is asked, and who waits for its answer.

The resolver cannot be interrupted. It is therefore asked in a thread of its own, and a call waits
for the answer until its time is up, its socket is closed or a signal handler raises. Then it
leaves; the thread ends when the resolver answers. A call that has the same question meanwhile joins
the lookup that is under way: a host for which the resolver hangs costs one thread, however often it
is asked for, and keeps no other host waiting. Where there is no memory left, a thread may end
before it runs a line: those who wait for it are released by C alone, and ask themselves.

A signal handler may raise between any two steps of a call, and may itself look up a name. So there
is no lock here that a call could leave taken, and no count that it could leave wrong: whether a
lookup goes on depends on its thread alone, one that was left before it had a thread is started by
who joins it next, and everybody waits at a lock that is nobody else's.
"""

from __future__ import annotations

import _socket
import errno
import os
from _operator import methodcaller
from collections.abc import Callable
from sys import is_finalizing

from nimnet_runtime import errors
from nimnet_runtime.system import Held, Lock, start_new_thread

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from _thread import LockType
    from typing import Final, TypeAlias

    Question: TypeAlias = tuple[bytes, int, int]
    """A host name, the family of addresses wanted, and the type of the socket they are for."""
    Found: TypeAlias = tuple[tuple[int, tuple[str | int, ...] | tuple[int, bytes]], ...]
    """The addresses of a host as Python's sockets take them, with port 0; each with its family."""

_MOST_GIVEN_UP = 512
"""Lookups that nobody waits for, each with a thread, at which no other is begun."""


_RELEASE: Final = methodcaller("release")
"""Lets a lock go by a `Held`; it is C's, because a thread without memory can run nothing else."""


class Lookup:
    """A question that the resolver was asked, or is about to be.

    Attributes:
        ended: Whether there is nothing more to wait for.
        answer: What the resolver found; None if it failed, or if its thread was lost in a fork.
        failure: What it failed with.
    """

    __slots__ = (
        "_asker",
        "_asking",
        "_losses",
        "_question",
        "_started",
        "_waiting",
        "answer",
        "ended",
        "failure",
    )

    def __init__(self, question: Question) -> None:
        """A question that nobody has asked yet."""
        self._question = question
        self._started = False
        self._asking = Lock()  # Taken, for good, by the thread that asks.
        self._asker: Callable[[], Callable[[], None] | None] = _nothing  # What its threads run.
        self._waiting: list[LockType] = []
        self._losses: dict[int, Held] = {}  # For each lock in `_waiting`, by its `id`.
        self.ended = False
        self.answer: Found | None = None
        self.failure: Exception | None = None

    @property
    def name(self) -> str:
        """The name that is looked up."""
        return self._question[0].decode()

    @property
    def given_up(self) -> bool:
        """Whether the resolver is being asked, and nobody waits for the answer."""
        return self._asking.locked() and not self._waiting

    def start(self) -> bool:
        """Has a thread ask, unless one does; tells whether that was possible.

        Who is interrupted here by a handler that raises may have started it or not. The next one
        may then start a second thread, which ends at once.
        """
        if not self._started:
            # Kept alive by its threads alone, of which there may be two. A method, because CPython
            # keeps a plain function that it has no memory to call.
            asker = self._asker() or self._run
            self._asker = Held(asker)
            try:
                start_new_thread(asker, ())
            except RuntimeError:
                return False
            self._started = True
        return True

    def wait(self, wait: Callable[[LockType], None]) -> None:
        """Waits for the end of it; also of a thread that ended without an answer: see `ended`.

        Args:
            wait: Takes the lock that it is given, as soon as that is released.

        Raises:
            What `wait` raises.
        """
        mine = Lock()
        mine.acquire()
        asker = self._asker()
        if asker is None:
            return
        try:
            # Until the loss knows what to release: compiled, a variable ends with its last use.
            held = [asker]
            self._losses[id(mine)] = loss = Held(asker, _RELEASE)
            loss.release = mine.release
            del asker, loss
            held.clear()
            # In this order: who ends it says so first, and then releases who is on the list.
            self._waiting.append(mine)
            if not self.ended:
                wait(mine)
        finally:
            self._losses.pop(id(mine), None)
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                self._waiting.remove(mine)
            except ValueError:
                pass  # it has ended, or a handler raised at the very beginning

    def end(self) -> None:
        """Lets those who wait go on."""
        self.ended = True
        while self._waiting:
            # IndexError: the last one has left. RuntimeError: a close has released it before.
            try:  # noqa: SIM105 - contextlib takes its time to load
                self._waiting.pop().release()
            except (IndexError, RuntimeError):
                pass
        self._losses.clear()

    def _run(self) -> None:
        if not self._asking.acquire(False):
            return
        try:
            self.answer = ask(self._question)
        except Exception as error:
            self.failure = error.with_traceback(None)
        finally:
            # First of all nobody else may join: an answer is for those who asked before it came.
            forget(self._question, self)
            self.end()


def _nothing() -> None:
    """Is what a thread runs before there is one."""


_under_way: dict[Question, Lookup] = {}
"""The lookups that a call with the same question can join."""


def look_up(question: Question, wait: Callable[[LockType], None]) -> Found:
    """Returns the addresses of a host, in the resolver's order (RFC 6724).

    Args:
        question: What to ask.
        wait: See `Lookup.wait`.

    Raises:
        OSError: The name was not found (`socket.gaierror`); or no other thread is to be started for
            a resolver that does not answer (`EAGAIN`).
        What `wait` raises.
    """
    # Threads that are started while the interpreter ends do not run any more.
    while not is_finalizing():
        lookup = _under_way.get(question)
        if lookup is None:
            _check_room()
            lookup = _under_way.setdefault(question, Lookup(question))
        if not lookup.start():
            forget(question, lookup)
            break
        lookup.wait(wait)
        if lookup.failure is not None:
            raise _again(lookup.failure) from None
        if lookup.answer is not None:
            return lookup.answer
        if not lookup.ended:  # its thread is lost, for lack of memory
            forget(question, lookup)
            break
    return ask(question)


def ask(question: Question, flags: int = 0) -> Found:
    """Asks the resolver in this thread; see `look_up`."""
    name, family, sock_type = question
    # The system's own, and not the one of `socket`, which may have been replaced by one that
    # belongs to a loop of this program's main thread.
    found = _socket.getaddrinfo(name, None, family, sock_type, 0, flags)
    return tuple([(entry[0], entry[4]) for entry in found])


def forget(question: Question, lookup: Lookup) -> None:
    """Lets nobody else join `lookup`.

    Another one that takes its place at the same moment may go with it, and is then not joined.
    """
    if _under_way.get(question) is lookup:
        _under_way.pop(question, None)


def _check_room() -> None:
    if len(_under_way) < _MOST_GIVEN_UP:
        return
    given_up = [lookup for lookup in tuple(_under_way.values()) if lookup.given_up]
    if len(given_up) >= _MOST_GIVEN_UP:
        raise OSError(
            errno.EAGAIN,
            f"the system's resolver does not answer: {len(given_up)} lookups that were given up"
            f" are still waiting for it, the first of them for {errors.quoted(given_up[0].name)}",
        )


def _again(failure: Exception) -> Exception:
    """Returns a new exception for each call: those that wait together do not share a traceback."""
    return type(failure)(*failure.args)


def _after_fork() -> None:
    """Leaves the lookups to the parent, which has their threads.

    Who waits for one in a child has been interrupted by a signal handler that forked; it asks
    again.
    """
    lost = tuple(_under_way.values())
    _under_way.clear()
    for lookup in lost:
        lookup.end()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows
    os.register_at_fork(after_in_child=_after_fork)
