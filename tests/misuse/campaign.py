"""All forms: workers, and what they have found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TESTS: Final = Path(__file__).parents[1]


def share(
    number: int, count: int, *, whole: bool, wanted: list[str]
) -> Iterator[dict[str, object]]:
    """Has a worker take its share; yields what each form has shown.

    Args:
        number: Which of the shares.
        count: How many there are.
        whole: Whether on all transports and in all states, or the quick ones alone.
        wanted: Parts of the names of what to call; empty for all.
    """
    extent = "whole" if whole else "quick"
    command = [sys.executable, "-m", "misuse.worker", str(number), str(count), extent, *wanted]
    last = "none"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_TESTS) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            tried = json.loads(line)
            last = tried["label"]
            yield tried
    if worker.returncode:
        ended = f"the worker has ended with {worker.returncode} after {last}"
        yield {"label": ended, "arguments": 0, "states": 0, "refused": 0, "findings": [ended]}
