"""Relays connections, TLS on either side or on none, and passes on each end by itself.

    python examples/relay.py 8443 example.org 80 --cert server.pem --key server.key
    python examples/relay.py 8080 example.org 443 --tls [--ca-file authority.pem]

One thread reads from a connection while the other writes to it, so that both directions go on
until each has ended. An end is passed on with `send_eof`: with TLS that is close_notify.
"""

from __future__ import annotations

import argparse
import threading

import nimnet
from nimnet import OPT_REUSE_ADDR, Port, Socket, SslContext

PIECE = 65_536


def pump(source: Socket, target: Socket) -> None:
    """Passes on what `source` sends until it ends; then ends that direction of `target`."""
    try:
        while data := source.recv_some(PIECE):
            target.send(data)
        target.send_eof()
    except (OSError, nimnet.SslError):
        # One side is gone: closing wakes the thread of the other direction as well.
        source.close()
        target.close()


def relay(client: Socket, host: str, port: Port, context: SslContext | None) -> None:
    """Connects to the server for one client, and passes on both directions."""
    with client:
        try:
            server = nimnet.dial(host, port, context=context, timeout=5_000, safe_disconn=False)
        except (OSError, nimnet.SslError) as error:
            print(f"no connection to {host}: {error}", flush=True)
            return
        with server:
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join()


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(description="Relay TCP and TLS.")
    parser.add_argument("listen", type=int, help="the port to listen on; 0 chooses one")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--cert", default="", help="serve TLS with this certificate")
    parser.add_argument("--key", default="", help="and its key")
    parser.add_argument("--tls", action="store_true", help="speak TLS with the server")
    parser.add_argument("--ca-file", default="", help="who vouches for the server")
    arguments = parser.parse_args()
    upstream = nimnet.new_context(ca_file=arguments.ca_file) if arguments.tls else None
    with nimnet.new_socket(safe_disconn=False) as listener:
        listener.set_sock_opt(OPT_REUSE_ADDR, True)
        listener.bind_addr(Port(arguments.listen), "127.0.0.1")
        if arguments.cert:
            served = nimnet.new_context(cert_file=arguments.cert, key_file=arguments.key)
            served.wrap_socket(listener)
        listener.listen()
        print(f"listening on port {listener.get_local_addr()[1]}", flush=True)
        while True:
            client = listener.accept()
            names = (client, arguments.host, Port(arguments.port), upstream)
            threading.Thread(target=relay, args=names, daemon=True).start()


if __name__ == "__main__":
    main()
