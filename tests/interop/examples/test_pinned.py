"""`examples/pinned.py`: a client that knows one certificate."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.serialization import Encoding
from harness.authority import Identity
from harness.examples import complaint_of, text_of
from harness.openssl import certified, s_server


def test_a_pinned_certificate(identity: Identity) -> None:
    """Nobody vouches for it; its fingerprint is all that the client knows."""
    der = identity.certificate.public_bytes(Encoding.DER)
    pin = hashlib.sha256(der).hexdigest()
    with s_server("-rev", *certified(identity)) as peer:
        assert text_of("pinned.py", "127.0.0.1", peer.port, pin) == "olleh\n"
        _, complaint = complaint_of("pinned.py", "127.0.0.1", peer.port, "00" * 32)
        assert pin in complaint
