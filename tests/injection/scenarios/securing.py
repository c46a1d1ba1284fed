"""TLS: contexts, handshakes, and what is asked of both."""

from __future__ import annotations

from pathlib import Path

import nimnet
from harness.credentials import files
from nimnet.sessions import TlsVersion
from nimnet.tls import SslHandshakeType

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


def _context(stage: Stage) -> nimnet.SslContext:
    del stage
    return nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)


@scenario("SslContext.context", words=("context",))
def what_is_below_it(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: context.context)


@scenario("SslContext.get_extra_data(index)")
def extra_data(stage: Stage) -> Act:
    context, index = _context(stage), nimnet.get_ssl_context_extra_data_index()
    context.set_extra_data(index, "extra")
    return Act(lambda: context.get_extra_data(index))


@scenario("SslContext.set_extra_data(index, data)")
def set_extra_data(stage: Stage) -> Act:
    context, index = _context(stage), nimnet.get_ssl_context_extra_data_index()
    return Act(lambda: context.set_extra_data(index, "extra"))


@scenario("get_ssl_context_extra_data_index()")
def a_place_for_extra_data(_stage: Stage) -> Act:
    return Act(nimnet.get_ssl_context_extra_data_index)


@scenario("SslContext.destroy_context()")
def destroy(stage: Stage) -> Act:
    return Act(_context(stage).destroy_context)


@scenario("SslContext.session_id_context")
def the_session_id_context(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: context.session_id_context)


@scenario("SslContext.session_id_context = sid_ctx")
def set_the_session_id_context(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: setattr(context, "session_id_context", "a program"))


@scenario("SslContext.psk_identity_hint")
def the_hint(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: context.psk_identity_hint)


@scenario("SslContext.psk_identity_hint = hint", words=("hint",))
def set_the_hint(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: setattr(context, "psk_identity_hint", "hint"))


@scenario("SslContext.client_get_psk_func")
def the_function_of_clients(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: context.client_get_psk_func)


@scenario("SslContext.client_get_psk_func = fun")
def set_the_function_of_clients(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: setattr(context, "client_get_psk_func", lambda _hint: ("name", b"key")))


@scenario("SslContext.server_get_psk_func")
def the_function_of_servers(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: context.server_get_psk_func)


@scenario("SslContext.server_get_psk_func = fun")
def set_the_function_of_servers(stage: Stage) -> Act:
    context = _context(stage)
    return Act(lambda: setattr(context, "server_get_psk_func", lambda _identity: b"key"))


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


def _asked(name: str) -> None:
    """Lists what is asked of a connection under TLS, without an argument."""

    @scenario(f"Socket.{name}()", *SECURED, words=(name.split("_", 1)[-1].replace("_", " "),))
    def after_the_handshake(stage: Stage) -> Act:
        sock = stage.connected(b"unread")
        return Act(lambda: getattr(sock, name)(), sock)


for _name in (
    *("got_handshake", "get_peer_certificates", "get_unverified_certificate", "get_tls_version"),
    *("get_cipher", "get_alpn_protocol", "is_resumed", "ssl_handle", "get_channel_binding"),
    "get_tls_session",
):
    _asked(_name)


@scenario("Socket.export_keying_material(label, length, context)", *SECURED)
def keying_material(stage: Stage) -> Act:
    sock = stage.connected(b"unread")
    return Act(lambda: sock.export_keying_material("EXPORTER-test", 32), sock)
