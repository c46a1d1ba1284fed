"""A scripted peer's connection under TLS with a pre-shared key, which Python's `ssl` 3.11 lacks.

pyOpenSSL speaks TLS; its bindings have the callbacks (SSL_CTX_set_psk_server_callback(3) and
SSL_CTX_set_psk_client_callback(3)), which TLS 1.3 uses as well. What has no type stays in here.
"""

from __future__ import annotations

import functools
import select
import socket
from collections.abc import Callable
from typing import Any, Final, TypeVar

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from harness.credentials import PSK_HINT, PSK_IDENTITY, PSK_KEY
from harness.places import PATIENCE

_T = TypeVar("_T")

VERSIONS: Final = {"psk12": SSL.TLS1_2_VERSION, "psk13": SSL.TLS1_3_VERSION}

Binding.init_static_locks()
_lib: Final[Any] = Binding.lib
_ffi: Final[Any] = Binding.ffi


class PskSecured:
    """A connection under TLS that both sides authenticate with the pre-shared key."""

    def __init__(self, connected: socket.socket, transport: str, *, server: bool) -> None:
        """Owns a connected socket; the handshake is still to come."""
        self.raw = connected
        self._tls = SSL.Connection(_settings(transport, server), connected)
        if server:
            self._tls.set_accept_state()
        else:
            self._tls.set_connect_state()

    def shake_hands(self) -> None:
        self._patiently(self._tls.do_handshake)

    def send(self, data: memoryview) -> int:
        return self._patiently(lambda: self._tls.send(bytes(data[: 1 << 14])))

    def receive(self, most: int) -> bytes:
        try:
            return self._patiently(lambda: self._tls.recv(most))
        except SSL.ZeroReturnError:
            return b""

    def finish(self) -> None:
        """Send a close_notify, without waiting for another."""
        self._patiently(self._tls.shutdown)

    def _patiently(self, call: Callable[[], _T]) -> _T:
        """Call until OpenSSL need not wait for the socket, which has a timeout of Python's."""
        while True:
            try:
                return call()
            except SSL.WantReadError:
                self._await(select.POLLIN)
            except SSL.WantWriteError:
                self._await(select.POLLOUT)
            except SSL.ZeroReturnError:
                raise
            except SSL.Error as error:
                raise OSError(f"the peer's TLS failed: {error!r}") from error

    def _await(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.raw, event)
        if not poll.poll(PATIENCE * 1000):
            raise TimeoutError(f"the peer's TLS waited {PATIENCE:.0f} s in vain")


@functools.cache
def _settings(transport: str, server: bool) -> SSL.Context:
    settings = SSL.Context(SSL.TLS_METHOD)
    settings.set_min_proto_version(VERSIONS[transport])
    settings.set_max_proto_version(VERSIONS[transport])
    settings.set_cipher_list(b"PSK-AES128-GCM-SHA256:ECDHE-PSK-CHACHA20-POLY1305")
    settings.set_tls13_ciphersuites(b"TLS_AES_128_GCM_SHA256")
    handle = settings._context
    if server:
        assert _lib.SSL_CTX_use_psk_identity_hint(handle, PSK_HINT.encode())
        _lib.SSL_CTX_set_psk_server_callback(handle, _find_key)
    else:
        _lib.SSL_CTX_set_psk_client_callback(handle, _name_key)
    return settings


@_ffi.callback("unsigned int(SSL *, char *, unsigned char *, unsigned int)", error=0)  # type: ignore[untyped-decorator]  # cffi has no types
def _find_key(_ssl: Any, identity: Any, key: Any, _room: int) -> int:
    if _ffi.string(identity) != PSK_IDENTITY.encode():
        return 0
    _ffi.memmove(key, PSK_KEY, len(PSK_KEY))
    return len(PSK_KEY)


@_ffi.callback(  # type: ignore[untyped-decorator]  # cffi has no types
    "unsigned int(SSL *, char *, char *, unsigned int, unsigned char *, unsigned int)", error=0
)
def _name_key(_ssl: Any, _hint: Any, identity: Any, _longest: int, key: Any, _room: int) -> int:
    name = PSK_IDENTITY.encode() + b"\0"
    _ffi.memmove(identity, name, len(name))
    _ffi.memmove(key, PSK_KEY, len(PSK_KEY))
    return len(PSK_KEY)
