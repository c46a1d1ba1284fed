"""Contexts as programs meet them: what is set is what is asked for, and what the handshake uses."""

from __future__ import annotations

import socket

import nimnet
import pytest
from harness.tlspair import PATIENCE, in_thread
from nimnet import (
    AF_UNIX,
    C_VERIFY_NONE,
    HANDSHAKE_AS_CLIENT,
    HANDSHAKE_AS_SERVER,
    SocketHandle,
    SslContext,
    SslError,
    get_ssl_context_extra_data_index,
    new_context,
    new_socket,
    raise_ssl_error,
)
from OpenSSL import SSL

KEY = bytes(range(32))


@pytest.fixture
def context() -> SslContext:
    return new_context(verify_mode=C_VERIFY_NONE)


def test_extra_data(context: SslContext) -> None:
    index, other = get_ssl_context_extra_data_index(), get_ssl_context_extra_data_index()
    assert index != other
    stored = object()
    context.set_extra_data(index, stored)
    assert context.get_extra_data(index) is stored
    with pytest.raises(IndexError, match=f"no extra data at index {other}"):
        context.get_extra_data(other)
    with pytest.raises(IndexError, match="does not come from"):
        context.set_extra_data(-1, stored)


def test_the_end_of_a_context(context: SslContext) -> None:
    index = get_ssl_context_extra_data_index()
    context.set_extra_data(index, "kept")
    assert isinstance(context.context, SSL.Context)
    context.destroy_context()
    context.destroy_context()
    with pytest.raises(SslError, match="destroyed"):
        context.set_extra_data(index, "new")
    with new_socket() as sock, pytest.raises(SslError, match="destroyed"):
        context.wrap_socket(sock)


def test_functions_for_keys(context: SslContext) -> None:
    def for_client(hint: str) -> tuple[str, bytes]:
        return hint, KEY

    def for_server(identity: str) -> bytes:
        return identity.encode()

    assert (context.client_get_psk_func, context.server_get_psk_func) == (None, None)
    context.client_get_psk_func = for_client
    context.server_get_psk_func = for_server
    assert context.client_get_psk_func is for_client
    assert context.server_get_psk_func is for_server
    context.client_get_psk_func = context.server_get_psk_func = None
    assert (context.client_get_psk_func, context.server_get_psk_func) == (None, None)


def test_the_hint_for_clients(context: SslContext) -> None:
    assert context.psk_identity_hint == ""
    context.psk_identity_hint = "höhle"
    assert context.psk_identity_hint == "höhle"
    with pytest.raises(SslError, match="at most 256 bytes"):
        context.psk_identity_hint = "x" * 257
    assert context.psk_identity_hint == "höhle"


def test_a_handshake_with_a_key(context: SslContext) -> None:
    server_context = new_context(verify_mode=C_VERIFY_NONE)
    context.client_get_psk_func = lambda _hint: ("anna", KEY)
    server_context.server_get_psk_func = {"anna": KEY}.__getitem__
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with (
        new_socket(SocketHandle(ours.detach()), AF_UNIX) as client,
        new_socket(SocketHandle(theirs.detach()), AF_UNIX) as server,
    ):
        accepting = in_thread(
            lambda: server_context.wrap_connected_socket(
                server, HANDSHAKE_AS_SERVER, timeout=PATIENCE
            )
        )
        context.wrap_connected_socket(client, HANDSHAKE_AS_CLIENT, timeout=PATIENCE)
        client.handshake(timeout=PATIENCE)
        client.send(b"secret\n")
        accepting.result(PATIENCE / 1000)
        assert server.recv_line(timeout=PATIENCE) == b"secret"
        assert server.get_psk_identity() == "anna"
        assert server.is_ssl()


def test_raising() -> None:
    with pytest.raises(SslError, match=r"^the words given$"):
        raise_ssl_error("the words given")
    with pytest.raises(SslError, match=r"."):
        raise_ssl_error()
    assert issubclass(SslError, Exception)
    assert not issubclass(nimnet.SslError, OSError)
