"""The real servers of the interop tests, and what they wrote beside each failure."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator

import pytest
from harness.nginx import Nginx, nginx_server
from harness.programs import running
from harness.redis import Redis, redis_server

MIB = 1 << 20


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += [(f"output of {program.name}", program.output()) for program in running]
    return report


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A Redis server for all tests of this worker, which keep to keys of their own."""
    with redis_server() as server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis server for one test, which may do with it what it likes."""
    with redis_server() as server:
        yield server


@pytest.fixture(scope="session")
def big_value() -> bytes:
    """64 MiB that no compression or repetition hides a fault in."""
    return random.Random("value").randbytes(64 * MIB)


@pytest.fixture(scope="session")
def big_body() -> bytes:
    """100 MiB, likewise."""
    return random.Random("body").randbytes(100 * MIB)


@pytest.fixture(scope="session")
def nginx(big_body: bytes) -> Iterator[Nginx]:
    """An nginx for all tests of this worker, with files to serve."""
    with nginx_server() as server:
        (server.files / "big").write_bytes(big_body)
        (server.files / "middle").write_bytes(big_body[:MIB])
        (server.files / "small").write_bytes(b"small\r\nbut with lines\n")
        (server.files / "empty").write_bytes(b"")
        yield server
