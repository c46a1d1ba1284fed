"""The programs in `examples/`, each as its user would run it, against the peer it is for."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from harness.authority import Authority, Identity
from harness.nginx import Nginx
from harness.openssl import certified, s_client, s_server
from harness.places import has_ipv6
from harness.programs import RUN_WITHIN, Program, find, run, started, unavailable, wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 30.0


def command(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(EXAMPLES / name), *map(str, arguments)]


def text_of(name: str, *arguments: object, status: int = 0) -> str:
    return run(command(name, *arguments), status=status).decode()


def complaint_of(name: str, *arguments: object) -> tuple[str, str]:
    """Return what a program that fails printed, and what it complained of."""
    done = subprocess.run(
        command(name, *arguments), capture_output=True, text=True, timeout=RUN_WITHIN, check=False
    )
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


@contextlib.contextmanager
def server(folder: Path, name: str, *arguments: object) -> Iterator[tuple[Program, int]]:
    """Run an example that serves; gives it and the port that it chose."""
    with started(command(name, *arguments), folder) as program:
        said = re.compile(r"^listening on port (\d+)$", re.MULTILINE)
        wait_until(program, lambda: said.search(program.output()) is not None)
        found = said.search(program.output())
        assert found
        yield program, int(found[1])


def wait_for(program: Program, text: str) -> None:
    wait_until(program, lambda: text in program.output())


@contextlib.contextmanager
def played(play: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve one connection with `play`; gives the port. What `play` raises fails the test."""
    faults: list[Exception] = []

    def serve() -> None:
        try:
            with listener.accept()[0] as connection:
                connection.settimeout(PATIENCE)
                play(connection)
        except Exception as error:
            faults.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        # A test that fails before it connects waits for nobody.
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()
    if faults:
        raise faults[0]


def line_of(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1)
    return line


# HTTP: h11 over `recv_some`


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_page_of_nginx(nginx: Nginx, host: str, big_body: bytes) -> None:
    if host == "[::1]" and not has_ipv6():
        unavailable("this machine has no IPv6 loopback address")
    port = nginx.port6 if host == "[::1]" else nginx.port
    page = run(command("fetch.py", f"http://{host}:{port}/middle"))
    assert hashlib.sha256(page).digest() == hashlib.sha256(big_body[: 1 << 20]).digest()


def test_a_page_of_nginx_over_tls(nginx: Nginx, authority: Authority) -> None:
    page = text_of(
        "fetch.py", f"https://localhost:{nginx.tls_port}/small", "--ca-file", authority.ca_file
    )
    assert page == "small\r\nbut with lines\n"


def test_a_server_nobody_vouches_for(nginx: Nginx) -> None:
    _, complaint = complaint_of("fetch.py", f"https://localhost:{nginx.tls_port}/small")
    assert complaint.startswith("SslCertificateError: ")


def test_a_page_that_dribbles() -> None:
    def dribble(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)

    with played(dribble) as port:
        begun = time.monotonic()
        _, complaint = complaint_of("fetch.py", f"http://127.0.0.1:{port}/", "--timeout", 500)
        assert complaint.startswith("TimeoutError: ")
        assert "500 ms" in complaint
        assert time.monotonic() - begun < PATIENCE


def test_a_body_that_a_reset_cuts_short_is_no_whole_one() -> None:
    def reset(connection: socket.socket) -> None:
        while line_of(connection) != b"\r\n":
            pass
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf of")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with played(reset) as port:
        printed, complaint = complaint_of("fetch.py", f"http://127.0.0.1:{port}/")
        assert printed == ""
        assert complaint.startswith("ConnectionResetError: ")


# A proxy


def test_a_relay_of_plain_connections_passes_on_each_end(tmp_path: Path) -> None:
    def count(connection: socket.socket) -> None:
        asked = b""
        while piece := connection.recv(65_536):
            asked += piece
        connection.sendall(f"{len(asked)} bytes".encode())

    with (
        played(count) as port,
        server(tmp_path, "relay.py", 0, "127.0.0.1", port) as (_, relay),
        socket.create_connection(("127.0.0.1", relay), PATIENCE) as client,
    ):
        client.sendall(b"x" * 1_000_000)
        client.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").read() == b"1000000 bytes"


