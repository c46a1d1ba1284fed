"""Talks to a server that is known by its certificate alone, whoever signed it.

    python examples/pinned.py HOST PORT SHA256   # the fingerprint of the certificate, in hex

Nobody is verified in the handshake then, so nothing is sent before the fingerprint is compared.
"""

from __future__ import annotations

import hashlib
import hmac
import sys

import nimnet
from nimnet import C_VERIFY_NONE, Port, Socket


def dial_pinned(host: str, port: Port, fingerprint: bytes, timeout: int) -> Socket:
    """Returns a connection to the one server that has this certificate.

    Raises:
        SslError: It has another one.
    """
    context = nimnet.new_context(verify_mode=C_VERIFY_NONE)
    connection = nimnet.dial(host, port, context=context, timeout=timeout)
    shown = hashlib.sha256(connection.get_unverified_certificate()).digest()
    if not hmac.compare_digest(shown, fingerprint):
        connection.close()
        raise nimnet.SslError(f"{host} has another certificate: {shown.hex()}")
    return connection


def main() -> None:
    """Sends a line, and prints the answer."""
    host, port, fingerprint = sys.argv[1:]
    try:
        pin = bytes.fromhex(fingerprint)
        with dial_pinned(host, Port(int(port)), pin, 5_000) as connection:
            connection.send(b"hello\n")
            print(connection.recv_until(b"\n", timeout=5_000).decode(), end="")
    except (OSError, nimnet.SslError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
