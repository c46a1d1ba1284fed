"""IP addresses as text, as packed bytes and as the platform's sockaddr structures."""

from __future__ import annotations

import _socket as socket
import _struct as struct  # without the module around it, which only names it
import os
import sys
from _socket import inet_ntop, inet_pton

from nimnet_runtime.errors import ObjectConversionError, quoted, spelled

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from typing import Final

_HEX: Final = frozenset("0123456789abcdefABCDEF")
_DIGITS: Final = frozenset("0123456789")
_LONGEST: Final = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")

_IS_STRICT: Final = os.name == "posix"
_HAS_LENGTH: Final = sys.platform == "darwin" or "bsd" in sys.platform
"""BSD systems begin a sockaddr with its length in a byte, and give the family one byte."""
_V4_SIZE: Final = 16
_V6_SIZE: Final = 28


def parse_ip_address(text: str) -> bytes:
    """Parses an IPv4 or IPv6 address, strictly.

    IPv4 is four decimal numbers without leading zeros (RFC 6943, section 3.1.1); IPv6 is what
    RFC 4291, section 2.2 allows, without a zone.

    Returns:
        4 or 16 bytes, in network order.

    Raises:
        ValueError: `text` is neither; the message says why.
    """
    packed = read(text)
    if isinstance(packed, str):
        raise ValueError(f"{quoted(text)} is not an IP address: {packed}")
    return packed


def is_ip_address(text: str) -> bool:
    """Tells whether `parse_ip_address` accepts `text`."""
    return isinstance(read(text), bytes)


def read(text: str) -> bytes | str:
    """Returns the bytes of an address, 4 or 16, or what is wrong with the text."""
    if not isinstance(text, str):
        raise TypeError(f"an address must be a str, not {type(text).__name__}")
    packed = read_quickly(text)
    if packed is not None:
        return packed
    if len(text) > _LONGEST:  # before it is looked at: it may be of any length
        return f"it has {len(text)} characters, and the longest address has {_LONGEST}"
    return _parse_v6(text) if ":" in text else _parse_v4(text)


def read_quickly(text: str) -> bytes | None:
    """Returns the bytes of an address by one call into C; None for what that does not take.

    POSIX has inet_pton be as strict as this room is.
    """
    if len(text) > _LONGEST or not _IS_STRICT:  # Windows takes other forms of IPv4 as well
        return None
    try:
        return inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):  # the latter for a NUL, and for what cannot be encoded
        return None


def format_ip_address(packed: bytes) -> str:
    """Returns the text of an address: dotted decimal, or RFC 5952 with hexadecimal groups only."""
    if len(packed) == 4:
        return inet_ntop(socket.AF_INET, packed)
    groups = struct.unpack("!8H", packed)
    # RFC 5952, section 4.2: the longest run of zeros, the first of equals, never a single one.
    start, length, run = 0, 1, 0
    for index, group in enumerate(groups):
        run = 0 if group else run + 1
        if run > length:
            start, length = index + 1 - run, run
    text = [f"{group:x}" for group in groups]
    if length == 1:
        return ":".join(text)
    return f"{':'.join(text[:start])}::{':'.join(text[start + length :])}"


def to_sock_addr(packed: bytes, port: int) -> tuple[bytes, int]:
    """Returns the platform's `sockaddr_in` or `sockaddr_in6`, and its length in bytes.

    Raises:
        ValueError: The port is not within 0..65535, so it never was a `Port`.
    """
    if not 0 <= port <= 65535:
        raise ValueError(f"port must be within 0..65535, not {spelled(port)}")
    if len(packed) == 4:
        return _family(socket.AF_INET, _V4_SIZE) + struct.pack("!H4s8x", port, packed), _V4_SIZE
    # Flow information and scope are 0, as in Nim.
    body = struct.pack("!HI16sI", port, 0, packed, 0)
    return _family(socket.AF_INET6, _V6_SIZE) + body, _V6_SIZE


