"""A proxy that speaks SOCKS 5 and CONNECT on one port, written for the check of effects."""

from __future__ import annotations

import abc
import enum
import logging
import struct
import threading
from collections.abc import Callable
from typing import ClassVar

import nimnet
from nimnet import OPT_REUSE_ADDR, IpAddress, IpAddressFamily, Port, Socket, SslError, raises

PATIENCE = 5_000
PIECE = 65_536
log = logging.getLogger("proxy")


class RequestError(Exception):
    """What a client asks for is no request, or none that is served."""


class ForbiddenError(RequestError):
    """It is not allowed."""


class Outcome(enum.IntEnum):
    """The replies of RFC 1928 section 6."""

    DONE = 0
    FAILED = 1
    FORBIDDEN = 2
    UNREACHABLE = 4
    REFUSED = 5
    UNKNOWN_COMMAND = 7

    @classmethod
    def of(cls, error: Exception) -> Outcome:
        """Returns how a failure is told."""
        match error:
            case ConnectionRefusedError():
                return cls.REFUSED
            case ForbiddenError():
                return cls.FORBIDDEN
            case OSError():
                return cls.UNREACHABLE
            case _:
                return cls.FAILED


class Rules:
    """Which servers may be connected to."""

    def __init__(self, ports: frozenset[int] = frozenset({80, 443})) -> None:
        self._ports = ports

    @raises(ForbiddenError)
    def check(self, host: str, port: Port) -> None:
        """Refuses ports that are not open to clients, and addresses of the machine itself."""
        if port not in self._ports:
            raise ForbiddenError(f"port {port} is not open")
        if not nimnet.is_ip_address(host):
            return
        address = nimnet.parse_ip_address(host)  # type: ignore[raises]  # it is one
        if self._is_local(address):
            raise ForbiddenError(f"{host} is of this machine")

    @staticmethod
    @raises()
    def _is_local(address: IpAddress) -> bool:
        if address.family is IpAddressFamily.IPV4:
            return address.address_v4[0] == 127  # type: ignore[raises]  # it is of IPv4
        return address == nimnet.ipv6_loopback()


class Dialect(abc.ABC):
    """A way in which clients ask for a connection."""

    first: ClassVar[bytes]

    def __init__(self, client: Socket) -> None:
        self.client = client

    @abc.abstractmethod
    @raises(RequestError, OSError, TimeoutError, SslError)
    def asked(self) -> tuple[str, Port]:
        """Reads which server the client wants."""

    @abc.abstractmethod
    @raises(OSError, TimeoutError, SslError)
    def tell(self, outcome: Outcome) -> None:
        """Tells the client what became of that."""

    def exactly(self, size: int) -> bytes:
        data = self.client.recv(size, PATIENCE)
        if len(data) < size:
            raise RequestError("the request is cut off")
        return data


class Socks(Dialect):
    """RFC 1928, without authentication."""

    first = b"\x05"

    @raises(RequestError, OSError, TimeoutError, SslError)
    def asked(self) -> tuple[str, Port]:
        """Reads the greeting and the request."""
        (count,) = self.exactly(1)
        if 0 not in self.exactly(count):
            self.client.send(b"\x05\xff")
            raise RequestError("no way to log in")
        self.client.send(b"\x05\x00")
        _, command, _, kind = self.exactly(4)
        if command != 1:
            self.tell(Outcome.UNKNOWN_COMMAND)
            raise RequestError(f"no command {command}")
        host = self._host(kind)  # type: ignore[raises]  # an address of 16 bytes is one
        (port,) = struct.unpack("!H", self.exactly(2))
        return host, Port(port)  # type: ignore[raises]  # two bytes are at most 65535

    def _host(self, kind: int) -> str:
        match kind:
            case 1:
                return ".".join(map(str, self.exactly(4)))
            case 3:
                (size,) = self.exactly(1)
                return self.exactly(size).decode("ascii", "replace")
            case 4:
                octets = self.exactly(16)
                return str(IpAddress(IpAddressFamily.IPV6, address_v6=octets))
            case _:
                raise RequestError(f"no kind of address {kind}")

    @raises(OSError, TimeoutError, SslError)
    def tell(self, outcome: Outcome) -> None:
        """Sends a reply, with no address in it."""
        self.client.send(bytes((5, outcome, 0, 1)) + bytes(6), timeout=PATIENCE)


