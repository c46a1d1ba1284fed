"""TLS handshakes that fail, by the thousand, and what they leave behind: nothing."""

import time
from pathlib import Path
from typing import Final

from harness.authority import Authority
from harness.failing import Left, failures, resident

WARM_UP: Final = 100
"""Failures before the first measurement: caches fill, the allocator finds its size."""
_MOST_GROWTH: Final = 4 << 20
"""Bytes of resident memory that do not depend on how many handshakes there were."""


def soak(authority: Authority, count: int) -> list[str]:
    """Fails `count` times in each way; returns what went wrong, in words."""
    if not Path("/proc/self/fd").exists():
        print("handshakes: not measured, this platform has no /proc/self")
        return []
    faults = []
    for way, (fail, said) in failures(authority).items():
        for _ in range(WARM_UP):
            fail()
        before, memory, started = Left.now(), resident(), time.monotonic()
        wrong = [told for told in (fail() for _ in range(count)) if said not in told]
        took, after = time.monotonic() - started, Left.now()
        growth = resident() - memory
        print(
            f"{count} handshakes, {way}: {took:.1f} s; before {before};"
            f" memory {memory / 2**20:.1f} MiB, {growth / 2**10:+.0f} KiB after"
        )
        if wrong:
            faults.append(f"{way}: {len(wrong)} of {count} said something else: {wrong[0]!r}")
        if after != before:
            faults.append(f"{way}: {before} became {after}")
        if growth > _MOST_GROWTH:
            faults.append(f"{way}: memory grew by {growth} bytes")
    return faults
