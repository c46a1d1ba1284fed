"""Says what moved between two locks: `python dependencies/moved.py BEFORE AFTER`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path


def pins(lock: str) -> dict[str, str]:
    """Returns the version of each package; one that differs between platforms has several."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE):
        found.setdefault(name, []).append(version)
    return {name: ", ".join(versions) for name, versions in found.items()}


def moved(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """Gives a line for each package that is not pinned as it was."""
    for name in sorted(before | after):
        old, new = before.get(name), after.get(name)
        if old is None:
            yield f"{name}: added {new}"
        elif new is None:
            yield f"{name}: removed {old}"
        elif old != new:
            yield f"{name}: {old} -> {new}"


def main(before: str, after: str) -> None:
    """Prints what moved, or that nothing did."""
    old, new = (pins(Path(path).read_text(encoding="utf-8")) for path in (before, after))
    print("\n".join(moved(old, new)) or "nothing moved")


if __name__ == "__main__":
    main(*sys.argv[1:])
