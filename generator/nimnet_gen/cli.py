"""The entry point of `nimnet-gen`: it takes the signals in hand before anything else is loaded.

What runs before `main` is as short as can be, because there an interruption is Python's traceback.
"""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING, without the time that importing typing takes
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Args:
        arguments: The command line. None stands for the process's own, and for a process that ends
            with the command: what would interrupt it afterwards is kept away until it has ended.
    """
    try:
        from nimnet_gen.commands.interruption import InterruptedRunError, Interruptions

        interruptions = Interruptions()
    except KeyboardInterrupt:
        return _interrupted("SIGINT")
    try:
        try:
            interruptions.allow()
            from nimnet_gen.commands.line import run

            if arguments is not None:
                return run(arguments, interruptions)
            # All that a run makes it needs to its end; looking for garbage would take a sixth of
            # its time, and Python's own last look when it ends half of that once more.
            gc.disable()
            status = run(arguments, interruptions)
            gc.freeze()
            return status
        finally:
            interruptions.hold()
    except InterruptedRunError as interruption:
        return _interrupted(str(interruption))
    finally:
        interruptions.close(process_ends=arguments is None)


def _interrupted(signal: str) -> int:
    """Report an interruption; where changes are made, it is not raised once they are there."""
    from contextlib import suppress

    # Where even that output is broken, the exit status has to say it.
    with suppress(OSError):
        print(f"nimnet-gen: interrupted ({signal}); nothing was changed", file=sys.stderr)
    return INTERRUPTED
