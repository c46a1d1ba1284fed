"""A scenario for each callable of the package: what it is called with, and between which sockets.

opening    what makes sockets, and what they are made for: bound, listening, connected, closed
reading    what takes bytes and messages
writing    what sends them
asking     what asks a socket something, or sets it
securing   TLS: contexts, handshakes, and what is asked of both
computing  what needs no socket at all: addresses, numbers, deadlines
"""

from injection.scenarios import asking, computing, opening, reading, securing, writing
from injection.scenarios.registry import SCENARIOS, Scenario

__all__ = [
    "SCENARIOS",
    "Scenario",
    "asking",
    "computing",
    "opening",
    "reading",
    "securing",
    "writing",
]
