"""What goes wrong in the service, besides the network."""

from __future__ import annotations


class ServiceError(Exception):
    """Something that the service, or its peer, cannot do."""


class ProtocolError(ServiceError):
    """What the peer says makes no sense."""

    def __init__(self, reason: str, seen: bytes = b"") -> None:
        super().__init__(f"{reason}: {seen[:20]!r}" if seen else reason)
        self.reason = reason
        self.seen = seen


class RefusedError(ServiceError):
    """The peer understood, and will not."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500


class LostError(ServiceError):
    """The conversation is over, whoever ended it."""


class ExhaustedError(ServiceError):
    """All connections are in use."""


class LimitError(ProtocolError):
    """More than anybody should send."""
