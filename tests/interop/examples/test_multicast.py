"""`examples/multicast.py`: two receivers of a group."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from harness.examples import PATIENCE, command, text_of, wait_for
from harness.programs import started


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