class Connect(Dialect):
    """The method CONNECT of HTTP (RFC 9110 section 9.3.6)."""

    first = b"C"

    @raises(RequestError, OSError, TimeoutError, SslError)
    def asked(self) -> tuple[str, Port]:
        """Reads the request line, and headers that nobody needs."""
        words = self.client.recv_until(b"\r\n", timeout=PATIENCE, max_length=1000).split()
        while self.client.recv_until(b"\r\n", timeout=PATIENCE, max_length=8000).strip():
            pass
        match words:
            case [b"ONNECT", target, _]:
                host, _, port = target.decode("ascii", "replace").rpartition(":")
                try:
                    return host.strip("[]"), Port(int(port))
                except ValueError:
                    raise RequestError(f"no port: {port!r}") from None
            case _:
                raise RequestError("no request")

    @raises(OSError, TimeoutError, SslError)
    def tell(self, outcome: Outcome) -> None:
        """Sends an answer."""
        status = "200 OK" if outcome is Outcome.DONE else f"502 {outcome.name}"
        self.client.send(f"HTTP/1.1 {status}\r\n\r\n".encode(), timeout=PATIENCE)


def pump(source: Socket, target: Socket) -> None:
    while data := source.recv_some(PIECE):
        target.send(data)
    target.send_eof()


@raises()
def pumped(source: Socket, target: Socket) -> None:
    """Passes on one direction until it ends; a failure ends both."""
    try:
        pump(source, target)
    except (OSError, SslError) as error:
        log.info("a direction ended: %s", error)
        for each in (source, target):
            closed(each.close)


@raises()
def closed(close: Callable[[], None]) -> None:
    """Closes something that may be closed badly."""
    try:
        close()
    except OSError:
        log.exception("not closed")


class Proxy:
    """Serves clients of a listening socket."""

    dialects: ClassVar[tuple[type[Dialect], ...]] = (Socks, Connect)

    def __init__(self, listener: Socket, rules: Rules) -> None:
        self._listener = listener
        self._rules = rules

    @raises(RequestError, OSError, TimeoutError, SslError)
    def _dialect(self, client: Socket) -> Dialect:
        first = client.recv(1, PATIENCE)
        for dialect in self.dialects:
            if dialect.first == first:
                return dialect(client)
        raise RequestError(f"no protocol begins with {first!r}")

    @raises(RequestError, OSError, TimeoutError, SslError)
    def _converse(self, client: Socket) -> None:
        dialect = self._dialect(client)
        host, port = dialect.asked()
        try:
            self._rules.check(host, port)
            server = nimnet.dial(host, port, timeout=PATIENCE, safe_disconn=False)
        except (ForbiddenError, OSError, SslError) as error:
            dialect.tell(Outcome.of(error))
            raise
        with server:
            dialect.tell(Outcome.DONE)
            back = threading.Thread(target=pumped, args=(server, client))
            try:
                back.start()
            except RuntimeError as error:
                raise RequestError("no thread is left") from error
            pumped(client, server)
            back.join()

    @raises()
    def serve(self, client: Socket) -> None:
        """Serves one client to its end."""
        try:
            with client:
                self._converse(client)
        except RequestError as error:
            log.info("refused: %s", error)
        except (OSError, SslError) as error:
            log.info("lost: %s", error)

    @raises(OSError, SslError)
    def run(self) -> None:
        """Serves until the listener fails, or is closed."""
        while True:
            client, address = self._listener.accept_addr()
            log.info("client %s", address)
            try:
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()
            except RuntimeError:
                log.exception("no thread is left for it")
                closed(client.close)


@raises(OSError, SslError, ValueError)
def main(port: int = 1080) -> None:
    """Serves on the loopback address."""
    with nimnet.new_socket(safe_disconn=False) as listener:
        listener.set_sock_opt(OPT_REUSE_ADDR, True)
        listener.bind_addr(Port(port), "127.0.0.1")
        listener.listen()
        Proxy(listener, Rules()).run()
