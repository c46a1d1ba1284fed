"""The parts of a URI, in the order that the package passes them in."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Fields: TypeAlias = tuple[str, str, str, str, str, str, str, str, bool]
"""What the package passes, and takes."""


class Parts(NamedTuple):
    """The same with names."""

    scheme: str = ""
    username: str = ""
    password: str = ""
    hostname: str = ""
    port: str = ""
    path: str = ""
    query: str = ""
    anchor: str = ""
    opaque: bool = False

    @property
    def has_authority(self) -> bool:
        """Whether there is anything of what stands before the path."""
        return bool(self.username or self.password or self.hostname or self.port)
