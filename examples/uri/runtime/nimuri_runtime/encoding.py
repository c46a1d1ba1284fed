"""Percent encoding of texts as UTF-8, in which bytes that are none are lone surrogates."""

from __future__ import annotations

import re
from typing import Final

_CODEC: Final = ("utf-8", "surrogateescape")
_NO_BYTES: Final = re.compile("([\ud800-\udc7f\udd00-\udfff]+)")
"""Lone surrogates that stand for no byte: a text can hold them, and no call may fail for it."""
_RESERVED: Final = re.compile(rb"[^A-Za-z0-9._~-]")
_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
"""Bytes in a row: several may be one character."""


def encoded(text: str, *, use_plus: bool) -> str:
    """Encode all but the unreserved characters of RFC 3986."""

    def escape(found: re.Match[bytes]) -> bytes:
        return b"+" if use_plus and found[0] == b" " else b"%%%02X" % ord(found[0])

    return _RESERVED.sub(escape, _octets(text)).decode("ascii")


def _octets(text: str) -> bytes:
    """Return a text as UTF-8, in which even what is no character has bytes."""
    return b"".join(
        part.encode("utf-8", "surrogatepass") if index % 2 else part.encode(*_CODEC)
        for index, part in enumerate(_NO_BYTES.split(text))
    )


def decoded(text: str, *, decode_plus: bool) -> str:
    """Decode; a percent sign without two hexadecimal digits after it stays what it is."""

    def unescape(found: re.Match[str]) -> str:
        return bytes.fromhex(found[0].replace("%", "")).decode(*_CODEC)

    return _ENCODED.sub(unescape, text.replace("+", " ") if decode_plus else text)
