"""What of the specification Nim 1.6, which the oracle runs, has and has not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nimnet_gen.model.surface import Callable, Param


class InexpressibleError(Exception):
    """A scenario, or a form of it, cannot be written in Nim; the message says why."""


ADDED_LATER: Final[Mapping[tuple[str, str], str]] = {
    ("newContext", "ca_file"): "caFile",
    ("newContext", "ca_dir"): "caDir",
}
"""Parameters that the documented version lacks, and Nim 1.6 has, under the latter's names."""

NAMES: Final[Mapping[str, str]] = {
    "get_ssl_context_extra_data_index": "getSslContextExtraDataIndex",
}
"""Procs of nimnet's own that stand for one which another module of Nim has."""

EXCEPTIONS: Final = frozenset(
    {"OSError", "ValueError", "SslError", "TimeoutError", "IndexError", "ObjectConversionError"}
)
"""The exceptions that both have."""


def proc_name(entry: Callable) -> str:
    """Return Nim's name of a callable.

    Raises:
        InexpressibleError: it is nimnet's own, or a conversion.
    """
    if entry.returns is not None and entry.returns.type == entry.name:
        raise InexpressibleError(f"a number becomes a {entry.name} unchecked in Nim")
    if not entry.extension:
        return entry.name
    if entry.name in NAMES:
        return NAMES[entry.name]
    raise InexpressibleError(f"{entry.name} is nimnet's own")


def param_name(entry: Callable, param: Param) -> str:
    """Return Nim's name of a parameter.

    Raises:
        InexpressibleError: it is nimnet's own.
    """
    if not param.extension:
        return param.name
    if later := ADDED_LATER.get((entry.name, param.name)):
        return later
    raise InexpressibleError(f"{entry.name} has no {param.name} in Nim")


def exception_name(name: str) -> str:
    """Return a name of an exception class that both have.

    Raises:
        InexpressibleError: it is one of Python's.
    """
    if name in EXCEPTIONS:
        return name
    raise InexpressibleError(f"{name} is an exception class of Python's")
