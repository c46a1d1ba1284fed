"""Which programs have the descriptors of a socket: those that this one starts, if that is asked."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from socket import AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM

import pytest
from nimnet_runtime.endpoint import Endpoint

NUMBER = "import socket, sys; print(socket.socket(fileno=int(sys.argv[1])).getsockname()[1])"
"""Prints the port of the socket with that descriptor, or fails for want of one."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="handles are passed on otherwise")


def asked(endpoint: Endpoint) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", NUMBER, str(endpoint.fileno())],
        capture_output=True,
        text=True,
        close_fds=False,
        check=False,
    )


@pytest.mark.parametrize("kind", [SOCK_STREAM, SOCK_DGRAM])
def test_a_program_has_what_it_inherits(kind: int) -> None:
    with closing(Endpoint.create(AF_INET, kind, 0, True, True)) as endpoint:
        endpoint.bind_addr(0, "127.0.0.1")
        assert asked(endpoint).stdout.split() == [str(endpoint.get_local_addr()[1])]


@pytest.mark.parametrize("kind", [SOCK_STREAM, SOCK_DGRAM])
def test_a_program_has_nothing_that_it_does_not_inherit(kind: int) -> None:
    with closing(Endpoint.create(AF_INET, kind, 0, True, False)) as endpoint:
        endpoint.bind_addr(0, "127.0.0.1")
        assert "Bad file descriptor" in asked(endpoint).stderr


def test_what_is_accepted_is_not_inherited() -> None:
    with (
        closing(Endpoint.create(AF_INET, SOCK_STREAM, 0, True, True)) as server,
        closing(Endpoint.create(AF_INET, SOCK_STREAM, 0, True, True)) as client,
    ):
        server.bind_addr(0, "127.0.0.1")
        server.listen(1)
        client.connect(*server.get_local_addr()[:2])
        with closing(server.accept(None, 5000)) as accepted:
            assert asked(accepted).returncode
            assert not asked(client).returncode


def test_unix_sockets_can_be_inherited_as_well() -> None:
    with closing(Endpoint.create(AF_UNIX, SOCK_STREAM, 0, True, True)) as endpoint:
        program = "import os, sys; os.fstat(int(sys.argv[1]))"
        subprocess.run(
            [sys.executable, "-c", program, str(endpoint.fileno())], close_fds=False, check=True
        )
