"""Fetches a page with h11, which parses HTTP and leaves sockets to others: here to nimnet.

    python examples/fetch.py https://example.org/ [--ca-file authority.pem] [--timeout 5000]

The time is one deadline for everything: the name, the connection, the handshake, every byte.
"""

from __future__ import annotations

import argparse
import sys
from urllib.parse import urlsplit

import h11
import nimnet
from nimnet import Port, SslContext


def fetch(url: str, timeout: int, context: SslContext) -> tuple[int, bytes]:
    """Returns the status and the body of a page, within so many milliseconds."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = Port(parts.port or (443 if secure else 80))
    with (
        nimnet.fail_after(timeout),
        # Not SAFE_DISCONN: a reset must not look like the end of a body that has no length.
        nimnet.dial(
            host, port, context=context if secure else None, safe_disconn=False
        ) as connection,
    ):
        protocol = h11.Connection(h11.CLIENT)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = [("Host", parts.netloc), ("Connection", "close")]
        for event in (h11.Request(method="GET", target=path, headers=headers), h11.EndOfMessage()):
            connection.send(protocol.send(event) or b"")
        status, body = 0, bytearray()
        while True:
            answer = protocol.next_event()
            match answer:
                case h11.NEED_DATA:
                    protocol.receive_data(connection.recv_some(65_536))
                case h11.Response():
                    status = answer.status_code
                case h11.Data():
                    body += answer.data
                case h11.EndOfMessage():
                    return status, bytes(body)
                case _:
                    raise h11.RemoteProtocolError(f"the server has closed: {answer!r}")


def main() -> None:
    """Prints the body of a page, and its status to standard error."""
    parser = argparse.ArgumentParser(description="Fetch a page with h11 over nimnet.")
    parser.add_argument("url")
    parser.add_argument("--ca-file", default="", help="authorities to trust, not the system's")
    parser.add_argument("--timeout", type=int, default=10_000, help="milliseconds for all of it")
    arguments = parser.parse_args()
    context = nimnet.new_context(ca_file=arguments.ca_file, alpn=["http/1.1"])
    try:
        status, body = fetch(arguments.url, arguments.timeout, context)
    except (OSError, nimnet.SslError, h11.RemoteProtocolError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(status, file=sys.stderr)
    sys.stdout.buffer.write(body)


if __name__ == "__main__":
    main()
