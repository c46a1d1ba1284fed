"""Records: an unbuffered TLS socket takes one at a time, so that `select` and reads keep step."""

import contextlib
import itertools
import select
import socket
from collections.abc import Iterator
from functools import partial

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.interruption import at_least, interrupted
from harness.reading_forms import RAW, Taken
from harness.tlspair import CLIENT, PATIENCE, SERVER
from hypothesis import given
from hypothesis import strategies as st
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.platform import unread
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.records import Records
from nimnet_runtime.tls.stream import TlsStream

pytestmark = pytest.mark.timeout(60)
RECORD = 1 << 14
"""The most data that a record has (RFC 8446 section 5.1)."""
MANY = bytes(range(256)) * 782
VERSIONS = pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["1.2", "1.3"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def connected(
    server: Context, version: int = tlspair.TLS_1_3, *, buffered: bool = False
) -> Iterator[tuple[Endpoint, Endpoint]]:
    client = tlspair.context(version=version)
    with tlspair.secured(client, server, buffered=buffered, family=socket.AF_INET) as both:
        yield both


def readable(endpoint: Endpoint) -> bool:
    return bool(select.select([endpoint.fileno()], [], [], PATIENCE / 1000)[0])


def read_in_step(endpoint: Endpoint, size: int, count: int) -> bytes:
    """Reads `count` bytes of at most `size`, each time that the system says there is something."""
    got = b""
    while len(got) < count:
        assert endpoint.reader.has_data_buffered() or readable(endpoint), len(got)
        got += endpoint.reader.receive(size, -1, 0)
    return got


@VERSIONS
def test_select_and_reads_of_a_record_keep_step(server: Context, version: int) -> None:
    with connected(server, version) as (a, b):
        sent = tlspair.in_thread(lambda: b.send(MANY, 0, PATIENCE))
        got = b""
        while len(got) < len(MANY):
            assert readable(a), f"stalls after {len(got)} bytes"
            got += a.reader.receive(RECORD, -1, 0)
            assert not a.reader.has_data_buffered()
        sent.result()
        assert got == MANY


@VERSIONS
@pytest.mark.parametrize("size", [1000, 20_000])
def test_what_is_left_of_a_record_is_told_of(server: Context, version: int, size: int) -> None:
    with connected(server, version) as (a, b):
        sent = tlspair.in_thread(lambda: b.send(MANY, 0, PATIENCE))
        assert read_in_step(a, size, len(MANY)) == MANY
        sent.result()


@VERSIONS
def test_what_follows_a_record_stays_with_the_system(server: Context, version: int) -> None:
    with connected(server, version) as (a, b):
        for number in range(1, 4):
            b.send(b"x" * number)
        assert a.reader.receive(100, -1, 0) == b"x"
        rest = unread(a.fileno())
        assert rest > 2 * 20
        with pytest.raises(TimeoutError):
            a.reader.receive(100, 0, 0)
        assert unread(a.fileno()) == 0
        assert a.reader.receive(100, -1, 0) == b"xxxxx"


def test_data_that_come_with_the_handshake_stay_with_the_system(server: Context) -> None:
    client = tlspair.context(version=tlspair.TLS_1_3)
    with tlspair.ends(buffered=False, family=socket.AF_INET) as (a, b):
        shaken = tlspair.in_thread(lambda: client.wrap_connected_socket(a, CLIENT, "", PATIENCE))
        server.wrap_connected_socket(b, SERVER, "", PATIENCE)
        shaken.result()
        a.send(b"first")
        a.send(b"second")
        assert readable(b)
        assert b.reader.receive(100, -1, 0) == b"first"
        assert readable(b)
        assert b.reader.receive(100, -1, 0) == b"second"


@VERSIONS
def test_an_end_is_seen_like_data(server: Context, version: int) -> None:
    with connected(server, version) as (a, b):
        b.send(b"last")
        b.close()
        assert readable(a)
        assert a.reader.receive(100, -1, 0) == b"last"
        assert readable(a)
        assert a.reader.receive(100, -1, 0) == b""


@pytest.mark.parametrize("ahead", [b"", b"some"], ids=["nothing", "something"])
def test_records_are_counted_from_the_first_one(server: Context, ahead: bytes) -> None:
    """Also where the end of the last line in the clear comes with it, or a part was read ahead."""
    client = tlspair.context(version=tlspair.TLS_1_3)
    with tlspair.ends(buffered=False, family=socket.AF_INET) as (a, b):
        a.send(b"STARTTLS\r\n" if ahead else b"STARTTLS\r")
        assert b.reader.recv_line(PATIENCE, 0, 100) == b"STARTTLS"
        if not ahead:
            a.send(b"\n")
        shaken = tlspair.in_thread(lambda: client.wrap_connected_socket(a, CLIENT, "", PATIENCE))
        if ahead:
            with pytest.raises(TimeoutError):
                b.reader.receive(100_000, 100, 0)
            assert b.reader.has_data_buffered()
        server.wrap_connected_socket(b, SERVER, "", PATIENCE)
        shaken.result()
        for text in (b"first", b"second"):
            a.send(text)
        for text in (b"first", b"second"):
            assert readable(b)
            assert b.reader.receive(100, -1, 0) == text


def test_an_interrupted_read_stays_in_step(server: Context) -> None:
    texts = [b"first", b"second", b"third"]
    with connected(server) as (a, b):
        assert isinstance(a.stream, TlsStream)
        records = a.stream._pump._records
        for moment in itertools.count(1):
            for text in texts:
                b.send(text)
            taken = Taken()
            read = partial(RAW["receive"], a.reader, 11, PATIENCE, taken)
            reached = interrupted(read, moment)
            got = taken.result() or b""
            assert isinstance(got, bytes)
            while len(got) < 11:
                assert a.reader.has_data_buffered() or readable(a)
                got += a.reader.receive(11 - len(got), -1, 0)
            assert a.reader.receive(100, -1, 0) == b"third", f"moment {moment}"
            assert (records.begun, records.wanted) == (False, 5), f"moment {moment}"
            if not reached:
                break
        assert moment > at_least(20)


def test_a_buffered_socket_reads_far_ahead(server: Context) -> None:
    with connected(server, buffered=True) as (a, b):
        for number in range(1, 4):
            b.send(b"x" * number)
        assert readable(a)
        assert a.reader.receive(1, -1, 0) == b"x"
        assert unread(a.fileno()) == 0


@given(
    lengths=st.lists(st.integers(0, 40), max_size=6),
    cuts=st.lists(st.integers(1, 30), max_size=60),
)
def test_the_position_does_not_depend_on_segmentation(lengths: list[int], cuts: list[int]) -> None:
    stream = b"".join(b"\x17\x03\x03" + n.to_bytes(2, "big") + b"b" * n for n in lengths)
    ends = list(itertools.accumulate((5 + n for n in lengths), initial=0))
    records, position = Records(), 0
    for cut in [*cuts, len(stream)]:
        piece = stream[position : position + cut]
        records.passing = piece
        records.settle()
        position += len(piece)
        assert not records.passing
        last = max(end for end in ends if end <= position)
        inside = position - last
        assert records.begun == (inside > 0)
        if inside < 5:
            assert records.wanted == 5 - inside
        else:
            assert records.wanted == 5 + lengths[ends.index(last)] - inside
