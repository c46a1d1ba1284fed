"""`examples/data_connection.py`: a second connection that resumes the session of the first."""

from __future__ import annotations

import socket
import ssl

import pytest
from harness.authority import Authority, Identity
from harness.examples import played, text_of


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=str)
def test_a_data_connection_resumes_the_session(
    identity: Identity, authority: Authority, version: ssl.TLSVersion
) -> None:
    """One context of the server's accepts both connections, and tells which was resumed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(identity.cert_file, identity.key_file)

    def control(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            assert secured.recv(100) == b"DATA\n"
            secured.sendall(b"150 come\n")
            secured.recv(1)

    def data(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(
                b"the file\n" if secured.session_reused else b"522 resume the session\n"
            )
            secured.recv(1)

    with played(control) as port, played(data) as data_port:
        printed = text_of(
            "data_connection.py", "localhost", port, data_port, "--ca-file", authority.ca_file
        )
    spoken = str(version.name).replace("_", ".")
    assert printed == f"control: 150 come\n{spoken}, resumed: True\ndata: the file\n"
