"""Key updates of TLS 1.3 (RFC 8446 section 4.6.3), which Python's `ssl` cannot make."""

from __future__ import annotations

import hashlib
import hmac
import ssl
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from harness.authority import Identity

CIPHER = "TLS_AES_256_GCM_SHA384"
"""The only suite that is spoken here."""
_HANDSHAKE, _DATA = b"\x16", b"\x17"


def server(identity: Identity, keys: Path) -> ssl.SSLContext:
    """Settings of a server that sends nothing by itself, and writes its secrets to `keys`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(identity.cert_file, identity.key_file)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.num_tickets = 0
    made.keylog_filename = str(keys)
    return made


class Records:
    """What such a server sends from its first record on."""

    def __init__(self, peer: ssl.SSLSocket, keys: Path) -> None:
        """Records of `peer`, which has sent none; its secrets are in the file `keys`."""
        cipher = peer.cipher()
        assert cipher is not None
        assert cipher[0] == CIPHER
        (secret,) = (
            bytes.fromhex(line.split()[2])
            for line in keys.read_text().splitlines()
            if line.startswith("SERVER_TRAFFIC_SECRET_0")
        )
        self._next(secret)

    def _next(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher = AESGCM(self._expand(b"key", 32))
        self._nonce = int.from_bytes(self._expand(b"iv", 12))
        self._number = 0

    def _expand(self, label: bytes, size: int) -> bytes:
        label = b"tls13 " + label
        info = struct.pack(">HB", size, len(label)) + label + b"\0"
        return hmac.digest(self._secret, info + b"\x01", hashlib.sha384)[:size]

    def _record(self, kind: bytes, content: bytes) -> bytes:
        inner = content + kind
        header = b"\x17\x03\x03" + struct.pack(">H", len(inner) + 16)
        nonce = (self._nonce ^ self._number).to_bytes(12)
        self._number += 1
        return header + self._cipher.encrypt(nonce, inner, header)

    def data(self, content: bytes) -> bytes:
        """Returns a record of data."""
        return self._record(_DATA, content)

    def updates(self, count: int, *, requested: bool = False) -> bytes:
        """Returns key updates; `requested`: that want one for an answer."""
        made = b""
        for _ in range(count):
            made += self._record(_HANDSHAKE, b"\x18\0\0\x01" + bytes([requested]))
            self._next(self._expand(b"traffic upd", 48))
        return made
