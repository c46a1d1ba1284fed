"""TLS: contexts, handshakes, and what is asked of both."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter, methodcaller
from pathlib import Path
from typing import Final

import nimnet
from harness.credentials import files
from nimnet.sessions import TlsVersion
from nimnet.tls import SslHandshakeType

from injection.scenarios.asking import asked
from injection.scenarios.registry import SECURED, scenario
from injection.stage import HOST, PATIENCE, Act, Stage, client_context, server_context

_MADE = (
    "new_context(prot_version, verify_mode, cert_file, key_file, cipher_list, ca_dir, ca_file,"
    " ciphersuites, alpn, min_version, max_version, ca_data, cert_data, key_data, key_password,"
    " ignore_unexpected_eof)"
)

_PARTS = ("cert_file", "key_file", "ca_file", "cert_data", "key_data", "ca_data", "alpn")
"""What messages name of a context that cannot be made."""


@scenario(_MADE, words=_PARTS)
def for_clients(_stage: Stage) -> Act:
    return Act(lambda: nimnet.new_context(ca_file=files().ca_file, alpn=["http/1.1"]))


@scenario(_MADE, words=_PARTS)
def for_clients_of_the_system(_stage: Stage) -> Act:
    return Act(nimnet.new_context)


@scenario(_MADE, words=_PARTS)
def for_servers(_stage: Stage) -> Act:
    mine = files().servers["valid"]
    return Act(lambda: nimnet.new_context(cert_file=mine.cert_file, key_file=mine.key_file))


@scenario(_MADE, words=_PARTS)
def of_bytes(_stage: Stage) -> Act:
    mine = files().servers["valid"]
    certificate, key = Path(mine.cert_file).read_bytes(), Path(mine.key_file).read_bytes()
    authority = Path(files().ca_file).read_bytes()
    return Act(lambda: nimnet.new_context(cert_data=certificate, key_data=key, ca_data=authority))


@scenario(_MADE, words=_PARTS)
def of_a_folder_with_all_settings(stage: Stage) -> Act:
    folder = str(stage.folder)
    return Act(
        lambda: nimnet.new_context(
            ca_dir=folder,
            ciphersuites="TLS_AES_128_GCM_SHA256",
            cipher_list="ECDHE+AESGCM",
            min_version=TlsVersion.TLS_1_2,
            max_version=TlsVersion.TLS_1_3,
            ignore_unexpected_eof=True,
        )
    )


def _assign(name: str, value: object, context: nimnet.SslContext) -> None:
    setattr(context, name, value)


def _of_context(label: str, call: Callable[[nimnet.SslContext], object], words: str = "") -> None:
    """Lists a call that needs no more than a context."""

    @scenario(f"SslContext.{label}", words=(words,) if words else ())
    def as_it_is(_stage: Stage) -> Act:
        context = nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
        return Act(lambda: call(context))


_INDEX: Final = nimnet.get_ssl_context_extra_data_index()
_PROPERTIES: Final[dict[str, tuple[str, object]]] = {
    "session_id_context": ("sid_ctx", "a program"),
    "psk_identity_hint": ("hint", "hint"),
    "client_get_psk_func": ("fun", lambda _hint: ("name", b"key")),
    "server_get_psk_func": ("fun", lambda _identity: b"key"),
}
"""The properties, each with the name of what is assigned to it, and that."""
for _property, (_param, _value) in _PROPERTIES.items():
    _of_context(_property, attrgetter(_property))
    _of_context(f"{_property} = {_param}", partial(_assign, _property, _value), words=_param)
_of_context("context", lambda context: context.context, words="context")
_of_context("set_extra_data(index, data)", lambda context: context.set_extra_data(_INDEX, "extra"))
_of_context("destroy_context()", nimnet.SslContext.destroy_context)


@scenario("SslContext.get_extra_data(index)")
def extra_data(_stage: Stage) -> Act:
    context = nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
    context.set_extra_data(_INDEX, "extra")
    return Act(lambda: context.get_extra_data(_INDEX))


@scenario("get_ssl_context_extra_data_index()")
def a_place_for_extra_data(_stage: Stage) -> Act:
    return Act(nimnet.get_ssl_context_extra_data_index)


@scenario("SslContext.wrap_socket(socket, session)", *SECURED, words=("use wrap_connected_socket",))
def wrap_one_that_is_new(stage: Stage) -> Act:
    sock, context = stage.sock(), client_context(stage.transport)
    return Act(lambda: context.wrap_socket(sock), sock, mute=True)


@scenario("SslContext.wrap_socket(socket, session)", *SECURED, words=("use wrap_connected_socket",))
def wrap_one_that_listens(stage: Stage) -> Act:
    sock, context = stage.sock(), server_context(stage.transport)
    sock.bind_addr(nimnet.Port(0), HOST)
    sock.listen()
    return Act(lambda: context.wrap_socket(sock), sock, mute=True)


_WORDS = ("TLS handshake", "TLS", "get the peer's address", "no certificate can be verified")
_CONNECTED = "SslContext.wrap_connected_socket(socket, handshake, hostname, timeout, session)"


@scenario(_CONNECTED, *SECURED, words=_WORDS)
def as_a_client(stage: Stage) -> Act:
    place, sock, context = stage.plays(send=b"hello"), stage.sock(), client_context(stage.transport)
    stage.connect(sock, place)
    client = SslHandshakeType.HANDSHAKE_AS_CLIENT
    name = "" if stage.transport.startswith("psk") else "localhost"
    return Act(
        lambda: context.wrap_connected_socket(sock, client, name, timeout=PATIENCE),
        sock,
        mute=True,
    )


@scenario(_CONNECTED, *SECURED, words=_WORDS)
def as_a_server(stage: Stage) -> Act:
    listener, context = stage.sock(), server_context(stage.transport)
    listener.bind_addr(nimnet.Port(0), HOST)
    listener.listen()
    stage.plays(send=b"hello", port=int(listener.get_local_addr()[1]))
    sock = listener.accept(timeout=PATIENCE)
    listener.close()
    server = SslHandshakeType.HANDSHAKE_AS_SERVER
    return Act(
        lambda: context.wrap_connected_socket(sock, server, timeout=PATIENCE), sock, mute=True
    )


@scenario("Socket.handshake(timeout)", *SECURED, words=("TLS handshake",))
def accepted_before(stage: Stage) -> Act:
    listener = stage.awaited(b"hello")
    sock = listener.accept(timeout=PATIENCE)
    listener.close()
    return Act(lambda: sock.handshake(PATIENCE), sock, mute=True)


for _name in (
    *("got_handshake", "get_peer_certificates", "get_unverified_certificate", "get_tls_version"),
    *("get_cipher", "get_alpn_protocol", "is_resumed", "ssl_handle", "get_channel_binding"),
    "get_tls_session",
):
    _said = _name.split("_", 1)[-1].replace("_", " ")
    asked(f"Socket.{_name}()", methodcaller(_name), *SECURED, words=_said)
asked(
    "Socket.export_keying_material(label, length, context)",
    lambda sock: sock.export_keying_material("EXPORTER-test", 32),
    *SECURED,
)
