"""How either side connects; over TLS both are held to version 1.3 and the group P-256.

Each is built with an OpenSSL of its own, and what those choose by default differs: a newer one adds
a post-quantum key, which costs time on both ends.
"""

import socket
import ssl
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from nimnet import Port, Socket, SslContext, SslCVerifyMode, dial, new_context
from OpenSSL import SSL

from benchmarks.peers.orders import HOST
from benchmarks.tasks import Task

_NAME: Final = "localhost"


def connecting_theirs(task: Task) -> Callable[[int], socket.socket]:
    """Returns what connects a socket of Python's to a port."""
    if not task.tls:
        return lambda port: socket.create_connection((HOST, port))
    context = ssl.create_default_context(cafile=task.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_ecdh_curve("prime256v1")
    return lambda port: context.wrap_socket(
        socket.create_connection((HOST, port)), server_hostname=_NAME
    )


def connecting_ours(task: Task, *, buffered: bool = True) -> Callable[[int], Socket]:
    """Returns what connects a socket of nimnet's to a port."""
    if not task.tls:
        return lambda port: dial(HOST, Port(port), buffered=buffered)
    context = secure_context(task.ca_file)
    return lambda port: dial(HOST, Port(port), buffered=buffered, context=context, hostname=_NAME)


def secure_context(ca_file: str) -> SslContext:
    """Returns nimnet's context, held to what the other one is held to."""
    context = new_context(verify_mode=SslCVerifyMode.C_VERIFY_PEER, ca_file=ca_file)
    context.context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.context.set_tmp_ecdh(SECP256R1())
    return context


def negotiated(sock: socket.socket | Socket) -> str:
    """Returns what a connection uses; nothing, if that is no TLS."""
    if isinstance(sock, Socket):
        return f"{sock.get_tls_version()}, {sock.get_cipher()}" if sock.is_ssl() else ""
    if isinstance(sock, ssl.SSLSocket):
        cipher = sock.cipher()
        return f"{sock.version()}, {cipher[0] if cipher else ''}"
    return ""
