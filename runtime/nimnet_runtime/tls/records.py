"""Where one record of TLS ends and the next begins.

For whoever takes one at a time from the system: its header, which tells its length, and then that
much. And for whoever must know whether an end has cut one. Nothing is checked here. What is no
record makes OpenSSL fail; until then, the length that is read from it is one more bound of what is
asked for, and nobody waits for so many bytes.
"""

from typing import Final

_HEADER: Final = 5
"""Bytes: the type, the version and the length (RFC 8446 section 5.1)."""


class Records:
    """A position in a stream of records.

    Attributes:
        passing: What is being handed on. It is passed once it surely was: see `settle`.
        wanted: How many bytes complete the header, or the record once its header is there.
    """

    __slots__ = ("_header", "passing", "wanted")

    def __init__(self) -> None:
        """Stands before the first record."""
        self._header = b""
        self.passing: bytes | None = None
        self.wanted = _HEADER

    @property
    def begun(self) -> bool:
        """Whether a part of a record has been passed, and not all of it."""
        return bool(self._header)

    def length(self, header: bytes) -> int:
        """Returns how long the body is that follows `header`; 0 if that is none, or not all."""
        return 0 if self.begun or len(header) < _HEADER else int.from_bytes(header[3:], "big")

    def settle(self) -> None:
        """Moves on by `passing`, which becomes None."""
        ciphertext = self.passing or b""
        header, wanted = self._header, self.wanted
        position, end = 0, len(ciphertext)
        if not header:
            position = _behind_whole(ciphertext, 0)
            if position == end:  # nearly always
                self.passing = None
                return
        while position + wanted <= end:
            begin, position = position, position + wanted
            if len(header) < _HEADER:
                header += ciphertext[begin:position]
                wanted = int.from_bytes(header[3:], "big")
                if wanted:
                    continue
            header, wanted = b"", _HEADER
            position = _behind_whole(ciphertext, position)
        if position < end:
            wanted -= end - position
            if len(header) < _HEADER:
                header += ciphertext[position:]
        # Without a call in between: see nimnet_runtime.__init__.
        self._header = header
        self.wanted = wanted
        self.passing = None


def _behind_whole(ciphertext: bytes, position: int) -> int:
    """Returns where the last of the whole records ends that begin at `position`.

    It does as little as possible for each: all that a connection reads comes through here.
    """
    end = len(ciphertext)
    while (body := position + _HEADER) <= end:
        following = body + (ciphertext[position + 3] << 8 | ciphertext[position + 4])
        if following > end:
            break
        position = following
    return position
