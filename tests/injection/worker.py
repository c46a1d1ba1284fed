"""The process that tries: it has the seam below the runtime, and a peer of its own.

It reads cells and contracts from its standard input, and writes what trying each has shown to its
standard output: a line of JSON for each.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import sys
from typing import Final

from injection import failures
from injection.contracts import Contract
from injection.peer import Peer
from injection.seam import install

_STUCK: Final = 120
"""Seconds for a cell, after which a worker ends that a signal does not reach either."""


def main(arguments: list[str]) -> int:
    """Tries cells until there are no more; returns the exit status."""
    sample = int(arguments[0]) if arguments else None
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    peer = Peer()
    seam = install(failures.load())
    from injection.cells import cells, try_cell
    from injection.scenarios import SCENARIOS
    from injection.trial import Trial

    known = {cell.name: cell for cell in cells(SCENARIOS)}
    trial = Trial(seam, peer)
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        asked = json.loads(line)
        contract = Contract.of_json(asked["contract"])
        faulthandler.dump_traceback_later(_STUCK, exit=True)
        tried = try_cell(known[asked["cell"]], contract, trial, seam, sample)
        faulthandler.cancel_dump_traceback_later()
        answers.write(json.dumps(tried.to_json()) + "\n")
        answers.flush()
        gc.collect()
    peer.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
