"""`examples/change_hands.py`: sockets of other libraries, and of other processes."""

from __future__ import annotations

from harness.examples import text_of


def test_sockets_change_hands() -> None:
    assert text_of("change_hands.py") == (
        "socketserver: greetings, nimnet\n"
        "subprocess:   child of this process\n"
        "asyncio:      one, then ['two', 'three']\n"
    )
