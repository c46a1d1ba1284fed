"""A network of the test's own: which addresses answer, after what time, and when they were asked.

A child process enters a network namespace of its own, so that this process and its machine notice
nothing. Its addresses are behind a TUN device: whatever the system sends to them comes out of that
as packets, in the order and at the time at which the system sends them.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import itertools
import os
import select
import signal
import socket
import struct
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NoReturn

import pytest

_NEW_NETWORK: Final = 0x40000000
"""CLONE_NEWNET, see unshare(2)."""
_SET_UP_TUN: Final = 0x400454CA
"""TUNSETIFF; then the device's flags: packets without a header of its own."""
_TUN, _NO_HEADER = 0x0001, 0x1000
_SET_FLAGS, _SET_ADDRESS, _SET_MASK = 0x8914, 0x8916, 0x891C
"""SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, see netdevice(7)."""
_UP: Final = 0x1
_OWN: Final = "10.9.9.1"
_PORTS: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_WITHIN: Final = 30
"""Seconds that the child may take."""


class Network:
    """The addresses 10.9.9.2 to 10.9.9.254: some answer, and nothing is heard of the others.

    To answer is all that a host does: it takes the connection, and then says nothing.

    Attributes:
        asked: The addresses that were asked for a connection, in order, and when first.
    """

    def __init__(self, answers: Mapping[str, float]) -> None:
        """Sets it up in this process, which has a namespace of its own.

        Args:
            answers: After how many seconds a host answers; who is not in it stays silent.
        """
        self.asked: dict[str, float] = {}
        self._answers = answers
        self._device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self._device, _SET_UP_TUN, struct.pack("16sH22x", b"tun", _TUN | _NO_HEADER))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            for request, address in ((_SET_ADDRESS, _OWN), (_SET_MASK, "255.255.255.0")):
                place = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
                fcntl.ioctl(control, request, struct.pack("16s16s8x", b"tun", place))
            for device in (b"tun", b"lo"):
                fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH22x", device, _UP))
        threading.Thread(target=self._serve, daemon=True).start()

    def ports(self, first: int, last: int) -> None:
        """Lets the system choose ports for connections from these alone."""
        _PORTS.write_text(f"{first} {last}")

    def delays(self) -> list[float]:
        """Returns the seconds between each address's first packet and the next one's."""
        times = list(self.asked.values())
        return [after - before for before, after in itertools.pairwise(times)]

    def _serve(self) -> None:
        due: list[tuple[float, bytes]] = []
        poller = select.poll()
        poller.register(self._device, select.POLLIN)
        while True:
            wait = min((at for at, _ in due), default=None)
            timeout = None if wait is None else max(0.0, wait - time.monotonic()) * 1000
            if poller.poll(timeout):
                now, packet = time.monotonic(), os.read(self._device, 1 << 16)
                if not _begins_connection(packet):
                    continue
                host = socket.inet_ntoa(packet[16:20])
                self.asked.setdefault(host, now)
                if host in self._answers:
                    due.append((now + self._answers[host], _acceptance(packet)))
            for at, answer in [entry for entry in due if entry[0] <= time.monotonic()]:
                due.remove((at, answer))
                os.write(self._device, answer)


def _begins_connection(packet: bytes) -> bool:
    """Tells whether a packet is one of IPv4 and TCP that has SYN and not ACK (RFC 9293)."""
    return packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP and packet[33] & 0x12 == 0x02


def _acceptance(packet: bytes) -> bytes:
    """Returns the SYN and ACK that answer a SYN."""
    source, destination = packet[16:20], packet[12:16]
    ports, (number,) = packet[22:24] + packet[20:22], struct.unpack("!I", packet[24:28])
    segment = ports + struct.pack("!IIBBHHH", 1, (number + 1) % (1 << 32), 0x50, 0x12, 8192, 0, 0)
    pseudo = source + destination + struct.pack("!HH", socket.IPPROTO_TCP, len(segment))
    segment = segment[:16] + _checksum(pseudo + segment) + segment[18:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0)
    header += source + destination
    return header[:10] + _checksum(header) + header[12:] + segment


def _checksum(data: bytes) -> bytes:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


def in_own_network(
    call: Callable[[Network], object], answers: Mapping[str, float] | None = None
) -> None:
    """Runs `call` in a process with a network of its own; fails with what it raises there.

    The test is skipped where this machine does not allow that, whatever programs it has.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # threads of the tool that runs the test
        child = os.fork()
    if not child:
        os.close(reading)
        _run(call, answers or {}, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as report:
        told = report.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if told.startswith("no network: "):
        pytest.skip(f"no network of the test's own is to be had here: {told[12:]}")
    assert status == 0, told or f"the process ended with {status}"


def _run(call: Callable[[Network], object], answers: Mapping[str, float], report: int) -> NoReturn:
    status, told = 1, ""
    try:
        signal.alarm(_WITHIN)
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.unshare(_NEW_NETWORK):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            network = Network(answers)
        except OSError as error:
            told = f"no network: {error}"
        else:
            call(network)
            status = 0
    except BaseException:
        told = traceback.format_exc()
    finally:
        with contextlib.suppress(OSError):
            os.write(report, told.encode())
        os._exit(status)
