"""A server that admits clients by their certificates, and logs who they are.

python examples/known_clients.py 8443 --cert server.pem --key server.key --ca-file clients.pem
"""

from __future__ import annotations

import argparse

import nimnet
from cryptography import x509
from cryptography.x509.oid import NameOID
from nimnet import OPT_REUSE_ADDR, Port, Socket


def name_of(connection: Socket) -> str:
    """Returns the common name in the verified certificate of the other side."""
    leaf = x509.load_der_x509_certificate(connection.get_peer_certificates()[0])
    names = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else "(no name)"


def serve(connection: Socket) -> None:
    """Answers one client."""
    with connection:
        try:
            # The handshake is this thread's own time: a silent client holds up nobody else.
            connection.handshake(timeout=5_000)
            name = name_of(connection)
            print(f"admitted {name}", flush=True)
            line = connection.recv_until(b"\n", timeout=5_000)
            connection.send(f"{name} said ".encode() + line)
            connection.send_eof(timeout=5_000)
        except nimnet.SslCertificateError as error:
            print(f"refused: {error.reason}", flush=True)
        except (OSError, nimnet.SslError) as error:
            print(f"failed: {error}", flush=True)


def main() -> None:
    """Serves one client after the other, until it is stopped."""
    parser = argparse.ArgumentParser(description="Serve clients that have a certificate.")
    parser.add_argument("listen", type=int, help="the port to listen on; 0 chooses one")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--ca-file", required=True, help="who vouches for clients")
    arguments = parser.parse_args()
    context = nimnet.new_context(
        cert_file=arguments.cert, key_file=arguments.key, ca_file=arguments.ca_file
    )
    with nimnet.new_socket() as listener:
        listener.set_sock_opt(OPT_REUSE_ADDR, True)
        listener.bind_addr(Port(arguments.listen), "127.0.0.1")
        context.wrap_socket(listener)
        listener.listen()
        print(f"listening on port {listener.get_local_addr()[1]}", flush=True)
        while True:
            serve(listener.accept())


if __name__ == "__main__":
    main()
