"""The programs in `examples/`, each as its user would run it, against the peer it is for."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import re
import signal
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
from harness.openssl import Openssl, certified, s_client, s_server
from harness.places import has_ipv6
from harness.programs import RUN_WITHIN, Program, find, run, started, unavailable, wait_until
from harness.redis import Redis

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
    """The next line, with its end; an `EOFError` where there is none, so that no loop goes on."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise EOFError(f"the client has closed after {line!r}")
        line += byte
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


# Functions that declare what they raise

MAIL_SERVER = Path(__file__).resolve().parents[1] / "harness" / "mail_server.py"
MESSAGE = b"Subject: dots\n\n.\n..\nTo be continued.\r\nlast"


@contextlib.contextmanager
def mail_server(folder: Path, identity: Identity, ways: str) -> Iterator[tuple[Program, int]]:
    keys = (identity.cert_file, identity.key_file)
    with server(folder, str(MAIL_SERVER), *keys, ways) as served:
        yield served


def mailed(
    port: int,
    *arguments: str,
    data: bytes = MESSAGE,
    to: str | tuple[str, ...] = "b@example.org",
    password: str = "secret",
) -> subprocess.CompletedProcess[str]:
    """Send a message to a server with the example."""
    recipients = (to,) if isinstance(to, str) else to
    done = subprocess.run(
        command("smtp_client.py", "localhost", port, "a@example.org", *recipients, *arguments),
        input=data,
        capture_output=True,
        timeout=RUN_WITHIN,
        env={**os.environ, "SMTP_PASSWORD": password},
        check=False,
    )
    said, complaint = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in complaint
    return subprocess.CompletedProcess(done.args, done.returncode, said, complaint)


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
def test_mail_is_delivered_to_a_real_server(
    tmp_path: Path, identity: Identity, authority: Authority, way: str
) -> None:
    with mail_server(tmp_path, identity, way) as (program, port):
        trust = ("--user", "anna", "--ca-file", authority.ca_file)
        done = mailed(port, *trust, to=("b@example.org", "nobody@example.org"))
        assert (done.returncode, done.stdout) == (1, "delivered to 1\n")
        assert "refused: nobody@example.org: 550 5.1.1 there is nobody" in done.stderr
        wait_for(program, "}\n")
        (received,) = re.findall(r"^\{.*\}$", program.output(), re.MULTILINE)
    assert f"login by {way}" in program.output()
    assert json.loads(received) == {
        "from": "a@example.org",
        "to": ["b@example.org"],
        "content": "Subject: dots\r\n\r\n.\r\n..\r\nTo be continued.\r\nlast\r\n",
        "tls": True,
    }


@pytest.mark.parametrize(
    ("password", "to", "trusted", "status", "complaint"),
    [
        ("guess", "b@example.org", True, 1, "AUTH PLAIN was refused: 535 5.7.8 "),
        ("secret", "nobody@example.org", True, 1, "all recipients were refused: 550 5.1.1 "),
        ("secret", "a@b>\nRCPT", True, 2, "is no address of ASCII characters"),
        ("secret", "b@example.org", False, 1, "SslCertificateError: "),
    ],
    ids=["password", "recipient", "address", "certificate"],
)
def test_mail_that_is_not_delivered(
    tmp_path: Path,
    identity: Identity,
    authority: Authority,
    password: str,
    to: str,
    trusted: bool,
    status: int,
    complaint: str,
) -> None:
    with mail_server(tmp_path, identity, "PLAIN,LOGIN") as (program, port):
        trust = ("--ca-file", authority.ca_file) if trusted else ()
        done = mailed(port, "--user", "anna", *trust, to=to, password=password)
    assert (done.returncode, done.stdout) == (status, "")
    assert complaint in done.stderr
    assert "}\n" not in program.output()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"220-mail.example\r\n220 ready\r\n250 mail.example\r\n", "the server has no STARTTLS"),
        (
            b"220 ready\r\n250-mail.example\r\n250 STARTTLS\r\n220 go\r\n250 AUTH PLAIN\r\n",
            "something came between STARTTLS and TLS",
        ),
        (b"220 rea", "the connection has ended"),
        (b"HTTP/1.1 400 Bad Request\r\n", "no reply begins like this: b'HTTP/1.1 400 Bad Req'"),
        (b"2_0 ready\r\n", "no reply begins like this: b'2_0 ready\\r\\n'"),
        (b"220-mail.example\r\n250 ready\r\n", "a reply has several codes: 220, 250"),
        (b"354 go on\r\n", "the connection was refused: 354 go on"),
        (b"220-still\r\n" * 200, "a reply does not end"),
    ],
    ids=["no-tls", "injected", "ended", "http", "number", "codes", "kind", "endless"],
)
def test_what_is_no_good_server_of_mail(said: bytes, complaint: str) -> None:
    def play(connection: socket.socket) -> None:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while connection.recv(1_000):
                pass

    with played(play) as port:
        done = mailed(port)
    assert (done.returncode, done.stderr) == (1, f"not delivered: {complaint}\n")


