"""Permissions of files, which hold for root, too, where a test is about them."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

_VERSION: Final = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3`, capset(2)."""
_OVERRIDES: Final = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, capabilities(7): to pass over permissions."""


class _Header(ctypes.Structure):
    """Of which thread capabilities are meant: 0 is the calling one."""

    _fields_ = (("version", ctypes.c_uint32), ("thread", ctypes.c_int))


class _Sets(ctypes.Structure):
    """Half of a thread's capabilities; the first half has those with the lower numbers."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def heeded() -> Iterator[None]:
    """Let the permissions of files hold for this thread meanwhile, whoever runs it."""
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("only on Linux can root heed permissions")
    libc = ctypes.CDLL(None, use_errno=True)
    header = ctypes.byref(_Header(_VERSION, 0))
    sets = (_Sets * 2)()

    def succeed(status: int) -> None:
        if status != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    succeed(libc.capget(header, sets))
    effective = sets[0].effective
    sets[0].effective = effective & ~_OVERRIDES
    succeed(libc.capset(header, sets))
    try:
        yield
    finally:
        sets[0].effective = effective
        succeed(libc.capset(header, sets))
