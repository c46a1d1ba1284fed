"""Texts of IP addresses, of both versions, as servers meet them."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Final

from nimnet import parse_ip_address

from benchmarks.tasks import Task
from benchmarks.works.block import Block

_TEXTS: Final = (
    "127.0.0.1",
    "192.168.178.201",
    "8.8.8.8",
    "::1",
    "2001:db8::8a2e:370:7334",
    "fe80:0:0:0:1ff:fe23:4567:890a",
)


@contextmanager
def addresses(task: Task) -> Iterator[Block]:
    """Parses one text after the other."""
    texts = cycle(_TEXTS)

    def theirs(count: int) -> None:
        for text in islice(texts, count):
            ipaddress.ip_address(text)

    def ours(count: int) -> None:
        for text in islice(texts, count):
            parse_ip_address(text)

    yield Block(theirs if task.by == "theirs" else ours)
