"""How a command ends: its exit status, and what is said of faults and of broken outputs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nimnet_gen.files.write import Difference

OK: Final = 0
DIFFERENT: Final = 1
FAILED: Final = 2

EXIT_STATUS: Final = """\
exit status:
  0    done; for check, everything is up to date; for report, tests passed, and
       none failed or is missing (skipped ones, which need what the machine
       lacks, count as neither)
  1    the specification has faults; for check, the committed output differs; for
       report, no test passed, one failed or did not run, or Nim did not do what
       was expected or, where it was asked, was not asked about a scenario; for
       diff, a change is as grave as --fail-on says
  2    the command could not be carried out: wrong usage, no such name or
       revision, a revision with faults, hand-edited files in the way, no
       results of this specification, an error of the system
  130  interrupted before anything was changed
"""


def fail(message: str) -> int:
    """Say why the command cannot be carried out, and return the exit status for that."""
    # Where even that output is broken, the exit status has to say it.
    with suppress(OSError):
        print(f"nimnet-gen: {message}", file=sys.stderr)
    return FAILED


def os_message(error: OSError) -> str:
    """Return an error of the system as one sentence with the file it is about."""
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def silence_output() -> None:
    """Keep the interpreter from failing, at its end, to write what is left in a broken output."""
    with suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, sys.stdout.fileno())
        os.close(descriptor)


def mention_foreign(differences: Sequence[Difference]) -> None:
    """Name the files that stand among the generated ones and are not the generator's."""
    from nimnet_gen.files.write import State

    for difference in differences:
        if difference.state is State.FOREIGN:
            print(f"left alone, not generated: {difference.path}")
