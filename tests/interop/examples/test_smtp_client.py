"""`examples/smtp_client.py`: functions that declare what they raise."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.authority import Authority, Identity
from harness.examples import ended, line_of, played, server, wait_for
from harness.programs import Program

MAIL_SERVER = Path(__file__).resolve().parents[2] / "harness" / "mail_server.py"
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
    return ended(
        "smtp_client.py",
        "localhost",
        port,
        "a@example.org",
        *recipients,
        *arguments,
        given=data,
        SMTP_PASSWORD=password,
    )


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
