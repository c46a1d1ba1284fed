"""Forks while other threads are inside calls: their calls are the parent's, not the child's."""

import contextlib
import errno
import importlib
import itertools
import os
import pkgutil
import signal
import socket
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from functools import partial
from operator import attrgetter
from time import monotonic
from types import ModuleType

import nimnet_runtime
import pytest
from harness import tlspair
from harness.authority import Authority
from harness.loopback import Background, listening, open_descriptors, pair, until_waiting
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER
from nimnet_runtime import forks, system
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError, TimeoutError
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


def in_child(call: Callable[[], object]) -> int:
    """Runs `call` in a child process; returns 0 unless it fails or does not end."""
    child = os.fork()
    if not child:
        status = 1
        try:
            die_soon()
            call()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_soon() -> None:
    """Ends a child that hangs; without a handler, which it might never come to run."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(20)


def reading(endpoint: Endpoint) -> Background:
    thread = Background(lambda: endpoint.stream.receive(1, Deadline(-1)))
    until_waiting(thread)
    return thread


def close_and_use(endpoint: Endpoint) -> None:
    before = open_descriptors()
    endpoint.close()
    assert endpoint.closed
    assert open_descriptors() == before - 1
    uses: list[Callable[[], object]] = [
        lambda: endpoint.stream.receive(1, Deadline(-1)),
        lambda: endpoint.send(b"x", 0, -1),
    ]
    for use in uses:
        with pytest.raises(OSError, match="the socket is closed") as caught:
            use()
        assert caught.value.errno == errno.EBADF


@pytest.mark.parametrize("guarded", [False, True], ids=["", "while-closing"])
def test_a_copy_is_closed_and_the_connection_stays(guarded: bool) -> None:
    with pair() as (endpoint, peer):
        reader = reading(endpoint)
        writer = Background(lambda: endpoint.send(bytes(64 << 20), 0, -1))
        until_waiting(writer)
        if guarded:  # as if another thread were about to close it
            Background(endpoint.descriptor._guard.acquire).join()
        assert in_child(lambda: close_and_use(endpoint)) == 0
        peer.sendall(b"x")
        assert reader.join() == b"x"
        received = 0
        while received < 64 << 20:
            received += len(peer.recv(1 << 20))
        writer.join()
        if guarded:
            endpoint.descriptor.forget_other_threads()  # nobody gives it back


def test_a_copy_of_a_tls_connection(server: Context) -> None:
    with tlspair.secured(tlspair.context(), server) as (a, b):
        reader = reading(a)
        assert in_child(a.close) == 0
        b.send(b"x", 0, PATIENCE)
        assert reader.join() == b"x"


def test_a_listener() -> None:
    with listening() as listener:
        endpoint = Endpoint.adopt(
            listener.dup().detach(), socket.AF_INET, socket.SOCK_STREAM, 6, True
        )
        accepting = Background(lambda: endpoint.accept(0, -1))
        until_waiting(accepting)
        assert in_child(endpoint.close) == 0
        with socket.create_connection(listener.getsockname()):
            accepted = accepting.join()
        assert isinstance(accepted, Endpoint)
        accepted.close()
        endpoint.close()


def test_the_child_may_go_on_with_it() -> None:
    """A server that forks for each connection; closing it there wakes calls as anywhere."""

    def serve() -> None:
        endpoint.send(b"from the child", 0, -1)
        reader = reading(endpoint)
        number = endpoint.fileno()
        endpoint.close()
        with pytest.raises(OSError, match="closed while this call was using it"):
            reader.join()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)

    with pair() as (endpoint, peer):
        reader = reading(endpoint)
        assert in_child(serve) == 0
        assert peer.recv(100) == b"from the child"
        assert reader.join() == b""  # the connection has ended, for the parent as well


# Large reads, whose memory the parent's thread still has.

SIZE = 3 << 20
ARRIVED = b"a line\n" + bytes(range(256)) * 400


def until_it_has(endpoint: Endpoint, size: int, thread: Background) -> None:
    """Returns when `thread` waits in a read that has got so much."""
    words = f"{size} bytes had come"
    while not endpoint.reader.came(0).startswith(words):
        assert not thread.ended()
        os.sched_yield()
    until_waiting(thread)


def read_what_arrived(endpoint: Endpoint) -> None:
    """All of it is there, as after a timeout, and nothing more."""
    reader = endpoint.reader
    assert reader.has_data_buffered()
    with pytest.raises(TimeoutError, match=f"{len(ARRIVED)} of {SIZE} bytes had come"):
        reader.receive(SIZE, 0, 0)
    assert reader.recv_line(0, 0, 100) == b"a line"
    rest = memoryview(bytearray(len(ARRIVED)))
    count = len(ARRIVED) - len(b"a line\n")
    assert reader.receive_buffer(rest, count, 0) == count
    assert rest[:count] == ARRIVED[-count:]
    with pytest.raises(TimeoutError, match="nothing had come"):
        reader.receive(1, 0, 0)


def in_a_child_and_its_child(call: Callable[[], object]) -> int:
    """As `in_child`, a generation further."""

    def child() -> None:
        assert in_child(call) == 0
        call()

    return in_child(child)


def read_all(endpoint: Endpoint, timeout: int, into_memory: bool) -> bytes:
    if not into_memory:
        return endpoint.reader.receive(SIZE, timeout, 0)
    data = bytearray(SIZE)
    count = endpoint.reader.receive_buffer(memoryview(data), SIZE, timeout)
    return bytes(data[:count])


@pytest.mark.parametrize("timeout", [PATIENCE, -1], ids=["bounded", "unbounded"])
@pytest.mark.parametrize("into_memory", [False, True])
def test_what_a_large_read_of_another_thread_has_got(into_memory: bool, timeout: int) -> None:
    with pair() as (endpoint, peer):
        reader = Background(lambda: read_all(endpoint, timeout, into_memory))
        peer.sendall(ARRIVED)
        until_it_has(endpoint, len(ARRIVED), reader)
        assert in_a_child_and_its_child(lambda: read_what_arrived(endpoint)) == 0
        if not into_memory:
            with pytest.raises(OSError, match="a large read of the socket is under way") as caught:
                endpoint.reader.receive(1, 0, 0)
            assert caught.value.errno == errno.EBUSY  # the parent's thread has it still
        peer.sendall(bytes(SIZE - len(ARRIVED)))
        assert reader.join() == ARRIVED + bytes(SIZE - len(ARRIVED))


@pytest.mark.parametrize("timeout", [PATIENCE, -1], ids=["bounded", "unbounded"])
@pytest.mark.parametrize("into_memory", [False, True])
def test_what_a_large_read_over_tls_has_got(
    server: Context, into_memory: bool, timeout: int
) -> None:
    with tlspair.secured(tlspair.context(), server) as (a, b):
        reader = Background(lambda: read_all(a, timeout, into_memory))
        b.send(ARRIVED, 0, PATIENCE)
        until_it_has(a, len(ARRIVED), reader)
        assert in_a_child_and_its_child(lambda: read_what_arrived(a)) == 0
        b.send(bytes(SIZE - len(ARRIVED)), 0, PATIENCE)
        assert reader.join() == ARRIVED + bytes(SIZE - len(ARRIVED))


class LeftToTheChildError(Exception):
    """Ends the parent's read."""


