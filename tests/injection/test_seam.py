"""No operation of the system gets around the seam, and OpenSSL's functions are all in the table.

Looked at from below: by `sys.addaudithook`, which hears of what Python's own modules in C do, and
by strace, which hears of everything.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]

_WATCHED: Final = """
import json, sys
from injection import failures
from injection.peer import Peer
from injection.seam import install
peer = Peer()
seam = install(failures.load())
from injection.contracts import Contract
from injection.scenarios import SCENARIOS
from injection.stage import Stage
heard = []
def hook(event, args):
    known = event.startswith(("socket.", "open", "os.", "fcntl.", "ctypes.dl"))
    if known and seam.watches and not str(args[0] if args else "").endswith((".py", ".pyc")):
        heard.append(event)
sys.addaudithook(hook)
for scenario in SCENARIOS:
    for transport in scenario.transports:
        stage = Stage(peer, transport, True)
        act = scenario.prepare(stage)
        heard.clear()
        with seam.watching():
            result = act.call()
        print(json.dumps([scenario.callable, heard, seam.performed, sorted(seam.unlisted)]))
        act.made(result)
        for sock in result if isinstance(result, tuple) else (result, act.socket):
            if hasattr(sock, "close"):
                sock.close()
        if act.socket is not None:
            act.socket.close()
        stage.strike()
peer.stop()
"""
_EVENTS: Final = {
    "socket.__new__": {"socket", "adopt"},
    "socket.bind": {"bind"},
    "socket.connect": {"connect", "connect_ex"},
    "socket.getaddrinfo": {"getaddrinfo"},
    "socket.sendto": {"sendto"},
    "open": {"read_bytes", "os.open"},
    "os.listdir": {"iterdir"},
}
"""The operations that each event of Python's stands for, one for each time."""


@pytest.mark.timeout(120)
def test_the_seam_hears_of_all_that_python_hears_of() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED], cwd=TESTS, capture_output=True, text=True, check=True
    )
    seen: set[str] = set()
    for line in done.stdout.splitlines():
        name, heard, performed, unlisted = json.loads(line)
        assert unlisted == [], name
        seen.update(heard)
        for event in {*heard, *_EVENTS}:
            operations = sum(operation in _EVENTS[event] for operation in performed)
            assert heard.count(event) == operations, (name, event, heard, performed)
    assert seen == _EVENTS.keys()


_TRACED: Final = """
import os, sys
from injection import failures
from injection.seam import install
seam = install(failures.load())
import nimnet, socket
peer = socket.create_server(("127.0.0.1", 0))
port = nimnet.Port(peer.getsockname()[1])
os.write(2, b"BEGIN\\n")
with seam.watching():
    sock = nimnet.new_socket()
    sock.connect("127.0.0.1", port, 1000)
    sock.send(b"data", timeout=1000)
    sock.get_local_addr()
    sock.send_eof(1000)
    sock.close()
performed = list(seam.performed)
os.write(2, b"END\\n")
print(*performed)
peer.close()
"""
_CALLED: Final = {
    "socket": "socket",
    "connect": "connect_ex",
    "sendto": "send",
    "getsockname": "getsockname",
    "getpeername": "getpeername",
    "shutdown": "shutdown",
    "close": "close",
    "poll": "poll",
    "ioctl": "os.set_blocking",
}
"""The operation that each call of the system stands for."""


@pytest.mark.timeout(120)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_seam_hears_of_all_that_the_kernel_hears_of() -> None:
    command = ["strace", "-f", "-e", "trace=network,write,close,poll,ioctl"]
    done = subprocess.run(
        [*command, sys.executable, "-c", _TRACED], cwd=TESTS, capture_output=True, text=True
    )
    if "ptrace" in done.stderr and "not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    between = done.stderr.partition('"BEGIN')[2].partition('"END')[0].splitlines()[1:]
    called = [found[1] for line in between if (found := re.match(r"(?:\[.*?\] )?(\w+)\(", line))]
    unknown = set(called) - set(_CALLED) - {"write", "getsockopt", "setsockopt"}
    assert not unknown, between
    performed = done.stdout.split()
    for call, operation in _CALLED.items():
        assert called.count(call) == performed.count(operation), (call, between, performed)