def from_sock_addr(sa: bytes | bytearray | memoryview, sl: int) -> tuple[bytes, int]:
    """Returns the packed address and the port of a `sockaddr_in` or `sockaddr_in6`.

    Args:
        sa: The structure; what follows its first `sl` bytes is not looked at.
        sl: Its length: 16 for IPv4, 28 for IPv6.

    Raises:
        ObjectConversionError: The family is another, the length is not that of the family, or the
            memoryview has been released.
    """
    try:
        sa = memoryview(sa).tobytes()  # bytes() would take an int for a size
    except ValueError:
        raise ObjectConversionError("the memoryview sa has been released") from None
    for family, name, size, layout in (
        (socket.AF_INET, "AF_INET", _V4_SIZE, "!2xH4s"),
        (socket.AF_INET6, "AF_INET6", _V6_SIZE, "!2xH4x16s"),
    ):
        head = _family(family, size)
        # The length byte is not always filled in by those who write a sockaddr.
        if sa[1:2] == head[1:] if _HAS_LENGTH else sa[:2] == head:
            if sl != size or len(sa) < size:
                raise ObjectConversionError(
                    f"a sockaddr of {name} has {size} bytes; "
                    f"the length given is {spelled(sl)}, and there are {len(sa)} bytes"
                )
            port, packed = struct.unpack_from(layout, sa)
            return bytes(packed), int(port)
    raise ObjectConversionError("the sockaddr's family is neither AF_INET nor AF_INET6")


def ipv4_any() -> bytes:
    """Returns 0.0.0.0, every interface of this machine."""
    return bytes(4)


def ipv4_loopback() -> bytes:
    """Returns 127.0.0.1."""
    return b"\x7f\0\0\x01"


def ipv4_broadcast() -> bytes:
    """Returns 255.255.255.255."""
    return b"\xff" * 4


def ipv6_any() -> bytes:
    """Returns `::`, every interface of this machine."""
    return bytes(16)


def ipv6_loopback() -> bytes:
    """Returns `::1`."""
    return bytes(15) + b"\x01"


def to_ipaddress(packed: bytes) -> IPv4Address | IPv6Address:
    """Returns the object of Python's `ipaddress` module for an address."""
    # Imported here: most programs never need it, and it would slow every import of this one.
    from ipaddress import IPv4Address, IPv6Address

    return IPv4Address(packed) if len(packed) == 4 else IPv6Address(packed)


def from_ipaddress(address: IPv4Address | IPv6Address) -> bytes:
    """Returns the packed address of an object of `ipaddress`, without its zone."""
    return address.packed


def _family(family: int, size: int) -> bytes:
    return struct.pack("BB", size, family) if _HAS_LENGTH else struct.pack("=H", family)


def _parse_v4(text: str) -> bytes | str:
    """Returns the four bytes, or what is wrong."""
    parts = text.split(".")
    if len(parts) != 4:
        return "IPv4 needs four numbers with dots between them, IPv6 needs colons"
    for part in parts:
        if not part or not _DIGITS.issuperset(part):
            return "each of the four parts must be a decimal number"
        if part[0] == "0" and part != "0":
            return "a number must not have leading zeros"
        if len(part) > 3 or int(part) > 255:
            return "a number must be at most 255"
    return bytes(map(int, parts))


def _parse_v6(text: str) -> bytes | str:
    """Returns the sixteen bytes, or what is wrong."""
    if "%" in text:
        return "a zone is no part of an address"
    head, gap, tail = text.partition("::")
    if "::" in tail or tail.startswith(":"):
        return "'::' must stand there once only"
    before = _parse_groups(head, allow_v4=not gap)
    after = _parse_groups(tail, allow_v4=True)
    if isinstance(before, str):
        return before
    if isinstance(after, str):
        return after
    missing = 16 - len(before) - len(after)
    if missing < 0 or (gap and not missing):
        return "there are too many groups"
    if missing and not gap:
        return "there are too few groups; eight are needed, or '::'"
    return before + bytes(missing) + after


def _parse_groups(text: str, *, allow_v4: bool) -> bytes | str:
    if not text:
        return b""
    packed = b""
    groups = text.split(":")
    for index, group in enumerate(groups):
        if allow_v4 and "." in group and index == len(groups) - 1:
            ending = _parse_v4(group)
            return ending if isinstance(ending, str) else packed + ending
        if not 1 <= len(group) <= 4 or not _HEX.issuperset(group):
            return "a group must be one to four hexadecimal digits"
        packed += int(group, 16).to_bytes(2, "big")
    return packed