def test_a_large_read_that_forks_itself() -> None:
    """The child of a signal handler goes on in the middle of it, and has the memory to itself."""
    rest = bytes(SIZE)
    children: list[int] = []

    def fork(*_: object) -> None:
        child = os.fork()
        if child:
            children.append(child)
            raise LeftToTheChildError
        die_soon()
        with pytest.raises(OSError, match="a large read of the socket is under way"):
            endpoint.reader.receive(1, 0, 0)

    def feed() -> None:
        peer.sendall(ARRIVED)
        while not endpoint.reader.came(0).startswith(f"{len(ARRIVED)} bytes"):
            os.sched_yield()
        signal.pthread_kill(main, signal.SIGUSR1)
        peer.sendall(rest)

    main, before = threading.get_ident(), signal.signal(signal.SIGUSR1, fork)
    try:
        with pair() as (endpoint, peer):
            feeder, status = Background(feed), 1
            try:
                got = endpoint.reader.receive(len(ARRIVED) + SIZE, PATIENCE, 0)
                status = 0 if got == ARRIVED + rest else 2
            except LeftToTheChildError:
                status = os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1])
            finally:
                if not children:
                    os._exit(status)
            assert status == 0
            feeder.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


# What a child has a copy of at module level, and why it needs no renewal.

