"""`examples/patient_client.py`: many calls with one deadline."""

from __future__ import annotations

import contextlib
import re
import socket
import time

from harness.examples import complaint_of, line_of, played, text_of


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
