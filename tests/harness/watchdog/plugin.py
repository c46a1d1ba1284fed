"""The pytest plugin of the watchdog: it gives each process its part.

pytest                    one worker, and a watchdog that ends what hangs
pytest -n 4               four of them
pytest -n 0, pytest --pdb no worker: stacks are shown, and the test goes on
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.watchdog import limit
from harness.watchdog.alone import Alone
from harness.watchdog.controller import INPUT, Controller, Distribution
from harness.watchdog.worker import GivenUp, Worker


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        limit.SETTING, "seconds that a test may take whose mark says nothing", default="120"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    option = config.option
    if option.usepdb or option.trace:
        option.numprocesses = 0  # a debugger needs the terminal
    if getattr(option, "maxworkerrestart", "") is None:
        option.maxworkerrestart = str(sys.maxsize)  # the controller knows which lead nowhere


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{limit.MARK}(seconds): how long a test may take, with its fixtures"
    )
    seconds = limit.usual_limit(config)
    distribution: Distribution | None = config.pluginmanager.get_plugin("dsession")
    told: dict[str, object] | None = getattr(config, "workerinput", {}).get(INPUT)
    if distribution is not None:
        config.pluginmanager.register(Controller(distribution, len(config.option.tx), seconds))
    elif told is not None:
        file, given_up = told["file"], told["given_up"]
        assert isinstance(file, str)
        assert isinstance(given_up, dict)
        config.pluginmanager.register(Worker(config, Path(file), seconds))
        config.pluginmanager.register(GivenUp(given_up))
    else:
        config.pluginmanager.register(Alone())
