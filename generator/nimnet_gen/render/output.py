"""A file in memory: what rendering gives and writing takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Output:
    """One file as it must be, at its path below the project's root."""

    path: PurePosixPath
    content: bytes
