"""What may leave a call below which something failed, and what its message must say."""

from __future__ import annotations

import re
from typing import Final

import nimnet

from injection.allocations import LACK
from injection.contracts import Contract, may_leave
from injection.failures import Failure
from injection.scenarios.registry import Scenario
from injection.seam import Plan

_MEMORY: Final = frozenset({"MemoryError", "no memory", "no lock", "allocation"})
"""Failures of which a call may say so: that is no part of a contract."""
_OPERATIONS: Final = {
    "recv": ("receive",),
    "recv_into": ("receive",),
    "recvfrom": ("receive",),
    "send": ("send",),
    "sendto": ("send",),
    "poll": ("receive", "send"),
    "accept": ("accept",),
    "connect": ("connect to",),
    "connect_ex": ("connect to",),
    "BIO_read": ("OpenSSL does not give away",),
}
"""What messages say of operations of the system that move data or connect."""
_UNANSWERED: Final = (
    *("no application protocol", "psk identity not found", "no suitable signature algorithm"),
    "handshake failure",
)
"""What OpenSSL makes of a question that cffi had no memory to ask: nobody else hears of that."""
_OF_TLS: Final = ("TLS", "OpenSSL", "close_notify")
"""What messages say of the operations of TLS."""


def wrong_with(
    error: BaseException,
    failure: Failure | None,
    plan: Plan | None,
    contract: Contract,
    scenario: Scenario,
    *,
    endless: bool,
) -> list[str]:
    """Returns what is wrong with an exception that left a call.

    Args:
        error: It.
        failure: What was to fail; None for nothing.
        plan: Which operation that is; None for an allocation.
        contract: What the callable declares.
        scenario: How it was called.
        endless: Whether it was given no timeout.
    """
    said = f"{type(error).__name__}: {error}"
    if failure is None:
        return [f"it fails as it is: {said}"]
    if isinstance(error, MemoryError) and (failure.name in _MEMORY or failure.lacks_memory):
        return []
    if isinstance(error, SystemError) and failure is LACK:
        return []  # it is CPython's: a function in C that gave no reason
    if not may_leave(error, contract.classes(timed=not endless)):
        return [f"undeclared: {said}"]
    if failure is LACK and any(word in str(error) for word in _UNANSWERED):
        return []
    if failure is LACK or failure.name == "MemoryError":
        return [f"a lack of memory has become another error: {said}"]
    found = []
    if isinstance(error, OSError) and failure.number is not None:
        found += _misnumbered(error, failure.number)
    if not _names(error, contract.name, scenario.words, plan):
        found.append(f"the operation is not named: {said}")
    return found


def _misnumbered(error: OSError, number: int) -> list[str]:
    if error.errno == number or isinstance(error, nimnet.TimeoutError):
        return []
    return [f"the error number {number} has become {error.errno}: {error}"]


def _names(error: BaseException, name: str, words: tuple[str, ...], plan: Plan | None) -> bool:
    """Tells whether a message names the operation that failed.

    That is the call, in words or by its name, or what it was doing: to receive, say.
    """
    known = [name, name.replace("_", " "), *words]
    if plan is not None and plan.name:
        known += _OPERATIONS.get(plan.name, ())
    else:
        known += [word for said in _OPERATIONS.values() for word in said]
    if isinstance(error, nimnet.SslError):
        known += _OF_TLS
    if getattr(error, "filename", None) is not None:
        return True  # the file that could not be read
    return any(re.search(rf"\b{re.escape(word)}", str(error)) for word in known)