def test_a_relay_that_ends_tls_and_begins_it(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    """Client, TLS, relay, plain, relay, TLS, server: the half-close passes through all of it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.cert_file, identity.key_file)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            asked = b""
            while piece := secured.recv(65_536):
                asked += piece
            secured.sendall(f"{len(asked)} bytes".encode())
            secured.unwrap()

    (tmp_path / "near").mkdir()
    (tmp_path / "far").mkdir()
    keys = ("--cert", identity.cert_file, "--key", identity.key_file)
    with (
        played(answer) as port,
        server(
            tmp_path / "far",
            "relay.py",
            *(0, "localhost", port, "--tls", "--ca-file", authority.ca_file),
        ) as (_, far),
        server(tmp_path / "near", "relay.py", 0, "127.0.0.1", far, *keys) as (_, near),
    ):
        client = [
            find("socat"),
            "-t",
            "20",
            "-",
            f"OPENSSL:localhost:{near},cafile={authority.ca_file}",
        ]
        assert run(client, data=b"x" * 5_000) == b"5000 bytes"


def test_a_relay_whose_server_is_gone_ends_the_client(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with (
        server(tmp_path, "relay.py", 0, "127.0.0.1", port) as (program, relay),
        socket.create_connection(("127.0.0.1", relay), PATIENCE) as client,
    ):
        assert client.recv(1) == b""
        wait_until(program, lambda: "no connection to 127.0.0.1: " in program.output())


# Who is there


def test_a_server_logs_its_clients_names(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    alice = authority.issue(common_name="Alice")
    arguments = ("--cert", identity.cert_file, "--key", identity.key_file)
    with server(tmp_path, "known_clients.py", 0, *arguments, "--ca-file", authority.ca_file) as (
        program,
        port,
    ):
        trust = ("-CAfile", authority.ca_file)
        with s_client(port, "-quiet", *trust, *certified(alice)) as client:
            client.type(b"hello\n")
            client.wait_for(b"Alice said hello\n")
        with s_client(port, "-quiet", *trust):
            wait_until(
                program, lambda: "refused" in program.output() or "failed" in program.output()
            )
    assert "admitted Alice" in program.output()


def test_a_pinned_certificate(identity: Identity) -> None:
    """Nobody vouches for it; its fingerprint is all that the client knows."""
    der = identity.certificate.public_bytes(Encoding.DER)
    pin = hashlib.sha256(der).hexdigest()
    with s_server("-rev", *certified(identity)) as peer:
        assert text_of("pinned.py", "127.0.0.1", peer.port, pin) == "olleh\n"
        _, complaint = complaint_of("pinned.py", "127.0.0.1", peer.port, "00" * 32)
        assert pin in complaint


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
def test_a_data_connection_resumes_the_session(
    identity: Identity, authority: Authority, version: ssl.TLSVersion
) -> None:
    """One context of the server's accepts both connections, and tells which was resumed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(identity.cert_file, identity.key_file)

    def control(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            assert secured.recv(100) == b"DATA\n"
            secured.sendall(b"150 come\n")
            secured.recv(1)

    def data(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(
                b"the file\n" if secured.session_reused else b"522 resume the session\n"
            )
            secured.recv(1)

    with played(control) as port, played(data) as data_port:
        printed = text_of(
            "data_connection.py", "localhost", port, data_port, "--ca-file", authority.ca_file
        )
    spoken = str(version.name).replace("_", ".")
    assert printed == f"control: 150 come\n{spoken}, resumed: True\ndata: the file\n"


# Protocols of lines


SMUGGLED = (
    b"EHLO client.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@nimnet.example>\r\nDATA\r\n"
    b"Subject: one\r\n\r\nhello%s.%sMAIL FROM:<admin@nimnet.example>\r\n"
    b"RCPT TO:<b@nimnet.example>\r\nDATA\r\nSubject: forged\r\n\r\nforged\r\n.\r\nQUIT\r\n"
)


@pytest.mark.parametrize("end", [b"\n", b"\r"], ids=["LF", "CR"])
def test_a_command_in_a_message_is_refused(tmp_path: Path, end: bytes) -> None:
    with (
        server(tmp_path, "smtp_receiver.py", 0) as (program, port),
        socket.create_connection(("127.0.0.1", port), PATIENCE) as client,
    ):
        client.sendall(SMUGGLED % (end, end))
        answers = client.makefile("rb").read().splitlines()
    assert [answer[:3] for answer in answers] == [b"220", b"250", b"250", b"250", b"354", b"500"]
    assert "message:" not in program.output()


def test_an_ordinary_message_is_received(tmp_path: Path) -> None:
    with (
        server(tmp_path, "smtp_receiver.py", 0) as (program, port),
        socket.create_connection(("127.0.0.1", port), PATIENCE) as client,
    ):
        client.sendall(SMUGGLED % (b"\r\n", b"\r\n"))
        answers = client.makefile("rb").read().splitlines()
        assert answers[-1] == b"221 goodbye"
        wait_until(program, lambda: program.output().count("message:") == 2)


@pytest.mark.parametrize("password", ["secret", "guess"])
def test_a_login(password: str) -> None:
    def shell(connection: socket.socket) -> None:
        for piece in (b"\xff\xfb\x01Ubuntu 24.04\r\n", b"moon lo", b"gin: "):
            connection.sendall(piece)
        assert line_of(connection) == b"alice\r\n"
        connection.sendall(b"Password: ")
        if line_of(connection) != b"secret\r\n":
            connection.sendall(b"\r\nLogin incorrect\r\nmoon login: ")
            return
        connection.sendall(b"\r\nLast login: yesterday\r\nalice@moon$ ")
        assert line_of(connection) == b"uptime\r\n"
        connection.sendall(b"uptime\r\nup 3 days\r\nalice@moon$ ")

    with played(shell) as port:
        arguments = ("127.0.0.1", port, "alice", password, "uptime")
        if password == "secret":
            printed = text_of("telnet_login.py", *arguments)
            assert printed == "logged in at moon\nuptime\r\nup 3 days\r\n"
        else:
            _, complaint = complaint_of("telnet_login.py", *arguments)
            assert complaint.startswith("PermissionError: ")


def test_many_calls_have_one_deadline() -> None:
    def dribble(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while line_of(connection):
                for byte in b"4\r\nwell":
                    connection.sendall(bytes([byte]))
                    time.sleep(0.01)

    with played(dribble) as port:
        printed, complaint = complaint_of(
            "patient_client.py", "127.0.0.1", port, 1_000, *["how are you?"] * 1_000
        )
    answers = printed.count("well\n")
    assert 0 < answers < 30  # of at least 70 ms each
    assert complaint.startswith(f"{answers} of 1000 answers: ")
    assert "1000 ms" in complaint


def test_a_patient_client_that_is_answered() -> None:
    def answer(connection: socket.socket) -> None:
        for _ in range(3):
            line_of(connection)
            connection.sendall(b"4\r\nwell")

    with played(answer) as port:
        printed = text_of("patient_client.py", "127.0.0.1", port, 20_000, "a", "b", "c")
    assert re.fullmatch(r"(well\n){3}\d+ ms to spare\n", printed)


# Others' sockets


def test_sockets_change_hands() -> None:
    assert text_of("change_hands.py") == (
        "socketserver: greetings, nimnet\n"
        "subprocess:   child of this process\n"
        "asyncio:      one, then ['two', 'three']\n"
    )


def test_two_receivers_of_a_group(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as chosen:
        chosen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        chosen.bind(("127.0.0.1", 0))
        place = ("239.255.77.1", chosen.getsockname()[1])
        with contextlib.ExitStack() as stack:
            receivers = []
            for number in ("one", "two"):
                (tmp_path / number).mkdir()
                argv = command("multicast.py", "listen", *place)
                receivers.append(stack.enter_context(started(argv, tmp_path / number)))
            for receiver in receivers:
                wait_for(receiver, "listening")
            text_of("multicast.py", "send", *place, "hello, all")
            for receiver in receivers:
                wait_for(receiver, "127.0.0.1: hello, all")
                assert receiver.process.wait(PATIENCE) == 0
