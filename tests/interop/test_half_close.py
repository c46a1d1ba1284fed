"""The end of this side, to programs that answer only after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.authority import Authority, Identity
from harness.socat import answers_at_the_end
from interop.secured import PATIENCE, TLS_1_2, TLS_1_3, Version, pinned
from nimnet import IPPROTO_TCP, Port, dial, new_context

LINES = [b"%07d" % number for number in range(100_000)]
BUFFERED = pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])


@BUFFERED
def test_plain(buffered: bool, tmp_path: Path) -> None:
    with (
        answers_at_the_end(tmp_path) as port,
        dial("127.0.0.1", Port(port), IPPROTO_TCP, buffered, timeout=PATIENCE) as socket,
    ):
        socket.send(b"".join(line + b"\n" for line in LINES), timeout=PATIENCE)
        socket.send_eof(PATIENCE)
        assert list(socket.lines(timeout=PATIENCE)) == LINES[::-1]


@BUFFERED
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_tls(
    version: Version, buffered: bool, identity: Identity, authority: Authority, tmp_path: Path
) -> None:
    """Dialed with its context: the name, the connection and the handshake have one deadline."""
    context = pinned(new_context(ca_file=authority.ca_file), version)
    with (
        answers_at_the_end(tmp_path, identity) as port,
        dial(
            "localhost", Port(port), IPPROTO_TCP, buffered, timeout=PATIENCE, context=context
        ) as socket,
    ):
        socket.send(b"".join(line + b"\n" for line in LINES), timeout=PATIENCE)
        socket.send_eof(PATIENCE)
        assert list(socket.lines(timeout=PATIENCE)) == LINES[::-1]