def test_a_server_that_takes_data_for_a_command_gets_no_message(
    identity: Identity, authority: Authority
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.cert_file, identity.key_file)
    heard: list[bytes] = []

    def play(connection: socket.socket) -> None:
        connection.sendall(b"220 ready\r\n")
        line_of(connection)
        connection.sendall(b"250-mail.example\r\n250 STARTTLS\r\n")
        line_of(connection)
        connection.sendall(b"220 go\r\n")
        with (
            context.wrap_socket(connection, server_side=True) as secured,
            contextlib.suppress(EOFError, OSError),
        ):
            while True:
                heard.append(line_of(secured))
                secured.sendall(b"250 well\r\n")

    with played(play) as port:
        done = mailed(port, "--ca-file", authority.ca_file)
    assert (done.returncode, done.stderr) == (1, "not delivered: DATA was refused: 250 well\n")
    assert heard[-1] == b"DATA\r\n"


def test_a_server_of_mail_that_dribbles() -> None:
    def dribble(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"220-wait\r\n")
                time.sleep(0.05)

    with played(dribble) as port:
        done = mailed(port, "--timeout", "500")
    assert done.returncode == 1
    assert done.stderr.startswith("not delivered: TimeoutError: ")


def redis_said(port: int, commands: str, *arguments: str, status: int = 0) -> tuple[str, str]:
    """Run commands with the example; returns what it printed, and what it complained of."""
    done = subprocess.run(
        command("redis_client.py", "127.0.0.1", port, *arguments),
        input=commands,
        capture_output=True,
        text=True,
        timeout=RUN_WITHIN,
        check=False,
    )
    assert done.returncode == status, done
    return done.stdout, done.stderr


def test_a_pipeline_of_a_real_redis(own_redis: Redis) -> None:
    commands = """\
        SET greeting 'hello, world'
        GET greeting
        GET nothing
        INCR count
        INCR greeting
        RPUSH list one two three
        LRANGE list 0 -1
        LRANGE none 0 -1
        EVAL "return {1, {'two', redis.error_reply('THREE no')}, false}" 0
        ECHO end
        """
    printed, _ = redis_said(own_redis.port, commands)
    assert printed.splitlines() == [
        "OK",
        "hello, world",
        "(nil)",
        "1",
        "(error) ERR value is not an integer or out of range",
        "3",
        "[one, two, three]",
        "[]",
        "[1, [two, (error) THREE no], (nil)]",
        "end",
    ]


def test_ten_thousand_commands_of_a_real_redis(own_redis: Redis) -> None:
    printed, _ = redis_said(own_redis.port, "INCR count\n" * 10_000)
    assert printed.splitlines() == [str(number) for number in range(1, 10_001)]


def test_a_redis_that_is_slow_wants_a_password_or_is_not_there(own_redis: Redis) -> None:
    _, complaint = redis_said(own_redis.port, "BLPOP none 30", "--timeout", "200", status=1)
    assert complaint.startswith("TimeoutError: ")
    redis_said(own_redis.port, "CONFIG SET requirepass secret")
    _, complaint = redis_said(own_redis.port, "GET greeting", status=1)
    assert complaint == "ErrorReplyError: NOAUTH Authentication required.\n"
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    _, complaint = redis_said(port, "GET greeting", status=1)
    assert complaint.startswith("BrokenError: no connection to 127.0.0.1: ")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"$5\r\nhello", "a value of 5 bytes does not end where it should"),
        (b"$6\r\nhello\r\n+\r\n", "a value of 6 bytes does not end where it should"),
        (b"$1099511627776\r\n", "1099511627776 is no size from -1 to 536870912"),
        (b":1_\r\n", "this is no number: b'1_'"),
        (b"*1\r\n" * 17, "no value begins like this: b'*1'"),
        (b"", "the server has closed"),
    ],
    ids=["cut", "size", "huge", "number", "deep", "closed"],
)
def test_what_is_no_redis(said: bytes, complaint: str) -> None:
    def play(connection: socket.socket) -> None:
        line_of(connection)
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while connection.recv(1_000):
                pass

    with played(play) as port:
        assert redis_said(port, "", status=1) == ("", f"BrokenError: {complaint}\n")


