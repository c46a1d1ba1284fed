"""What OpenSSL keeps of a session for later ones."""

from typing import Final

from OpenSSL import SSL

from nimnet_runtime.tls.bindings.library import ffi, lib

_IDENTIFIER: Final = 3
"""The place of the session's identifier in its encoding: version, protocol and suite come first."""


def is_resumable(session: SSL.Session) -> bool:
    """Tells whether a server has given a ticket or an identifier to resume a session by.

    SSL_SESSION_is_resumable(3) is not among the names of the bindings; what it looks at is in
    the encoding (i2d_SSL_SESSION(3)). OpenSSL gives a session with a ticket an identifier, too.
    """
    size = lib.i2d_SSL_SESSION(session._session, ffi.NULL)
    if size <= 0:
        return False
    encoding = ffi.new("unsigned char[]", size)
    octets = memoryview(ffi.buffer(encoding))
    lib.i2d_SSL_SESSION(session._session, ffi.new("unsigned char **", encoding))
    place = _contents(octets, 0)[0]
    for _ in range(_IDENTIFIER):
        begin, length = _contents(octets, place)
        place = begin + length
    found = _contents(octets, place)[1] > 0
    octets[:] = bytes(size)  # it has the key
    return found


def _contents(octets: memoryview, place: int) -> tuple[int, int]:
    """Returns where the contents of an element of DER begin, and how long they are."""
    first = octets[place + 1]
    if first < 0x80:
        return place + 2, first
    begin = place + 2 + (first & 0x7F)
    return begin, int.from_bytes(octets[place + 2 : begin], "big")