KNOWN = {
    "forks._all": "a registry; one call into C for each use",
    "forks._held": "emptied by its own room, at each fork",
    "lookups._under_way": "renewed by its own room, at each fork",
    "extradata._given_indexes": "a registry; one call into C for each use",
    "extradata._indexes": "a counter; one call into C for each use",
    "tls.bindings.exchanges._exchanges": "a registry; one call into C for each use",
}
CONSTANT = {
    "description._FAMILIES",
    "description._PROTOCOLS",
    "description._TYPES",
    "dialing._SOCK_TYPES",
    "options.NUMBERS",
    "tls.codes._ALERTS",
    "tls.codes._VERDICTS",
    "tls.failures._ADVICE",
    "tls.failures._ALERTS",
    "tls.negotiation._PROTOCOLS",
    "tls.negotiation._VERSIONS",
    "tls.verification._ADVICE",
}
LOCKS = (
    type(threading.Lock()),
    type(threading.RLock()),
    type(system.Lock()),
    system.RLock,
    threading.Condition,
    threading.Semaphore,
    threading.Event,
    threading.Barrier,
    threading.local,
)
MUTABLE = (
    dict,
    list,
    set,
    bytearray,
    deque,
    itertools.count,
    weakref.WeakKeyDictionary,
    weakref.WeakValueDictionary,
    weakref.WeakSet,
)


def modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(nimnet_runtime.__path__, "nimnet_runtime."):
        yield importlib.import_module(info.name)


