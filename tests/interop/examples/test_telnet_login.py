"""`examples/telnet_login.py`: a dialogue by `expect`."""

from __future__ import annotations

import socket

import pytest
from harness.examples import complaint_of, line_of, played, text_of


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
