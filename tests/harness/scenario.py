"""The stage of a generated scenario: a socket of nimnet, ready for the steps, and its peer."""

from __future__ import annotations

import contextlib
import functools
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Literal, TypeAlias, overload

import nimnet

from harness import places
from harness.actions import Action
from harness.credentials import Certificate, Credentials
from harness.peer import Given, Peer
from harness.places import PATIENCE
from harness.resolver import Answer, answering_for

_MILLISECONDS: Final = int(PATIENCE * 1000)

_WithSubject: TypeAlias = Literal[
    "connection", "accepted", "server", "client", "unwrapped", "unsecured", "datagrams"
]


class Place(Credentials):
    """The names that the steps of a scenario can use: the peer's, in the types of nimnet."""

    def __init__(self, peer: Peer) -> None:
        """Shows a peer."""
        self._peer = peer

    def signal(self, name: str) -> None:
        """Let the script's `WaitFor(name)` go on."""
        self._peer.signal(name)

    @property
    def host(self) -> str:
        """The peer's IP address: where it listens, or its own end; its path for Unix."""
        return self._peer.host

    @property
    def port(self) -> nimnet.Port:
        """The port that belongs to `host`."""
        return nimnet.Port(self._peer.port)

    @property
    def path(self) -> str:
        """The peer's path on a Unix transport; empty on others."""
        return self._peer.path

    @property
    def own_host(self) -> str:
        """The address that the subject is bound to; its path for Unix."""
        return self._peer.own_host

    @property
    def own_port(self) -> nimnet.Port:
        """The port that the subject is bound to."""
        return nimnet.Port(self._peer.own_port)

    @property
    def fresh_path(self) -> str:
        """A path for a Unix socket, at which there is nothing yet."""
        return self._peer.fresh_path

    @property
    def abstract_name(self) -> str:
        """A name for a Unix socket of Linux's abstract namespace, which nobody else has."""
        return self._peer.abstract_name

    @property
    def closed_port(self) -> nimnet.Port:
        """A port at which nobody listens."""
        return nimnet.Port(self._peer.closed_port)

    @property
    def full_port(self) -> nimnet.Port:
        """A port at which the queue is full, so that who connects to it waits."""
        return nimnet.Port(self._peer.full_port)

    @property
    def descriptor(self) -> nimnet.SocketHandle:
        """A blocking descriptor that is connected to the peer; the step that takes it owns it."""
        return nimnet.SocketHandle(self._peer.descriptor)

    @functools.cached_property
    def python_socket(self) -> socket.socket:
        """The same as a socket of Python's."""
        return socket.socket(fileno=self._peer.descriptor)


@overload
def stage(
    given: _WithSubject,
    transport: str,
    *,
    buffered: bool,
    script: Sequence[Action] = (),
    certificate: Certificate = "valid",
    names: Mapping[str, Answer] | None = None,
) -> AbstractContextManager[tuple[nimnet.Socket, Place]]: ...
@overload
def stage(
    given: Literal["descriptor"],
    transport: str,
    *,
    buffered: bool | None = None,
    script: Sequence[Action] = (),
    names: Mapping[str, Answer] | None = None,
) -> AbstractContextManager[tuple[None, Place]]: ...
@overload
def stage(
    given: Literal["nothing"], *, names: Mapping[str, Answer] | None = None
) -> AbstractContextManager[tuple[None, Place]]: ...
def stage(
    given: Given,
    transport: str | None = None,
    *,
    buffered: bool | None = None,
    script: Sequence[Action] = (),
    certificate: Certificate = "valid",
    names: Mapping[str, Answer] | None = None,
) -> AbstractContextManager[tuple[nimnet.Socket | None, Place]]:
    """Make ready what a scenario begins with, and its peer.

    At the end the peer must have played its script; the subject is closed then, if no step did.

    Args:
        given: What is ready.
        transport: What the scenario runs on.
        buffered: Whether the subject is buffered.
        script: What the peer does.
        certificate: What the peer shows as a server.
        names: What the resolver answers for these host names, in place of the system's.
    """
    return _staged(given, transport, buffered is not False, script, certificate, names or {})


