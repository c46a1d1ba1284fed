"""Hosts: which texts are one, and what such a text means to everybody else.

The name that the resolver is asked for, that a server is told and that its certificate is held
against is the same sequence of bytes, because it always comes from here.

A text that looks like a number is no name. The system's resolver takes `0177.0.0.1`, `127.1` and
`2130706433` for addresses, and whoever asked `is_ip_address` before was told that they are none.
The rule is that of the URL standard of WHATWG ("ends in a number"), applied to what IDNA makes of
the text, so that it holds for other digits and dots as well. The "forbidden domain code points" of
that standard are no part of a name either: for some resolvers an address ends at a space.
"""

from __future__ import annotations

from nimnet_runtime import address
from nimnet_runtime.errors import printable, quoted

_LONGEST_NAME = 253
"""Characters of a host name, without a dot at its end (RFC 1035 section 2.3.4)."""
_LONGEST_LABEL = 63
_FORBIDDEN = frozenset(range(0x21)) | frozenset(b"#%/:<>?@[\\]^|\x7f")
_HEX = frozenset(b"0123456789abcdefABCDEF")


class Host:
    """A host: an IP address or a name.

    Attributes:
        text: As the caller wrote it.
        packed: The IP address, 4 or 16 bytes; empty for a name.
        zoned: Whether an IPv6 address has a zone (RFC 4007 section 11), as in `fe80::1%eth0`.
        name: The host name in ASCII (A-labels), perhaps with a dot at its end; empty for an
            address.
    """

    __slots__ = ("name", "packed", "text", "zoned")

    def __init__(
        self, text: str, *, packed: bytes = b"", zoned: bool = False, name: bytes = b""
    ) -> None:
        """An address, or a name."""
        self.text = text
        self.packed = packed
        self.zoned = zoned
        self.name = name


def read(parameter: str, text: str) -> Host | str:
    """Returns the host that a text means, or what is wrong with it.

    The answer comes at once, however long the text is.

    Args:
        parameter: What the caller's caller knows the text as.
        text: An IP address, strictly as in `address`, IPv6 perhaps with a zone; or a host name,
            which may be an international one.
    """
    if not isinstance(text, str):
        raise TypeError(f"{parameter} must be a str, not {type(text).__name__}")
    if not text:
        return f"{parameter} must be a host name or an IP address, not empty"
    host = _read(text)
    if isinstance(host, str):
        return f"{parameter} {quoted(text)} is no host name or IP address: {host}"
    return host


def _read(text: str) -> Host | str:
    # No address is longer either, with the zone of any system.
    if len(text) > _LONGEST_NAME + 1:
        return f"it has {len(text)} characters, and the longest name has {_LONGEST_NAME}"
    packed = address.read(text)
    if isinstance(packed, bytes):
        return Host(text, packed=packed)
    if ":" in text:
        return _read_with_colons(text)
    try:
        name = text.encode() if text.isascii() else _to_ascii(text)
    except ValueError as error:  # a UnicodeError, for the most part
        return f"IDNA refuses it: {printable(str(error))}"
    return _fault(name) or Host(text, name=name)


def _read_with_colons(text: str) -> Host | str:
    if "://" in text:
        return "it is a URL, and only the host in it is wanted"
    if text.startswith("["):
        return "an IPv6 address is given without brackets, and a port as an argument of its own"
    literal, percent, zone = text.partition("%")
    if ":" in literal and literal.count(":") == 1:
        return "a port is given as an argument of its own"
    packed = address.read(literal)
    if isinstance(packed, str):
        return packed
    if len(packed) != 16 or not percent:
        return "a zone stands after an IPv6 address only"
    if not zone or not zone.isascii() or "\0" in zone:
        return "its zone must be the name or the number of a network interface"
    return Host(text, packed=packed, zoned=True)


def _to_ascii(text: str) -> bytes:
    """Returns an international name as it stands in the DNS.

    Raises:
        ValueError: There is no such name.
    """
    # Both are loaded only by who has such a name.
    try:
        import idna
    except ImportError:
        return text.encode("idna")  # IDNA 2003
    # IDNA 2008 with the mapping of UTS #46. Labels in ASCII are not its business: many a name that
    # is in use, such as `_sip._tcp`, is none for it.
    labels = idna.uts46_remap(text, std3_rules=False).split(".")
    return b".".join(x.encode() if x.isascii() else idna.alabel(x) for x in labels)


def _fault(name: bytes) -> str | None:
    """Returns what is wrong with a name in ASCII; None if nothing."""
    if not _FORBIDDEN.isdisjoint(name):
        wrong = next(character for character in name if character in _FORBIDDEN)
        return f"it must not contain {'a NUL' if wrong == 0 else repr(chr(wrong))}"
    name = name.removesuffix(b".")
    labels = name.split(b".")
    if len(name) > _LONGEST_NAME or not all(1 <= len(x) <= _LONGEST_LABEL for x in labels):
        return f"its labels must have 1 to {_LONGEST_LABEL} characters, {_LONGEST_NAME} in all"
    if _is_number(labels[-1]):
        return (
            "it ends in a number, as no name does, and an IPv4 address is four decimal numbers in"
            " ASCII digits, without leading zeros and without a dot at the end"
        )
    return None


def _is_number(label: bytes) -> bool:
    return label.isdigit() or (label[:2] in (b"0x", b"0X") and _HEX.issuperset(label[2:]))
