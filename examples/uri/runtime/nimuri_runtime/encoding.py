"""Percent encoding of texts as UTF-8, in which bytes that are none are lone surrogates."""

from __future__ import annotations

import re
from typing import Final

_CODEC: Final = ("utf-8", "surrogateescape")
_UNRESERVED: Final = re.compile(rb"[^A-Za-z0-9._~-]")
_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})|\+")


def encoded(text: str, *, use_plus: bool) -> str:
    """Encode all but the unreserved characters of RFC 3986."""

    def escape(found: re.Match[bytes]) -> bytes:
        return b"+" if use_plus and found[0] == b" " else b"%%%02X" % ord(found[0])

    return _UNRESERVED.sub(escape, text.encode(*_CODEC)).decode("ascii")


def decoded(text: str, *, decode_plus: bool) -> str:
    """Decode; a percent sign without two hexadecimal digits after it stays what it is."""

    def unescape(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return b" " if decode_plus else b"+"
        return bytes((int(found[1], 16),))

    return _ENCODED.sub(unescape, text.encode(*_CODEC)).decode(*_CODEC)