@contextmanager
def _staged(
    given: Given,
    transport: str | None,
    buffered: bool,
    script: Sequence[Action],
    certificate: Certificate,
    names: Mapping[str, Answer],
) -> Iterator[tuple[nimnet.Socket | None, Place]]:
    with (
        Peer(given, transport, script, certificate) as peer,
        contextlib.ExitStack() as owned,
        answering_for(names),
    ):
        for answer in names.values():
            for address in answer.full:
                places.overfull(owned, address, peer.port)
        yield _subject(peer, buffered, owned), Place(peer)
        peer.finish()


def _subject(peer: Peer, buffered: bool, owned: contextlib.ExitStack) -> nimnet.Socket | None:
    if peer.given in ("nothing", "descriptor"):
        return None
    fresh = owned.enter_context(_new_socket(peer.transport, buffered))
    match peer.given:
        case "connection":
            _wrapped(fresh, peer.transport, server=False)
            _connect(fresh, peer)
            peer.connected()
        case "client":
            _wrapped(fresh, peer.transport, server=False)
        case "unsecured":
            _connect(fresh, peer)
        case "server":
            _listen(fresh, peer)
        case "accepted":
            _listen(fresh, peer)
            return owned.enter_context(fresh.accept(timeout=_MILLISECONDS))
        case "datagrams":
            _bind(fresh, peer)
    return fresh


def _new_socket(transport: str, buffered: bool) -> nimnet.Socket:
    if transport == "unix":
        return nimnet.new_socket(nimnet.AF_UNIX, nimnet.SOCK_STREAM, nimnet.IPPROTO_IP, buffered)
    if transport.startswith("udp"):
        domain = nimnet.AF_INET6 if transport == "udp6" else nimnet.AF_INET
        return nimnet.new_socket(domain, nimnet.SOCK_DGRAM, nimnet.IPPROTO_UDP, buffered)
    domain = nimnet.AF_INET6 if transport == "tcp6" else nimnet.AF_INET
    return nimnet.new_socket(domain, nimnet.SOCK_STREAM, nimnet.IPPROTO_TCP, buffered)


def _connect(subject: nimnet.Socket, peer: Peer) -> None:
    if peer.path:
        subject.connect_unix(peer.path, timeout=_MILLISECONDS)
    else:
        subject.connect(peer.host, nimnet.Port(peer.port), timeout=_MILLISECONDS)


def _listen(subject: nimnet.Socket, peer: Peer) -> None:
    _wrapped(subject, peer.transport, server=True)
    _bind(subject, peer, listens=True)


def _bind(subject: nimnet.Socket, peer: Peer, *, listens: bool = False) -> None:
    if peer.transport == "unix":
        subject.bind_unix(peer.subject_path)
    else:
        six = peer.transport.endswith("6")
        subject.bind_addr(address="::1" if six else "127.0.0.1")
    if listens:
        subject.listen()
    host, port = subject.get_local_addr()
    peer.reach(host, port)


def _wrapped(subject: nimnet.Socket, transport: str, *, server: bool) -> None:
    """Make a TLS socket of the subject where the transport is one; the peer pins the version."""
    if transport.startswith(("tls", "psk")):
        _context(transport[:3], server).wrap_socket(subject)


@functools.cache
def _context(kind: str, server: bool) -> nimnet.SslContext:
    known = Credentials()
    if kind == "tls" and server:
        return nimnet.new_context(cert_file=known.cert_file, key_file=known.key_file)
    context = nimnet.new_context(ca_file="" if server else known.ca_file)
    if kind == "psk" and server:
        context.server_get_psk_func = {known.psk_identity: known.psk_key}.__getitem__
        context.psk_identity_hint = known.psk_hint
    elif kind == "psk":
        context.client_get_psk_func = lambda _hint: (known.psk_identity, known.psk_key)
    return context
