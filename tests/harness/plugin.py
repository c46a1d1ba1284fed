"""The pytest plugin of this project's stage: its peers, addresses of IPv6, and authorities."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Generator, Sequence
from typing import Final

import pytest

from harness import peer, places
from harness.programs import unavailable

# The general plugin, and the watchdog, which knows the mark that scenarios get.
pytest_plugins = ("harness.watchdog.plugin", "nimnet_gen.testing.plugin")

_AUTHORITIES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that choose trusted authorities, by which a server demands certificates of clients."""
_NAMES_IPV6: Final = re.compile(r"::|ipv6|inet6", re.IGNORECASE)
"""What the source of a test has that is about addresses of IPv6."""


def pytest_configure() -> None:
    for variable in _AUTHORITIES:
        os.environ.pop(variable, None)  # tests that are about it set it themselves


def pytest_runtest_setup() -> None:
    peer.entered.clear()


def pytest_scenario_details() -> Sequence[str]:
    """Tell how far the scripts of the peers were played."""
    lines: list[str] = []
    for one in peer.entered:
        lines += ["", "the peer's script:"]
        lines += [f"  {line}" for line in one.describe().splitlines()]
    return lines


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Skip a scenario that needs IPv6 of itself, not by its transport, where there is none."""
    try:
        return (yield)
    except OSError as error:
        if (
            error.errno in places.LACKING
            and pyfuncitem.get_closest_marker("scenario") is not None
            and _NAMES_IPV6.search(inspect.getsource(pyfuncitem.function))
            and not places.has_ipv6()
        ):
            unavailable(f"IPv6 is not available here: {error}")
        raise
