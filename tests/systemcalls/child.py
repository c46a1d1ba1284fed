"""The process that is traced: plays scenarios of `tests/injection`, each at a signal.

It reads what to play from its standard input and answers on its standard output, a line of JSON for
each. Just before the call that is looked at, it says so and waits: by then somebody has attached,
and sends SIGUSR1. After the call it waits likewise until nobody is attached any more, and reads
which descriptors to close: those that close(2) would have closed had it not been kept from it.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import gc
import json
import os
import signal
import sys
from typing import Any, Final

from injection import failures
from injection.contracts import Contract
from injection.peer import Peer
from injection.seam import Plan, install

_PR_SET_PTRACER: Final = 0x59616D61
_ANYBODY: Final = ctypes.c_ulong(-1 & (1 << 8 * ctypes.sizeof(ctypes.c_ulong)) - 1)
_PATIENCE: Final = 60
"""Seconds after which nobody has attached."""
_NEVER: Final = 1 << 30
"""The number of an operation that is not reached: the kernel fails instead."""


def main() -> int:
    """Plays until there is no more to play; returns the exit status."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    peer = Peer()
    # Where only a parent may trace its children (Yama), this one lets anybody.
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    seam = install(failures.load())
    from injection.cells import cells
    from injection.scenarios import SCENARIOS
    from injection.scenarios.registry import Scenario
    from injection.stage import Act, Stage
    from injection.trial import Trial

    def say(said: dict[str, object]) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    known = {cell.name: cell for cell in cells(SCENARIOS)}
    trial = Trial(seam, peer)
    gc.collect()
    gc.freeze()
    gc.disable()

    def play(asked: dict[str, Any]) -> dict[str, object]:
        cell = known[asked["cell"]]
        contract = Contract.of_json(asked["contract"])
        seen: dict[str, object] = {"kind": "", "errno": None, "state": ""}
        plan = None
        if asked["failure"] == failures.ELSEWHERE.name:
            plan = Plan(_NEVER, "", failures.ELSEWHERE, lasting=False)
        elif asked["failure"]:
            [failure] = [
                one
                for one in seam.table.system[asked["operation"]].all
                if one.name == asked["failure"]
            ]
            index = _NEVER if asked["traced"] else asked["index"]
            plan = Plan(index, asked["operation"], failure, lasting=False)

        def prepare(stage: Stage) -> Act:
            act = cell.scenario.prepare(stage)
            pending = [True]

            def call() -> object:
                if not pending:
                    return act.call()
                pending.clear()
                if asked["traced"]:
                    say({"event": "ready", "process": os.getpid()})
                    signal.sigtimedwait([signal.SIGUSR1], _PATIENCE)
                os.getsid(0)
                try:
                    return act.call()
                except BaseException as error:
                    seen["kind"] = type(error).__name__
                    seen["errno"] = getattr(error, "errno", None)
                    raise
                finally:
                    os.getsid(0)
                    if asked["traced"]:
                        say({"event": "called"})
                        signal.sigtimedwait([signal.SIGUSR1], _PATIENCE)
                        for left in json.loads(sys.stdin.readline()):
                            os.close(left)
                    if act.socket is not None:
                        seen["state"] = "closed" if act.socket.closed else "open"

            return dataclasses.replace(act, call=call)

        scenario: Scenario = dataclasses.replace(cell.scenario, prepare=prepare)
        outcome = trial.run(scenario, contract, cell.transport, cell.buffered, plan)
        return {
            **seen,
            "event": "played",
            "raised": outcome.raised,
            "performed": outcome.performed,
            "struck": outcome.struck,
            "findings": outcome.findings,
        }

    while line := sys.stdin.readline():
        say(play(json.loads(line)))
        gc.collect()
    with contextlib.suppress(OSError):
        peer.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
