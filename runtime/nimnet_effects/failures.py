"""Why something could not be checked: failures of this package, and what it cannot use.

The former are notes with their places, and never the end of mypy.

A note belongs to the module that it is about, and goes the way of its findings. Where mypy is not
checking that module, it goes to standard error. Imports no mypy.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Final

_FAILED: Final = "nimnet_effects failed"
_WRONG: Final = "nimnet_effects cannot use "
_TOLD: Final[set[str]] = set()


def described(consequence: str) -> str:
    """What is said of the exception being handled.

    Args:
        consequence: what comes of it for the module.
    """
    kind, error, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{_FAILED}{where} ({kind.__name__ if kind else 'error'}: {error}): {consequence}"


def misread(problem: str) -> str:
    """What is said, in a module, of a configuration or a contract file that cannot be meant."""
    return f"{_WRONG}{problem}"


def is_one(message: str) -> bool:
    """Whether a message of mypy's tells why something could not be checked."""
    return message.startswith((_FAILED, _WRONG))


def tell(path: str, note: str, *, each: bool) -> None:
    """Write a note to standard error, once.

    Args:
        path: the module that it is about.
        note: what `described` has written.
        each: whether each module has a note, its first; without, each note has one module.
    """
    key = path if each else note
    if key not in _TOLD:
        _TOLD.add(key)
        print(f"{path}: note: {note}", file=sys.stderr, flush=True)


def told() -> bool:
    """Whether any note was written to standard error."""
    return bool(_TOLD)