def state_of(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Every attribute of a module and of its classes, by a name within the package."""
    room = module.__name__.removeprefix("nimnet_runtime.")
    for name, value in vars(module).items():
        if name.startswith("__"):
            continue
        yield f"{room}.{name}", value
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner, attribute in vars(value).items():
                if not inner.startswith(("__", "_abc_", "_field_defaults")):
                    yield f"{room}.{name}.{inner}", attribute


def test_nothing_at_module_level_is_forgotten() -> None:
    """A new lock, counter or registry must be renewed in children, or say here why not."""
    locks, rest = set(), set()
    for module in modules():
        for name, value in state_of(module):
            if isinstance(value, LOCKS):
                locks.add(name)
            elif isinstance(value, MUTABLE):
                rest.add(name)
    assert not locks, "let an object that has an `Heir` have the lock"
    assert rest == KNOWN.keys() | CONSTANT


def test_every_lock_of_an_object_is_renewed() -> None:
    """Whoever makes a lock in its constructor is told of forks, or belongs to who is."""
    told = {
        "descriptor.Direction": "renewed by its descriptor",
        "lookups.Lookup": "left to the parent; who waits for it goes on",
        "tls.handshake.Handshake": "renewed by its stream",
        "tls.pump._Turn": "forgotten by its pump",
        "tls.session.Session": "renewed by its stream",
    }
    for module in modules():
        for name, value in state_of(module):
            if not isinstance(value, type) or hasattr(value, "inside"):
                continue
            if value.__module__ != module.__name__:
                continue
            code = getattr(vars(value).get("__init__"), "__code__", None)
            if code is not None and {"Lock", "RLock", "Condition"} & {*code.co_names}:
                assert name in told


# TLS.


def make_sessions(server: Context, until: threading.Event) -> None:
    client = tlspair.context()
    while not until.is_set():
        with tlspair.ends() as (a, b):
            server.server_stream(b.descriptor)
            with contextlib.suppress(TimeoutError):
                client.wrap_connected_socket(a, CLIENT, "localhost", 0)


def use_tls(client: Context, server: Context, timeout: int) -> None:
    """Shakes hands, both sides in one thread where no call waits."""
    with tlspair.ends() as (a, b):
        if timeout:
            serving = tlspair.in_thread(
                lambda: server.wrap_connected_socket(b, SERVER, "", timeout)
            )
            client.wrap_connected_socket(a, CLIENT, "localhost", timeout)
            serving.result(timeout / 1000)
        else:
            with pytest.raises(TimeoutError):
                client.wrap_connected_socket(a, CLIENT, "localhost", 0)
            with contextlib.suppress(TimeoutError):
                server.wrap_connected_socket(b, SERVER, "", 0)
            a.handshake(0)
            b.handshake(0)
        a.send(b"x", 0, timeout)
        assert b.reader.receive(1, timeout, 0) == b"x"


def test_children_of_a_process_that_makes_sessions(server: Context) -> None:
    """The thread that makes them is somewhere inside of that at each of these forks."""
    client, done = tlspair.context(), threading.Event()
    # OpenSSL has locks of its own, which it takes to look an algorithm up for the first time, and
    # does not renew in children.
    use_tls(client, server, 10_000)
    makers = [tlspair.in_thread(lambda: make_sessions(server, done)) for _ in range(2)]
    try:
        for number in range(60):
            timeout = 10_000 if number % 3 == 0 else 0
            assert in_child(partial(use_tls, client, server, timeout)) == 0
    finally:
        done.set()
    for maker in makers:
        maker.result(20)


def test_an_iteration_without_its_socket_is_told_of_forks(server: Context) -> None:
    with tlspair.secured(tlspair.context(), server) as (a, b):
        endpoint = Endpoint(a.descriptor, a.domain, a.sock_type, a.protocol, True)
        endpoint.secure(server, a.stream)
        told = weakref.ref(endpoint.reader.heirs[0]), weakref.ref(endpoint.reader.heirs[1])
        lines = endpoint.reader.lines(PATIENCE, 0, 99)
        del endpoint
        kept = [heir.inherited for one in told if (heir := one()) is not None]
        assert [type(one).__name__ for one in kept] == ["Descriptor", "TlsStream"]
        b.stream.send(memoryview(b"line\n"), Deadline(PATIENCE))
        assert next(lines) == b"line"


def test_nobody_is_inside_openssl_at_a_fork(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was looked up before: OpenSSL's locks are held again and again while these begin."""
    monkeypatch.setattr(forks, "_PATIENCE", 10)  # however long the machine keeps them from leaving
    client, done = tlspair.context(), threading.Event()
    makers = [tlspair.in_thread(lambda: make_sessions(server, done)) for _ in range(2)]
    try:
        for _ in range(150):
            assert in_child(partial(use_tls, client, server, 0)) == 0
    finally:
        done.set()
    for maker in makers:
        maker.result(20)


def test_a_fork_waits_a_moment_for_all_sessions_together_and_gives_them_back(
    server: Context,
) -> None:
    with contextlib.ExitStack() as stack:
        pairs = [stack.enter_context(tlspair.secured(tlspair.context(), server)) for _ in range(8)]
        streams = [a.stream for a, _ in pairs]
        locks = [stream.inside for stream in streams if isinstance(stream, TlsStream)]
        done = threading.Event()

        def hold(lock: system.RLock) -> None:
            with lock:
                held.release()
                assert done.wait(20)

        held = threading.Semaphore(0)
        holders = [Background(partial(hold, lock)) for lock in locks[1:]]
        for _ in holders:
            assert held.acquire(timeout=20)
        try:
            begin = monotonic()
            assert in_child(lambda: None) == 0
            assert forks._PATIENCE <= monotonic() - begin < 2 * forks._PATIENCE
        finally:
            done.set()
        for holder in holders:
            holder.join()
        for a, b in pairs:
            reader = reading(a)
            b.send(b"x", 0, PATIENCE)
            assert reader.join() == b"x"


def test_a_child_of_a_thread_in_the_middle_of_making_one(server: Context) -> None:
    client = tlspair.context()
    for context in (client, server):
        Background(context.context._birthplace._lock.acquire).join()
    try:
        for timeout in (0, 10_000):
            assert in_child(partial(use_tls, client, server, timeout)) == 0
    finally:
        for context in (client, server):
            context.context._birthplace.forget_other_threads()  # nobody gives it back


def come_back(endpoint: Endpoint, timeout: int) -> None:
    """Every call on a copy of a connection ends, whatever comes of it."""
    calls: list[Callable[[], object]] = [
        lambda: repr(endpoint),
        endpoint.reader.has_data_buffered,
        lambda: endpoint.handshake(timeout),
        lambda: endpoint.send(b"x", 0, timeout),
        lambda: endpoint.reader.receive(1, timeout, 0),
        endpoint.close,
    ]
    told = [tlspair.outcome(call) for call in calls]
    # A new thread may have the number of a lost one, and be taken for it.
    assert not [words for words in told if "a signal handler" in words]
    assert endpoint.closed


@pytest.mark.parametrize("timeout", [0, -1], ids=["now", "unbounded"])
@pytest.mark.parametrize("lock", ["_session.lock", "_handshake.turn", "_closing"])
def test_a_copy_of_a_session_whose_locks_others_have(
    server: Context, lock: str, timeout: int
) -> None:
    with tlspair.secured(tlspair.context(), server) as (a, b):
        b.send(b"x", 0, PATIENCE)  # what an unbounded read of the child will find
        stream = a.stream
        assert isinstance(stream, TlsStream)
        Background(attrgetter(lock)(stream).acquire).join()
        try:
            assert in_child(lambda: come_back(a, timeout)) == 0
        finally:
            stream.forget_other_threads()  # nobody gives it back


@pytest.mark.parametrize("timeout", [0, -1], ids=["now", "unbounded"])
def test_a_copy_of_a_session_that_another_thread_reads_from(server: Context, timeout: int) -> None:
    """It is nobody's turn to read in the child; which of the two gets what comes is no matter."""
    with tlspair.secured(tlspair.context(), server) as (a, b):
        reader = reading(a)

        def child() -> None:
            coming_back = tlspair.in_thread(lambda: come_back(a, timeout))
            while not coming_back.done():
                with contextlib.suppress(OSError, SslError):
                    b.send(b"for whoever is first", 0, 100)
                wait([coming_back], 0.05)
            coming_back.result()

        assert in_child(child) == 0
        b.close()
        with contextlib.suppress(SslError):
            reader.join()


def test_a_copy_of_a_session_that_was_inside_openssl() -> None:
    """Half of an operation is no state to go on from."""
    asked, go_on = threading.Event(), threading.Event()

    def key(_: str) -> tuple[str, bytes]:
        asked.set()
        assert go_on.wait(20)
        return "anna", bytes(32)

    client, server = tlspair.context(), tlspair.context()
    client.client_get_psk_func, server.server_get_psk_func = key, lambda _: bytes(32)

    def child() -> None:
        calls: list[Callable[[], object]] = [
            lambda: a.handshake(-1),
            lambda: a.send(b"x", 0, -1),
            lambda: a.reader.receive(1, -1, 0),
        ]
        for call in calls:
            with pytest.raises(SslError, match="the session is the parent process's"):
                call()
        assert not a.reader.has_data_buffered()
        a.close()

    with tlspair.ends() as (a, b):
        served = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        shaking = tlspair.in_thread(lambda: client.wrap_connected_socket(a, CLIENT, "", PATIENCE))
        assert asked.wait(20)
        assert in_child(child) == 0
        go_on.set()
        shaking.result(20)
        served.result(20)
        a.send(b"still the parent's", 0, PATIENCE)
        assert b.reader.receive(18, PATIENCE, 0) == b"still the parent's"


@pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])
def test_a_server_that_forks_for_each_connection(
    version: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The parent accepts and closes its copy; the child shakes hands, serves and says goodbye."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    identity = authority.issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file, version=version)
    listener = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
    server.wrap_socket(listener)
    listener.bind_addr(0, "127.0.0.1")
    listener.listen(8)
    _, port = listener.get_local_addr()

    def ask() -> bytes:
        endpoint = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
        with contextlib.closing(endpoint):
            client.wrap_socket(endpoint)
            endpoint.connect_within("127.0.0.1", port, PATIENCE)
            endpoint.send(b"question", 0, PATIENCE)
            answer = endpoint.reader.receive(100, PATIENCE, 0)
            assert endpoint.reader.receive(1, PATIENCE, 0) == b""  # a clean end
            return answer

    with contextlib.closing(listener):
        for _ in range(10):
            asking = tlspair.in_thread(ask)
            accepted = listener.accept(0, PATIENCE)
            until_readable(accepted)  # the client's hello is not the parent's to take
            child = os.fork()
            if not child:
                status = 1
                try:
                    die_soon()
                    listener.close()
                    assert accepted.reader.receive(8, PATIENCE, 0) == b"question"
                    accepted.send(b"answer", 0, PATIENCE)
                    accepted.close()
                    status = 0
                finally:
                    os._exit(status)
            accepted.close()
            assert asking.result(20) == b"answer"
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def until_readable(endpoint: Endpoint) -> None:
    Deadline(PATIENCE).wait_readable(endpoint.fileno())
