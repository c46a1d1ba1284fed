"""Full-duplex traffic: on each side one thread writes and one reads, with random sizes.

What is sent is a stream that both sides compute, so that every byte is checked as it arrives: a
random block again and again, whose length is a prime, so that bytes that are lost, repeated or
exchanged never look right.
"""

import random
import time
from dataclasses import dataclass
from functools import partial
from typing import Final

from nimnet_runtime.endpoint import Endpoint

from harness import tlspair
from harness.tlspair import PATIENCE

_BLOCK: Final = 1_048_573
_LARGEST: Final = 200_000
_HEADER: Final = 4
"""Bytes before each message: its size; 0 for the end."""

Pair = tuple[Endpoint, Endpoint]


class Pattern:
    """The bytes of one way."""

    def __init__(self, seed: int) -> None:
        block = random.Random(seed).randbytes(_BLOCK)
        self._bytes = memoryview(block + block[:_LARGEST])

    def at(self, position: int, size: int) -> memoryview:
        """Returns `size` bytes from `position` on."""
        start = position % _BLOCK
        return self._bytes[start : start + size]


@dataclass(frozen=True)
class Carried:
    """What one direction carried."""

    count: int
    calls: int


def exchange(pair: Pair, seconds: float, least: int) -> list[Carried]:
    """Runs the traffic; returns what was carried each way.

    Args:
        pair: Two connected endpoints.
        seconds: How long to send.
        least: How many bytes to send each way, however long that takes.

    Raises:
        AssertionError: A byte is wrong, or the end came early or late.
        Exception: Whatever a call raised.
    """
    end = time.monotonic() + seconds
    ways = [(pair[0], pair[1], 1), (pair[1], pair[0], 2)]
    patience = seconds + 2 * PATIENCE / 1000
    writers = [
        tlspair.in_thread(partial(_write, source, Pattern(seed), seed, end, least))
        for source, _, seed in ways
    ]
    readers = [
        tlspair.in_thread(partial(_read, target, Pattern(seed), seed)) for _, target, seed in ways
    ]
    read = [reader.result(patience) for reader in readers]
    written = [writer.result(patience) for writer in writers]
    for source, target in zip(written, read, strict=True):
        assert source == target.count, f"{source} bytes were sent, {target.count} arrived"
    return read


def _write(source: Endpoint, pattern: Pattern, seed: int, end: float, least: int) -> int:
    chance, sent = random.Random(seed), 0
    while sent < least or time.monotonic() < end:
        size = _size(chance)
        source.send(size.to_bytes(_HEADER, "big"), 0, PATIENCE)
        source.send(pattern.at(sent, size), 0, chance.choice((-1, PATIENCE)))
        sent += size
    source.send(bytes(_HEADER), 0, PATIENCE)
    return sent


def _read(target: Endpoint, pattern: Pattern, seed: int) -> Carried:
    chance, got, calls = random.Random(-seed), 0, 0
    while message := int.from_bytes(target.reader.receive(_HEADER, PATIENCE, 0), "big"):
        left = message
        while left:
            part = target.reader.receive(min(left, _size(chance)), chance.choice((-1, PATIENCE)), 0)
            assert part, f"the stream ended after {got} bytes"
            assert part == pattern.at(got, len(part)), f"wrong bytes after {got}"
            got, left, calls = got + len(part), left - len(part), calls + 1
    return Carried(got, calls)


def _size(chance: random.Random) -> int:
    """Returns a size; small ones and large ones come equally often."""
    return chance.randint(1, chance.choice((16, 1_000, 20_000, _LARGEST)))
