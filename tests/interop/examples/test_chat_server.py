"""`examples/chat_server.py`: many clients over TLS, each with a thread."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.authority import Authority, Identity
from harness.examples import EXAMPLES, PATIENCE, server, wait_for
from harness.openssl import Openssl, s_client
from harness.programs import Program, run


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
