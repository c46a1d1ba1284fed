"""What a machine lacks skips a scenario; whatever else goes wrong fails it."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest
from harness import places
from harness.peer import Peer

SPEC = """\
procs:
  - name: bind
    statements: [{id: bind.binds, says: It binds., scenarios: [{steps: []}]}]
"""

TESTS = """\
import errno
import os
import pytest
from nimnet_gen.testing.matrix import scenario

def fail(number, address):
    raise OSError(number, os.strerror(number), address)

@scenario("bind.binds", "IPv6")
def test_needs_it():
    fail(errno.EADDRNOTAVAIL, "::1")

@scenario("bind.binds", "a sixth family")
def test_needs_the_family():
    fail(errno.EAFNOSUPPORT, "AF_INET6")

@scenario("bind.binds", "another failure")
def test_fails():
    fail(errno.EADDRINUSE, "::1")

@scenario("bind.binds", "the fourth family")
def test_needs_another():
    fail(errno.EADDRNOTAVAIL, "192.0.2.1")

def test_is_no_scenario():
    fail(errno.EADDRNOTAVAIL, "::1")
"""

AUTHORITIES = """\
import os
import pytest

@pytest.mark.parametrize("number", range(4))
def test_of_the_environment(number):
    assert not [name for name in os.environ if name.startswith("SSL_CERT_")]
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    (pytester.mkdir("spec") / "net").mkdir()
    (pytester.path / "spec" / "net" / "socket.yaml").write_text(SPEC, encoding="utf-8")
    pytester.makeini("[pytest]\naddopts = -p harness.plugin --strict-markers -ra")
    monkeypatch.delenv("NIMNET_REQUIRE_PEERS", raising=False)
    return pytester


def test_scenarios_of_ipv6_are_skipped_without_it(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "has_ipv6", lambda: False)
    project.makepyfile(test_written=TESTS)
    result = project.runpytest()
    result.assert_outcomes(skipped=2, failed=3)
    result.stdout.fnmatch_lines(["SKIPPED*IPv6 is not available here: *'::1'"])
    monkeypatch.setenv("NIMNET_REQUIRE_PEERS", "1")
    project.runpytest().assert_outcomes(failed=5)


def test_scenarios_of_ipv6_fail_where_there_is_ipv6(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "has_ipv6", lambda: True)
    project.makepyfile(test_written=TESTS)
    project.runpytest().assert_outcomes(failed=5)


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_authorities_of_the_environment_do_not_count(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: list[str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(project.path / "authorities.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(project.path))
    project.makepyfile(test_written=AUTHORITIES)
    project.runpytest(*workers).assert_outcomes(passed=4)


def failing_with(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every socket that a peer opens fail."""

    def fail(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(places, "listening", fail)
    monkeypatch.setattr(places, "receiving", fail)


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_a_family_that_the_machine_lacks_is_a_skip(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIMNET_REQUIRE_PEERS", raising=False)
    failing_with(number, monkeypatch)
    assert not places.has_ipv6()
    with pytest.raises(pytest.skip.Exception, match="tcp6 is not available"):
        Peer("connection", "tcp6").__enter__()


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOSPC, errno.EADDRINUSE])
def test_another_failure_is_a_failure(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_with(number, monkeypatch)
    with pytest.raises(OSError, match=os.strerror(number)):
        Peer("connection", "tcp6").__enter__()
    with pytest.raises(OSError, match=os.strerror(number)):
        places.has_ipv6()


def test_paths_of_sockets_are_short_in_a_long_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with Peer("client", "unix") as peer, socket.socket(socket.AF_UNIX) as subject:
        subject.bind(peer.fresh_path)
        subject.connect(peer.path)
