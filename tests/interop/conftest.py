"""The real servers of the interop tests, and what they wrote beside each failure."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator

import pytest
from harness.authority import Authority, Identity
from harness.nginx import Nginx, nginx_server
from harness.programs import running
from harness.redis import Redis, redis_server
from interop.secured import TLS_1_2, TLS_1_3, Version

MIB = 1 << 20


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += [(f"output of {program.name}", program.output()) for program in running]
    return report


@pytest.fixture(scope="session")
def redis(identity: Identity, authority: Authority) -> Iterator[Redis]:
    """A Redis server for all tests of this worker, which keep to keys of their own."""
    with redis_server(identity, authority.ca_file) as server:
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
def nginx(big_body: bytes, identity: Identity) -> Iterator[Nginx]:
    """An nginx for all tests of this worker, with files to serve."""
    with nginx_server(identity) as server:
        (server.files / "big").write_bytes(big_body)
        (server.files / "middle").write_bytes(big_body[:MIB])
        (server.files / "small").write_bytes(b"small\r\nbut with lines\n")
        (server.files / "empty").write_bytes(b"")
        yield server


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certificate authority of this worker's tests."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def identity(authority: Authority) -> Identity:
    """A server's certificate, for localhost and its addresses."""
    return authority.issue()


@pytest.fixture(params=[TLS_1_2, TLS_1_3], ids=lambda version: str(version.name))
def version(request: pytest.FixtureRequest) -> Version:
    """Each version of TLS that there is."""
    assert isinstance(request.param, Version)
    return request.param


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def buffered(request: pytest.FixtureRequest) -> bool:
    """Both kinds of socket."""
    return bool(request.param)
