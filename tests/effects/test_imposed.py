"""A block of `fail_after` makes calls raise `TimeoutError` that have it as imposed, and no others.

Those with a timeout are all in `tests/runtime/test_public_timeouts.py`, inside of a block and by
their own timeout. Here are those without one, and all that must end without it in any block.
"""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from inspect import Parameter
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

import nimnet
import pytest
from harness.authority import Authority
from harness.loopback import listening
from harness.resolver import answering_for, known
from nimnet import (
    AF_INET,
    C_VERIFY_NONE,
    IPPROTO_TCP,
    IPPROTO_UDP,
    OPT_KEEP_ALIVE,
    SO_TYPE,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    IpAddressFamily,
    OSErrorCode,
    Port,
    Socket,
    SocketFlag,
    SocketHandle,
    effects,
    new_context,
    new_socket,
)
from nimnet.effects import Effects

LONG: Final = 20_000
MUCH: Final = bytes(1 << 26)
"""More than the buffers of any socket take."""
SLOW: Final = "slow.example"
"""A name that the resolver does not find in time."""


class Stage(ExitStack):
    """Sockets that every call has to wait on; closed with it."""

    def full(self) -> Socket:
        """Returns a socket whose peer sends nothing and takes nothing more."""
        listener = self.enter_context(listening())
        sock = self.enter_context(new_socket())
        sock.connect("127.0.0.1", Port(listener.getsockname()[1]), timeout=LONG)
        with nimnet.fail_after(0), suppress(nimnet.TimeoutError):
            sock.send(MUCH)
        return sock

    def new(self) -> Socket:
        return self.enter_context(new_socket())

    def udp(self) -> Socket:
        sock = self.enter_context(new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP))
        sock.bind_addr(address="127.0.0.1")
        return sock

    def server(self) -> Socket:
        server = self.new()
        server.bind_addr(address="127.0.0.1")
        server.listen()
        return server

    def silent_client(self) -> Socket:
        """Returns a TLS socket whose client says nothing."""
        server = self.server()
        identity = Authority(self.folder()).issue()
        context = new_context(
            verify_mode=C_VERIFY_NONE, cert_file=identity.cert_file, key_file=identity.key_file
        )
        context.wrap_socket(server)
        self.enter_context(nimnet.dial("127.0.0.1", server.get_local_addr()[1], timeout=LONG))
        return self.enter_context(server.accept(timeout=LONG))

    def folder(self) -> Path:
        return Path(self.enter_context(tempfile.TemporaryDirectory()))


@pytest.fixture
def stage() -> Iterator[Stage]:
    with answering_for({SLOW: known("127.0.0.1", after=LONG)}), Stage() as made:
        yield made


WAITING: Final[dict[str, Callable[[Stage], Callable[[], object]]]] = {
    "nimnet.socket.Socket.bind_addr": lambda stage: partial(stage.new().bind_addr, address=SLOW),
    "nimnet.socket.Socket.connect": lambda stage: partial(stage.new().connect, SLOW, Port(80)),
    "nimnet.socket.Socket.__iand__": lambda stage: partial(stage.full().__iand__, MUCH),
}
"""What has to wait, and has no timeout."""


def without_a_timeout() -> Iterator[Effects]:
    for form in itertools.chain.from_iterable(effects.table().values()):
        if "timeout" not in form.signature.parameters:
            yield form


def test_all_that_waits_without_a_timeout_is_here() -> None:
    imposed = [form.name for form in without_a_timeout() if form.imposed]
    assert sorted(imposed) == sorted(WAITING)


@pytest.mark.parametrize("name", WAITING)
def test_the_block_ends_what_has_no_timeout(stage: Stage, name: str) -> None:
    call = WAITING[name](stage)
    with nimnet.fail_after(20) as deadline:
        with pytest.raises(nimnet.TimeoutError, match="the 20 ms of fail_after have passed"):
            call()
        assert deadline.passed


# What no block ends.

