"""One call with one failure below it: what it did, and what is wrong with that."""

from __future__ import annotations

import contextvars
import gc
import os
import signal
import sys
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from traceback import walk_tb
from typing import Final

import nimnet
from nimnet_runtime.scopes import earliest

from injection import aftermath, descriptors
from injection.aftermath import Called, Look, shown
from injection.allocations import LACK, Shortage
from injection.contracts import Contract
from injection.judgment import wrong_with
from injection.limit import HungError, limited
from injection.peer import Peer
from injection.scenarios.registry import Scenario
from injection.seam import Plan, Seam
from injection.stage import Stage

_PACKAGE: Final = Path(nimnet.__file__).parent
_OWN_THREADS: Final = 2
"""Those of a worker: the one that tries, and the one that ends what is stuck (`faulthandler`)."""


@dataclass
class Outcome:
    """What a trial has shown.

    Attributes:
        performed: The names of the operations, in order.
        struck: How often one has failed.
        raised: The exception that left the call, in words; "" for none.
        findings: What is wrong, each in a sentence.
        unlisted: Functions of OpenSSL's that the table does not know.
    """

    performed: list[str] = field(default_factory=list)
    struck: int = 0
    raised: str = ""
    findings: list[str] = field(default_factory=list)
    unlisted: set[str] = field(default_factory=set)


class Trial:
    """Makes calls with failures, and looks at what they leave."""

    def __init__(self, seam: Seam, peer: Peer) -> None:
        """Has the seam, and the peer of all scenarios."""
        self._seam = seam
        self._peer = peer

    def run(
        self,
        scenario: Scenario,
        contract: Contract,
        transport: str,
        buffered: bool,
        plan: Plan | None = None,
        shortage: Shortage | None = None,
    ) -> Outcome:
        """Sets the stage, makes the call with the failure that is planned, and takes all down.

        Args:
            scenario: What is called, and how.
            contract: What that declares.
            transport: What it runs on.
            buffered: Whether its sockets are.
            plan: What operation fails; None for none.
            shortage: What allocations fail; None for none.
        """
        outcome = Outcome()
        self._seam.forgotten = False
        before = descriptors.held()
        context = contextvars.copy_context()  # of its own: what leaks into it ends with it
        refs: list[weakref.ref[object]] = []
        with _unraisable() as complaints:
            stage = Stage(self._peer, transport, buffered)
            look: Look | None = None
            try:
                with limited():
                    look = context.run(
                        self._play, stage, scenario, contract, plan, shortage, refs, outcome
                    )
            except HungError:
                outcome.findings.append("the call, or what came after it, does not end")
                refs.clear()
            except Exception as error:
                outcome.findings.append(f"the scenario itself fails: {shown(error)}")
                refs.clear()
            if shortage is not None:
                refs.clear()
                gc.collect()
            heard = stage.strike()
            if look is not None:
                outcome.findings += look(heard)
            del stage
        if shortage is None:
            outcome.findings += complaints
        # CPython 3.11 keeps the objects of a frame that it unwinds without memory, for good.
        kept = shortage is not None and sys.version_info < (3, 12)
        if context.run(earliest) is not None and not kept:
            outcome.findings.append("a block of fail_after is not over")
        left = [*_kept(refs), *descriptors.changes(before), *_threads()]
        if not (shortage is not None and self._seam.forgotten):
            outcome.findings += left
        return outcome

    def _play(
        self,
        stage: Stage,
        scenario: Scenario,
        contract: Contract,
        plan: Plan | None,
        shortage: Shortage | None,
        refs: list[weakref.ref[object]],
        outcome: Outcome,
    ) -> Look | None:
        """Makes the call and looks at what it leaves; `refs` gets what nothing may keep."""
        act = scenario.prepare(stage)
        if act.socket is not None:
            refs += [weakref.ref(act.socket), weakref.ref(act.socket._core.descriptor.sock)]
        failure = plan.failure if plan is not None else LACK if shortage is not None else None
        error: BaseException | None = None
        called: Called | None = None
        result: object = None
        try:
            if shortage is not None:
                result = shortage(act.call)
            else:
                with self._seam.watching(plan):
                    result = act.call()
        except HungError:
            raise
        except BaseException as raised:
            error = raised
        outcome.performed = list(self._seam.performed)
        outcome.unlisted = set(self._seam.unlisted)
        outcome.struck = plan.struck if plan is not None else 0
        if shortage is not None and error is not None and _is_for_the_result(error):
            self._seam.forgotten = True
        if error is not None:
            outcome.raised = shown(error)
            outcome.findings += wrong_with(
                error, failure, plan, contract, scenario, endless=act.endless
            )
        try:
            if shortage is not None:
                aftermath.close_all(act, result, outcome.findings)
                return None
            arrived = self._seam.decrypted if stage.secured else self._seam.arrived
            called = Called(error, result, failure, plan.name if plan is not None else "", arrived)
            return aftermath.look(stage, act, called, contract, outcome.findings)
        finally:
            result = error = called = None


def _is_for_the_result(error: BaseException) -> bool:
    """Tells whether the runtime had returned, and memory was short for what users get of that.

    What `detach` gives away is lost then, as with that of Python's sockets.
    """
    last = None
    for frame, _ in walk_tb(error.__traceback__):
        last = frame
    return last is not None and Path(last.f_code.co_filename).parent == _PACKAGE


def _kept(refs: list[weakref.ref[object]]) -> Iterator[str]:
    """Yields what is wrong with objects that nothing may keep: some are there."""
    alive = [type(one).__qualname__ for ref in refs if (one := ref()) is not None]
    if alive:
        yield f"a cycle keeps {', '.join(alive)}"
        gc.collect()


def _threads() -> Iterator[str]:
    """Yields what is wrong with the threads that are left."""
    for _ in range(1000):  # one that has answered may be on its way out
        if not _more_threads():
            return
        signal.sigtimedwait((), 0.001)
    yield f"{_more_threads()} threads are left"


def _more_threads() -> int:
    return max(0, len(os.listdir("/proc/self/task")) - _OWN_THREADS)  # noqa: PTH208 - it is asked often


@contextmanager
def _unraisable() -> Iterator[list[str]]:
    """Gathers what finalizers and callbacks complain of, warnings of resources among it."""
    found: list[str] = []
    before = sys.unraisablehook

    def hook(told: sys.UnraisableHookArgs) -> None:
        found.append(f"unraisable: {told.exc_value!r}")

    sys.unraisablehook = hook
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            yield found
    finally:
        sys.unraisablehook = before
