"""Files that a program names: certificates, keys, authorities."""

import errno
import os
from pathlib import Path
from typing import Final

from nimnet_runtime.errors import invalid, quoted

_LONGEST_PATH: Final = 1 << 15
"""Bytes in the path of a file, on any system."""


def checked_path(path: str) -> str:
    """Returns `path`.

    Raises:
        OSError: No file can have such a name (`EINVAL`, `ENAMETOOLONG`).
    """
    try:
        name = os.fsencode(path)
    except UnicodeError:
        name = b"\0"  # the same fault
    if b"\0" in name:
        raise invalid(f"{quoted(path)} is no file name")
    if len(name) > _LONGEST_PATH:  # the system's error would repeat all of it
        raise OSError(
            errno.ENAMETOOLONG, f"{quoted(path)} has {len(name)} bytes, and is no file name"
        )
    return path


def read_bytes(path: str) -> bytes:
    """Returns the contents of a file.

    Raises:
        OSError: It is missing or cannot be read; the error names it.
    """
    file = Path(checked_path(path))
    try:
        return file.read_bytes()
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, path) from None  # it failed after opening