OWNERS: Final[dict[str, Callable[[Stage], list[object]]]] = {
    "Socket": lambda stage: [
        make(stage)
        for make in (Stage.full, Stage.new, Stage.udp, Stage.server, Stage.silent_client)
    ],
    "SslContext": lambda _: [new_context(verify_mode=C_VERIFY_NONE)],
    "IpAddress": lambda _: [nimnet.ipv4_loopback()],
    "Expected": lambda stage: [expected(stage)],
    "Deadline": lambda _: [nimnet.Deadline(0)],
    "DeadlineScope": lambda _: [nimnet.fail_after(0)],
}
"""The objects whose methods are called, of each class."""


def expected(stage: Stage) -> object:
    listener = stage.enter_context(listening())
    sock = stage.new()
    sock.connect("127.0.0.1", Port(listener.getsockname()[1]), timeout=LONG)
    stage.enter_context(listener.accept()[0]).sendall(b"x")
    return sock.expect([b"x"], LONG)


def argument(name: str, annotation: str, stage: Stage) -> object:
    """Returns what is given for a parameter: by its type, and by its name where that says more."""
    match name, annotation:
        case _, "Port":
            return Port(80)
        case (("sa" | "data"), str()) if annotation != "object":
            return memoryview(bytearray(9))
        case "fd", _:
            return SocketHandle(os.dup(stage.udp().fileno()))
        case "sock", _:
            return stage.enter_context(socket.socket())
        case "socket", _:
            return stage.new()
        case "path", _:
            return str(stage.folder() / "socket")
        case "address", _:
            return ipaddress.ip_address("127.0.0.1")
        case (("level" | "domain" | "sock_type" | "protocol"), "int"):
            known = {"level": SOL_SOCKET, "domain": AF_INET, "sock_type": SOCK_STREAM}
            return int(known.get(name, IPPROTO_TCP))
        case "name", _:
            return SO_TYPE
        case "opt", _:
            return OPT_KEEP_ALIVE
        case "value", str() if "bytes" in annotation:
            return bytes(4)
        case _, "SocketFlag":
            return SocketFlag.SAFE_DISCONN
        case _, "OSErrorCode":
            return OSErrorCode(0)
        case _, "IpAddressFamily":
            return IpAddressFamily.IPV4
        case _, "bool":
            return True
        case _, "str":
            return "text"
        case _, "int":
            return 1
        case _:
            assert annotation == "object" or "None" in annotation, f"what is a {name}?"
            return None


def calls(form: Effects, stage: Stage) -> Iterator[Callable[[], object]]:
    """Yields calls of a form with what it requires, on every object of its class."""
    defined = resolve_name(form.name)
    parameters = list(form.signature.parameters.values())
    given = {
        one.name: argument(one.name, str(one.annotation), stage)
        for one in parameters
        if one.default is Parameter.empty and one.name != "self"
    }
    if parameters[:1] and parameters[0].name == "self" and not isinstance(defined, type):
        owner = form.name.split(".")[2]
        function = defined
        if isinstance(defined, property):
            function = defined.fset if given else defined.fget
        for made in OWNERS[owner](stage):
            yield lambda made=made: function(made, **given)  # type: ignore[misc]  # mypy cannot infer the default's type
    else:
        yield lambda: defined(**given)


NEVER: Final = {
    f"{form.name} {index}": form
    for forms in effects.table().values()
    for index, form in enumerate(forms)
    if nimnet.TimeoutError not in form.exceptions
}


def outcome(call: Callable[[], object]) -> object:
    """Returns what a call returned or raised in a block that is over."""
    with nimnet.fail_after(0):
        try:
            return call()
        except Exception as error:
            return error


@pytest.mark.parametrize("name", NEVER)
def test_no_block_ends_anything_else(stage: Stage, name: str) -> None:
    form = NEVER[name]
    for call in calls(form, stage):
        ended = outcome(call)
        if isinstance(ended, Socket):
            stage.enter_context(ended)
        assert not isinstance(ended, nimnet.TimeoutError)
        assert not isinstance(ended, Exception) or isinstance(ended, form.raises)
