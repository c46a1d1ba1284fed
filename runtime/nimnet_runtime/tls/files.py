"""Files that a program names: certificates, keys, authorities."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nimnet_runtime.errors import invalid, quoted

_LONGEST_PATH: Final = 1 << 15
"""Bytes in the path of a file, on any system."""


def checked_path(parameter: str, path: str) -> str:
    """Returns `path`, which a parameter has, or a variable of the environment.

    Raises:
        OSError: No file can have such a name (`EINVAL`, `ENAMETOOLONG`).
    """
    try:
        name = os.fsencode(path)
    except UnicodeError:
        name = b"\0"  # the same fault
    if b"\0" in name:
        raise invalid(f"{parameter} {quoted(path)} is no file name")
    if len(name) > _LONGEST_PATH:  # the system's error would repeat all of it
        raise OSError(
            errno.ENAMETOOLONG,
            f"{parameter} {quoted(path)} has {len(name)} bytes, and is no file name",
        )
    return path


def read_bytes(parameter: str, path: str) -> bytes:
    """Returns the contents of a file.

    Raises:
        OSError: It is missing or cannot be read; the error names it, and the parameter.
    """
    file = Path(checked_path(parameter, path))
    with named(parameter, path):
        return file.read_bytes()


@contextmanager
def named(parameter: str, path: str) -> Iterator[None]:
    """Lets the system's errors within say which file it is, and which parameter has it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"{parameter}: {error.strerror}", path) from None
