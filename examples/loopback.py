"""A live demonstration over loopback: real sockets, real deadlines, and what each step did.

Run it with `make run`, or with `python examples/loopback.py` where nimnet is installed.
"""

from __future__ import annotations

import datetime
import ipaddress
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nimnet
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from nimnet import (
    AF_INET,
    AF_UNIX,
    C_VERIFY_NONE,
    HANDSHAKE_AS_CLIENT,
    IPPROTO_IP,
    IPPROTO_UDP,
    OPT_REUSE_ADDR,
    SOCK_DGRAM,
    SOCK_STREAM,
    Port,
    Socket,
    SslContext,
)

LOOPBACK = "127.0.0.1"


def say(text: str) -> None:
    """Print one line of what happened."""
    print(f"  {text}")


def serve(server: Socket, session: Callable[[Socket], None]) -> threading.Thread:
    """Accept one connection in a thread, give it to `session`, and close it."""

    def accept_one() -> None:
        with server.accept(timeout=10_000) as connection:
            try:
                session(connection)
            except nimnet.SslError as error:
                say(f"server:    {error}")

    thread = threading.Thread(target=accept_one)
    thread.start()
    return thread


def listening(context: SslContext | None = None) -> Socket:
    """Return a TCP socket that listens on a free loopback port, with TLS if it has a context."""
    server = nimnet.new_socket()
    if context is not None:
        context.wrap_socket(server)
    server.set_sock_opt(OPT_REUSE_ADDR, True)
    server.bind_addr(Port(0), LOOPBACK)
    server.listen()
    return server


def shout(connection: Socket) -> None:
    """Answer each line in capitals, until the client ends the stream."""
    for line in connection.lines(timeout=10_000):
        connection.send(line.upper() + b"\r\n")


def tcp_lines() -> None:
    """A line server and its client; the three line ends are one."""
    with listening() as server:
        address, port = server.get_local_addr()
        thread = serve(server, shout)
        with nimnet.dial(address, port, timeout=5_000) as client:
            say(f"connected: {client!r}")
            client.send(b"carriage return and line feed\r\nline feed\nlast\n")
            for _ in range(3):
                say(f"answer:    {client.recv_line(timeout=5_000)!r}")
        thread.join()


def deadline() -> None:
    """A peer that dribbles cannot stretch a timeout, and what arrived is not lost."""
    go_on = threading.Event()

    def dribble(connection: Socket) -> None:
        for byte in b"slow":
            connection.send(bytes([byte]))
            time.sleep(0.05)
        go_on.wait(10)
        connection.send(b" but whole\n")

    with listening() as server:
        address, port = server.get_local_addr()
        thread = serve(server, dribble)
        with nimnet.dial(address, port, timeout=5_000) as client:
            began = time.monotonic()
            try:
                client.recv_line(timeout=300)
            except nimnet.TimeoutError as error:
                say(f"after {(time.monotonic() - began) * 1000:.0f} ms: {error}")
            go_on.set()
            say(f"the next call still has every byte: {client.recv_line(timeout=5_000)!r}")
        thread.join()


def udp_datagrams() -> None:
    """Two UDP sockets, one datagram each way."""
    with (
        nimnet.new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) as first,
        nimnet.new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) as second,
    ):
        for socket in (first, second):
            socket.bind_addr(Port(0), LOOPBACK)
        _, port = second.get_local_addr()
        first.send_to(LOOPBACK, port, b"status")
        data, address, sender = second.recv_from(1024, timeout=5_000)
        say(f"got {data!r} from {address}:{sender}")
        second.send_to(address, sender, b"all well")
        say(f"got {first.recv_from(1024, timeout=5_000)[0]!r} back")


def unix_stream() -> None:
    """The same calls over a Unix socket: exactly as many bytes as asked for."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "demonstration.sock"))
        with (
            nimnet.new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP) as server,
            nimnet.new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP) as client,
        ):
            server.bind_unix(path)
            server.listen()
            thread = serve(server, lambda connection: connection.send(b"x" * 1_000_000))
            client.connect_unix(path, timeout=5_000)
            say(f"recv(600000) gave {len(client.recv(600_000, 5_000))} bytes")
            say(f"skip(1000000) then found {client.skip(1_000_000, 5_000)} and the end")
            thread.join()


def certificate_for_loopback(folder: str) -> tuple[str, str]:
    """Write a certificate for 127.0.0.1 that vouches for itself, and its key; return the paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "demonstration")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = Path(folder, "cert.pem"), Path(folder, "key.pem")
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(cert_file), str(key_file)


def tls() -> None:
    """TLS with a verified certificate; a client that does not trust it is refused a connection."""
    with tempfile.TemporaryDirectory() as folder:
        cert_file, key_file = certificate_for_loopback(folder)
        server_side = nimnet.new_context(
            verify_mode=C_VERIFY_NONE, cert_file=cert_file, key_file=key_file
        )
        with listening(server_side) as server:
            _, port = server.get_local_addr()
            thread = serve(server, shout)
            with nimnet.new_socket() as client:
                nimnet.new_context(ca_file=cert_file).wrap_socket(client)
                client.connect(LOOPBACK, port, timeout=5_000)
                client.send(b"certificate and address verified\n")
                say(f"answer:    {client.recv_line(timeout=5_000)!r}")
            thread.join()
            thread = serve(server, shout)
            with nimnet.dial(LOOPBACK, port, timeout=5_000) as client:
                try:
                    nimnet.new_context().wrap_connected_socket(
                        client, HANDSHAKE_AS_CLIENT, LOOPBACK, timeout=5_000
                    )
                except nimnet.SslError as error:
                    say(f"client:    {error}")
            thread.join()


def tls_psk() -> None:
    """TLS with a pre-shared key in place of certificates, known to both by an identity."""
    keys = {"sensor 7": bytes(range(32))}
    server_side = nimnet.new_context(verify_mode=C_VERIFY_NONE)
    server_side.server_get_psk_func = lambda identity: keys.get(identity, b"")
    client_side = nimnet.new_context()
    client_side.client_get_psk_func = lambda _hint: ("sensor 7", keys["sensor 7"])

    def greet(connection: Socket) -> None:
        connection.handshake(timeout=5_000)
        connection.send(f"hello {connection.get_psk_identity()}\n".encode())

    with listening(server_side) as server:
        _, port = server.get_local_addr()
        thread = serve(server, greet)
        with nimnet.new_socket() as client:
            client_side.wrap_socket(client)
            client.connect(LOOPBACK, port, timeout=5_000)
            say(f"answer:    {client.recv_line(timeout=5_000)!r}")
        thread.join()


def refusals() -> None:
    """What goes wrong is one of the declared exceptions, and says what to do."""
    with nimnet.new_socket() as socket:
        for call in (
            lambda: Port(70_000),
            lambda: socket.connect("bad\0host", Port(80)),
            lambda: socket.recv(-1),
            lambda: nimnet.parse_ip_address("127.0.0.01"),
            lambda: nimnet.new_socket(AF_UNIX),
        ):
            try:
                call()
            except (OSError, ValueError) as error:
                say(f"{type(error).__name__}: {error}")


def main() -> None:
    """Run every part."""
    for part in (tcp_lines, deadline, udp_datagrams, unix_stream, tls, tls_psk, refusals):
        summary, _, _ = (part.__doc__ or "").partition("\n")
        print(f"{part.__name__}: {summary}")
        part()
    print("done: every byte above went through the kernel's loopback")


if __name__ == "__main__":
    main()
