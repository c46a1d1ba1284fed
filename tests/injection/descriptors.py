"""The descriptors of this process: which are left open, and which of others' were closed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping


def held() -> dict[int, str]:
    """Returns the descriptors that are open, each with what it stands for."""
    found = {}
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - it is asked often
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115 - as above
        except FileNotFoundError:
            continue  # the folder's own, which the list was read from
    return found


def changes(before: Mapping[int, str]) -> Iterator[str]:
    """Yields what is wrong with those that are open now; closes what was left open.

    Args:
        before: Those that were open before.
    """
    after = held()
    left = {fd: what for fd, what in after.items() if before.get(fd) != what}
    if left:
        yield f"descriptors are left open: {', '.join(sorted(left.values()))}"
        for fd in left.keys() - before.keys():
            os.close(fd)
    gone = [what for fd, what in before.items() if after.get(fd) != what]
    if gone:
        yield f"descriptors of others were closed: {', '.join(sorted(gone))}"
