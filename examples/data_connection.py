"""Opens a second TLS connection with the session of a first one, as servers of FTPS demand.

    python examples/data_connection.py HOST PORT DATA_PORT --ca-file authority.pem

Such a server takes the resumed session for the proof that both connections are one client's.
"""

from __future__ import annotations

import argparse
import sys

import nimnet
from nimnet import Port


def main() -> None:
    """Prints what each of the two connections is, and what the second one brings."""
    parser = argparse.ArgumentParser(description="Resume a TLS session on a second connection.")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("data_port", type=int)
    parser.add_argument("--ca-file", required=True)
    arguments = parser.parse_args()
    host, context = arguments.host, nimnet.new_context(ca_file=arguments.ca_file)
    try:
        with (
            nimnet.fail_after(10_000),
            nimnet.dial(host, Port(arguments.port), context=context) as control,
        ):
            control.send(b"DATA\n")
            # With TLS 1.3 the session comes after the handshake: with the first answer, at latest.
            print("control:", control.recv_until(b"\n").decode().strip())
            session = control.get_tls_session()
            data_port = Port(arguments.data_port)
            with nimnet.dial(host, data_port, context=context, session=session) as data:
                print(f"{data.get_tls_version()}, resumed: {data.is_resumed()}")
                print("data:", data.recv_until(b"\n").decode().strip())
    except (OSError, nimnet.SslError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
