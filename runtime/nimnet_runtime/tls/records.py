"""Where one record of TLS ends and the next begins.

For whoever takes one at a time from the system: its header, which tells its length, and then that
much. Nothing is checked here. What is no record makes OpenSSL fail; until then, the length that is
read from it is one more bound of what is asked for, and nobody waits for so many bytes.
"""

from typing import Final

_HEADER: Final = 5
"""Bytes: the type, the version and the length (RFC 8446 section 5.1)."""


class Records:
    """A position in a stream of records.

    Attributes:
        begun: Whether a part of a record has been passed, and not all of it.
        passing: What is being handed on. It is passed once it surely was: see `settle`.
        wanted: How many bytes complete the header, or the record once its header is there.
    """

    __slots__ = ("_header", "begun", "passing", "wanted")

    def __init__(self) -> None:
        """Stands before the first record."""
        self._header = b""
        self.begun = False
        self.passing: bytes | None = None
        self.wanted = _HEADER

    def length(self, header: bytes) -> int:
        """Returns how long the body is that follows `header`; 0 if that is none, or not all."""
        return 0 if self.begun or len(header) < _HEADER else int.from_bytes(header[3:], "big")

    def settle(self) -> None:
        """Moves on by `passing`, which becomes None."""
        ciphertext = self.passing or b""
        header, begun, wanted = self._header, self.begun, self.wanted
        position, end = 0, len(ciphertext)
        while position < end:
            step = min(wanted, end - position)
            wanted -= step
            begun = True
            if len(header) < _HEADER:
                header += ciphertext[position : position + step]
                if not wanted:
                    wanted = int.from_bytes(header[3:], "big")
            if not wanted:
                header, begun, wanted = b"", False, _HEADER
            position += step
        # Without a call in between: see nimnet_runtime.__init__.
        self._header = header
        self.begun = begun
        self.wanted = wanted
        self.passing = None
