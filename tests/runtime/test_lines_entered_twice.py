"""An iteration over lines that is entered again while it waits: what fails must not crash.

In processes of their own, so that a crash is a failure of one test; and with memory that is spoilt
when it is given back, so that there is no luck in it.
"""

import os
import signal
import sys

import pytest
from harness.programs import run

PAIR = """\
import errno, signal, threading, nimnet
from nimnet import Port

with nimnet.new_socket() as server:
    server.bind_addr(Port(0), "127.0.0.1")
    server.listen()
    reading = nimnet.dial("127.0.0.1", server.get_local_addr()[1])
    writing = server.accept()
"""

BY_A_HANDLER = """
lines, refused = reading.lines(), []

def handle(*_):
    for _ in range(3):
        try:
            with nimnet.fail_after(5):  # for a signal that came before the wait
                next(lines)
        except OSError as error:
            refused.append(error.errno)
    writing.send(b"one\\ntwo\\nthree\\n")

signal.signal(signal.SIGALRM, handle)
got = []
for _ in range(50):
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    got += (next(lines), next(lines), next(lines))
assert got == [b"one", b"two", b"three"] * 50, got
assert len(refused) == 150
assert errno.EDEADLK in refused
writing.close()
assert list(lines) == []
"""

BY_THREADS = """
import sys
sys.setswitchinterval(1e-5)
lines, count = reading.lines(), 20_000
taken = [[], [], [], []]

def take(kept):
    for line in lines:
        kept.append(line)

readers = [threading.Thread(target=take, args=(kept,)) for kept in taken]
for reader in readers:
    reader.start()
for number in range(count):
    writing.send(b"%d\\n%d\\n" % (number, number))
writing.close()
for reader in readers:
    reader.join(20)
    assert not reader.is_alive()
assert sum(map(len, taken)) > 0  # which of them got what is not defined
"""

GIVEN_UP = """
lines = reading.lines()
began = threading.Event()

def wait():
    began.set()
    next(lines)

left = threading.Thread(target=wait)
left.start()
began.wait()
for _ in range(50):
    try:
        with nimnet.fail_after(5):
            next(lines)
    except nimnet.TimeoutError:
        pass
writing.send(b"one\\ntwo\\n")
left.join()
assert next(lines) in {b"one", b"two"}
writing.close()
assert list(lines) == []
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            BY_A_HANDLER,
            marks=pytest.mark.skipif(
                not hasattr(signal, "setitimer"), reason="timers that signal are POSIX only"
            ),
        ),
        BY_THREADS,
        GIVEN_UP,
    ],
    ids=["by a handler", "by threads", "where it was given up"],
)
def test_an_iteration_that_is_entered_again(program: str) -> None:
    spoilt = {**os.environ, "PYTHONMALLOC": "debug"}
    run([sys.executable, "-X", "faulthandler", "-c", PAIR + program], env=spoilt)