INTERRUPTED = """\
import signal, sys
import redis_client
from nimnet import Port

signal.signal(signal.SIGINT, signal.default_int_handler)
with redis_client.connected("127.0.0.1", Port(int(sys.argv[1]))) as redis:
    try:
        redis.command("GET", "secret of somebody else")
    except KeyboardInterrupt:
        try:
            redis.command("GET", "greeting")
        except redis_client.BrokenError as error:
            print(error)
"""


def test_a_pipeline_that_is_interrupted_leaves_no_reply_to_the_next() -> None:
    clients: queue.SimpleQueue[int] = queue.SimpleQueue()

    def play(connection: socket.socket) -> None:
        line_of(connection)
        os.kill(clients.get(timeout=PATIENCE), signal.SIGINT)
        while connection.recv(1_000):
            pass

    with (
        played(play) as port,
        subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, str(port)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=EXAMPLES,
        ) as client,
    ):
        clients.put(client.pid)
        printed, _ = client.communicate(timeout=RUN_WITHIN)
    assert printed == "the conversation is over: a pipeline was interrupted\n"


@contextlib.contextmanager
def guest(port: int, nickname: str, authority: Authority) -> Iterator[Openssl]:
    """Enter the chat with OpenSSL's client."""
    trust = ("-verify_return_error", "-CAfile", authority.ca_file)
    with s_client(port, "-quiet", *trust) as client:
        client.wait_for(b"* your nickname?")
        client.type(nickname.encode() + b"\n")
        client.wait_for(f"* {nickname} is here".encode())
        yield client


@contextlib.contextmanager
def chat(folder: Path, identity: Identity) -> Iterator[tuple[Program, int]]:
    keys = ("--cert", identity.cert_file, "--key", identity.key_file)
    with server(folder, "chat_server.py", 0, *keys) as served:
        yield served


def test_a_chat(tmp_path: Path, identity: Identity, authority: Authority) -> None:
    with (
        chat(tmp_path, identity) as (program, port),
        guest(port, "anna", authority) as anna,
        guest(port, "bob", authority) as bob,
    ):
        anna.wait_for(b"* bob is here")
        anna.type("hi \x1b[1mall, schön\n".encode())
        bob.wait_for("<anna> hi [1mall, schön\r\n".encode())
        anna.wait_for("<anna> hi [1mall, schön\r\n".encode())
        bob.type(b"/who\n")
        bob.wait_for(b"* here are anna, bob\r\n")
        bob.type(b"/quit too late\n")
        bob.wait_for(b"* goodbye\r\n")
        anna.wait_for(b"* bob has left: too late\r\n")
        assert bob.program.process.wait(PATIENCE) == 0
        anna.program.stop()
        wait_for(program, "* anna has left: ")


def test_a_nickname_is_one_guests_alone(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    with (
        chat(tmp_path, identity) as (_, port),
        guest(port, "anna", authority),
        s_client(port, "-quiet", "-CAfile", authority.ca_file) as other,
    ):
        other.wait_for(b"* your nickname?")
        other.type(b"ANNA\n")
        other.wait_for(b"* ANNA is there already; your nickname?")
        other.type(b"a n n a\n")
        other.wait_for(b"* a nickname is 1 to 20 letters, digits and underscores")
        other.type(b"anne\n")
        other.wait_for(b"* anne is here")


def test_what_one_guest_does_ends_nobody_elses_chat(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    with (
        chat(tmp_path, identity) as (program, port),
        guest(port, "anna", authority) as anna,
        guest(port, "bob", authority) as bob,
    ):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            wait_for(program, "not introduced: ")
        bob.type(b"x" * 5_000 + b"\n")
        anna.wait_for(b"* bob has left: talks too much")
        with guest(port, "bob", authority) as again:
            anna.type(b"welcome back\n")
            again.wait_for(b"<anna> welcome back")


CROWD = """\
import nimnet
from chat_server import Room

room, lost = Room(), nimnet.new_socket()
lost.close()
room._members.update((str(number), lost) for number in range(2_000))
room.say("hello")
assert not room.names()
"""


def test_a_crowd_that_is_lost_at_once_takes_nobody_along() -> None:
    said = run([sys.executable, "-c", CROWD], cwd=EXAMPLES).decode().splitlines()
    assert said[0] == "hello"
    assert (
        len([line for line in said if " has left: [Errno 9] the socket is closed" in line]) == 2_000
    )


def test_a_chat_ends_for_everybody(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    with (
        chat(tmp_path, identity) as (program, port),
        guest(port, "anna", authority) as anna,
        socket.create_connection(("127.0.0.1", port), PATIENCE),  # of whom nothing comes
    ):
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(PATIENCE) == 0
        anna.wait_for(b"* the server ends here\r\n")
        assert anna.program.process.wait(PATIENCE) == 0
    assert "Traceback" not in program.output()


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
        with contextlib.suppress(OSError, EOFError):
            while True:
                line_of(connection)
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
