"""What failed is free when its caller lets go of it, and does not wait for the garbage collector.

A traceback knows every call that it has passed, and those around them, and what is in their
variables. Whatever keeps an exception may therefore keep itself alive.
"""

import contextlib
import gc
import itertools
import socket
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from harness import tlspair
from harness.authority import Authority, private_pem
from harness.builds import pure_only
from harness.interruption import at_least, interrupted
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER
from harness.tracebacks import views_in_use
from nimnet_runtime import dialing
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.system import RLock, Socket
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream
from OpenSSL import SSL

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def fail(*_: object) -> NoReturn:
    raise LookupError("as the program says")


def fail_at_the_end(_: SSL.Connection, where: int, __: int) -> None:
    if where == SSL.SSL_CB_WRITE_ALERT:
        fail()


def of_a_key() -> Context:
    made = tlspair.context()
    made.client_get_psk_func = fail
    return made


def of_the_verifier(authority: Authority) -> Context:
    made = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    made.context.set_verify(SSL.VERIFY_PEER, fail)
    return made


def of_the_beginning() -> Context:
    made = tlspair.context()
    made.context.set_info_callback(fail)
    return made


def of_the_end() -> Context:
    made = tlspair.context()
    made.context.set_info_callback(fail_at_the_end)
    return made


MAKERS: dict[str, Callable[[Authority], Context]] = {
    "key": lambda _: of_a_key(),
    "verify": of_the_verifier,
    "info": lambda _: of_the_beginning(),
    "goodbye": lambda _: of_the_end(),
}


def visit(client: Context, server: Context, kept: list[weakref.ref[RLock]]) -> str:
    """Connects and closes; returns what the client's functions made one or the other raise."""
    with tlspair.ends() as (a, b), contextlib.closing(b):

        def call() -> None:
            try:
                client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
            finally:
                assert isinstance(a.stream, TlsStream)
                kept.append(weakref.ref(a.stream._closing))  # which nothing else has
                a.close()

        shaken = tlspair.in_thread(
            lambda: tlspair.outcome(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        )
        said = tlspair.outcome(call)
        shaken.result()
        return said


@pytest.mark.parametrize("way", MAKERS)
def test_a_session_that_the_program_has_failed(authority: Authority, way: str) -> None:
    identity = authority.issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    kept: list[weakref.ref[RLock]] = []
    assert "raised LookupError" in visit(MAKERS[way](authority), server, kept)
    assert [lock() for lock in kept] == [None]


def test_a_password_that_there_is_none_of(authority: Authority, tmp_path: Path) -> None:
    """Its function's frames know those that have the key."""
    identity = authority.issue()
    locked = tmp_path / "locked.key"
    locked.write_bytes(private_pem(identity.key, b"password"))

    class Asked:
        def __call__(self) -> bytes:
            fail()

    asked = Asked()
    kept = weakref.ref(asked)
    with pytest.raises(SslError, match="raised LookupError"):
        Context(3, 0, identity.cert_file, str(locked), key_password=asked)
    del asked
    assert kept() is None


@pure_only("it is about the variables of Python frames, and compiled code has none")
def test_a_dial_that_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Noted(Socket):
        """One that can be referenced weakly."""

    kept: list[weakref.ref[Socket]] = []

    def noted() -> Socket:
        made = Noted.__new__(Noted)
        kept.append(weakref.ref(made))
        return made

    monkeypatch.setattr(dialing, "unopened", noted)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        dialing.dial("127.0.0.1", port, socket.IPPROTO_TCP, True, PATIENCE)
    assert [each() for each in kept] == [None]


def test_a_message_that_nobody_can_be_sent() -> None:
    endpoint = Endpoint.create(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP, True)
    kept = weakref.ref(endpoint.descriptor.reading.lock)  # which nothing else has
    with contextlib.closing(endpoint), pytest.raises(OSError, match="too long"):
        endpoint.send_to("127.0.0.1", 9, bytes(70_000), PATIENCE)
    del endpoint
    assert kept() is None


ON_A_SESSION: dict[str, Callable[[Endpoint], object]] = {
    "send": lambda a: a.send(b"x", 0, PATIENCE),
    "receive": lambda a: a.reader.receive(5, PATIENCE, 0),
    "receive_into": lambda a: a.stream.receive_into(
        memoryview(bytearray(5)), [], Deadline(PATIENCE)
    ),
    "peek": lambda a: a.stream.peek(5, Deadline(PATIENCE)),
    "send_eof": lambda a: a.send_eof(PATIENCE),
    "close": lambda a: a.close(),
}
"""Calls that let OpenSSL work on memory of Python's."""


@pytest.fixture(scope="module")
def server(authority: Authority) -> Context:
    identity = authority.issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@pytest.mark.parametrize("name", ON_A_SESSION)
def test_a_call_that_a_handler_ends_leaves_no_memory_in_use(server: Context, name: str) -> None:
    """Whoever keeps what came out keeps the variables of all the calls that it has passed."""
    for moment in itertools.count(1):
        kept: list[BaseException] = []
        with tlspair.secured(tlspair.context(), server) as (a, b):
            b.send(b"hello")
            reached = interrupted(partial(ON_A_SESSION[name], a), moment, kept)
        assert [found for error in kept for found in views_in_use(error)] == []
        if not reached:
            break
    assert moment > at_least(1)


def test_a_handshake_that_a_handler_ends_leaves_no_memory_in_use(server: Context) -> None:
    for moment in itertools.count(1):
        kept: list[BaseException] = []
        with tlspair.ends() as (a, b):
            serve = partial(server.wrap_connected_socket, b, SERVER, "", PATIENCE)
            served = tlspair.in_thread(partial(tlspair.outcome, serve))
            client = tlspair.context()
            shake = partial(client.wrap_connected_socket, a, CLIENT, "localhost", PATIENCE)
            reached = interrupted(shake, moment, kept)
            a.close()
            served.result(PATIENCE / 1000)
        assert [found for error in kept for found in views_in_use(error)] == []
        if not reached:
            break
    assert moment > at_least(1)
