"""Short of memory: a read says so, what had arrived stays, and reads go on when memory is back."""

import errno
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Final

import pytest
from harness.builds import pure_only
from harness.reading_forms import DELIMITED, FORMS, LINES, RAW, SOME, Form, Taken
from harness.scripted_stream import Pause, ScriptedStream
from nimnet_runtime import intake, readahead
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.readahead import ReadAhead

_testcapi = pytest.importorskip("_testcapi", reason="only CPython's test module fails allocations")

MOST_ALLOCATIONS: Final = 400
"""More than any of these calls makes."""
LINE: Final = b"x" * 300 + b"\r\n"
TEXT: Final = LINE * 1000

WITH_FUNCTIONS: Final = frozenset({"lines", "skip"})
"""Reads that make functions as they go."""


def short_of_memory(call: Callable[[], object], allocation: int) -> None:
    """Runs `call` while one allocation fails.

    Nothing traces it: what measures coverage allocates as well, between any two steps of the call.
    """
    tracing = sys.gettrace()
    sys.settrace(None)
    _testcapi.set_nomemory(allocation, allocation + 1)
    try:
        call()
    except MemoryError:
        pass
    finally:
        _testcapi.remove_mem_hooks()
        sys.settrace(tracing)


def fresh(buffered: bool) -> ReadAhead:
    """Nothing has been read yet; it comes in segments of several sizes."""
    cuts = [*range(0, 5000, 700), *range(5000, len(TEXT), 70_000), len(TEXT)]
    segments = [TEXT[begin:end] for begin, end in pairwise(cuts)]
    return ReadAhead(ScriptedStream(segments), buffered)


def kept(buffered: bool) -> ReadAhead:
    """All is here already, in pieces, as after a call that timed out."""
    reader = ReadAhead(ScriptedStream([TEXT[:1000], TEXT[1000:], Pause.PAUSE]), buffered)
    with pytest.raises(TimeoutError):
        reader.receive(1 << 30, 0, 0)
    return reader


def split(buffered: bool) -> ReadAhead:
    """Lines were split ahead."""
    reader = kept(buffered)
    for _ in range(40):
        assert reader.recv_line(-1, 0, 1000) == LINE[:-2]
    return reader


@pure_only(
    "mypyc ends a process that has no memory for a small object; the limit after this is of both"
)
@pytest.mark.timeout(120)
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("state", [fresh, kept, split])
@pytest.mark.parametrize(
    ("name", "size"),
    [
        *((name, size) for name in RAW | SOME for size in (5, 5000, 200_000)),
        *((name, 1000) for name in LINES | DELIMITED),
        *((name, 200) for name in LINES),
    ],
)
def test_a_read_for_which_there_is_no_memory_loses_nothing(
    name: str,
    size: int,
    state: Callable[[bool], ReadAhead],
    buffered: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name in WITH_FUNCTIONS and sys.version_info >= (3, 12):
        pytest.skip("CPython itself crashes where there is no memory for a new function")
    for room in (intake, readahead):  # so that a large read has several parts
        monkeypatch.setattr(room, "MOST_AT_ONCE", 100_000)
    form: Form = FORMS[name]
    timeout = 0 if name == "skip" else -1  # what has passed without a timeout stays skipped
    failures = 0
    for allocation in range(MOST_ALLOCATIONS):
        reader = state(buffered)
        left = TEXT[len(LINE) * 40 :] if state is split else TEXT
        noted = Taken()
        if sys.version_info < (3, 13):
            # Where `re` does not know it, CPython itself may crash: it has no memory for an
            # iterator over the items of a dictionary.
            re.compile(re.escape(b"\n"))
        short_of_memory(partial(form, reader, size, timeout, noted), allocation)
        result = noted.result()
        if isinstance(result, int):
            result = left[:result]
        taken = result if isinstance(result, bytes) else b""
        failures += result is None
        if taken and name in LINES and left.startswith(taken + b"\r\n"):
            taken += b"\r\n"
        # In two steps, so that what was left behind goes through both kinds of read.
        rest = left[len(taken) :]
        end = rest.index(b"\n") + 1
        assert left.startswith(taken)
        assert reader.recv_line(-1, 0, 1000) == rest[: end - 2], allocation
        assert read_all(reader, len(rest) - end) == rest[end:], allocation
    assert failures > 1 or state is split  # whose next line is there already


def read_all(reader: ReadAhead, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = reader.receive(size - len(parts), -1, 0)
        assert part
        parts += part
    return parts


def test_the_low_level_form_says_so_by_its_number() -> None:
    class Short(ScriptedStream):
        def receive_to(self, *_: object) -> None:
            raise MemoryError

    reader = ReadAhead(Short([]), buffered=True)
    with memoryview(bytearray(8)) as view:
        assert reader.receive_or_error(view, 8) == -1
    assert reader.last_error == errno.ENOMEM


LIMITED: Final = """
import resource, socket, sys
sys.path[:0] = {path!r}
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError

ours, peer = socket.socketpair()
end = Endpoint.adopt(ours.detach(), socket.AF_UNIX, socket.SOCK_STREAM, 0, {buffered})
block = bytes(range(32, 256)) * 256
view, many = memoryview(block), block * 4
peer.setblocking(False)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (24 << 20), resource.RLIM_INFINITY))
sent = failures = 0
while failures < 5:
    try:
        while True:
            sent += peer.send(view[sent % 57344:])
    except BlockingIOError:
        pass
    try:
        end.reader.{call}
    except TimeoutError:
        pass
    except MemoryError:
        failures += 1
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
peer.close()
got = 0
while data := end.reader.receive(65536, -1, 0):
    assert data == many[got % 57344 :][: len(data)], got
    got += len(data)
assert got == sent, (got, sent)
print("all", got)
"""


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set from what /proc tells")
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "call",
    [
        "receive(1 << 30, 0, 0)",
        "skip(1 << 30, 0)",
        "recv_line(0, 0, 1 << 30)",
        "receive_into(bytearray(), 1 << 30, 0, 0)",
    ],
)
def test_a_process_at_its_limit_reads_on_when_memory_is_back(call: str, buffered: bool) -> None:
    script = LIMITED.format(path=sys.path, call=call, buffered=buffered)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=50
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("all ")
