"""What a worker is told: which work, by which of the two, and where its peer is."""

import json
from dataclasses import asdict, dataclass
from typing import Literal, Self, TypeAlias

By: TypeAlias = Literal["theirs", "ours"]


@dataclass(frozen=True)
class Task:
    """What a worker is told.

    Attributes:
        work: A name in one of the tables of `works`.
        by: By whose means.
        size: Of what the work is about: bytes of a line or a read, the number of connections.
        tls: Whether over TLS.
        flowing: Whether the peer sends or reads meanwhile, and not before or after.
        control: The port where the peer takes orders.
        ca_file: The authority that vouches for the peer.
    """

    work: str
    by: By
    size: int
    tls: bool
    flowing: bool
    control: int
    ca_file: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Returns the task that a text holds."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """Returns the task as a text."""
        return json.dumps(asdict(self))
