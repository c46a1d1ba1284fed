"""`examples/smtp_receiver.py`: no line but one that ends with CR LF."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from harness.examples import PATIENCE, server
from harness.programs import wait_until

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
