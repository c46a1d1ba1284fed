"""What OpenSSL asks of a program in a handshake, and which connection it asks for.

OpenSSL knows a connection by its address, under which the answers to its questions are found here.
"""

import weakref
from typing import Any, Protocol

from OpenSSL import SSL

from nimnet_runtime.tls.bindings.errorqueue import succeed
from nimnet_runtime.tls.bindings.library import ffi, lib


class Exchange(Protocol):
    """What a connection answers when OpenSSL asks the program; never raises.

    Attributes:
        error: The first exception that a function of the program's raised in OpenSSL's calls.
        overruled: Whether a function of the program's accepted a certificate that OpenSSL refused.
        asks_program: Whether one judges certificates that was set for this connection alone.
    """

    asks_program: bool
    error: BaseException | None
    overruled: bool

    def keep(self, error: BaseException, function: str) -> None:
        """Keeps what the function of this name raised, for the call that it was raised in."""
        ...

    def client_key(
        self, hint: bytes | None, identity_room: int, key_room: int
    ) -> tuple[bytes, bytes] | None:
        """Returns the identity and the key to offer, None to offer none."""
        ...

    def server_key(self, identity: bytes, key_room: int) -> bytes | None:
        """Returns the key of the client with this identity, None for an unknown one."""
        ...

    def select_protocol(self, offered: list[bytes]) -> bytes | None:
        """Returns the one of a client's application protocols to speak, None to refuse them."""
        ...


# No fork and no signal handler finds it in a state between two: each use is one call into C.
_exchanges: weakref.WeakValueDictionary[int, Exchange] = weakref.WeakValueDictionary()


def register(connection: SSL.Connection, exchange: Exchange) -> None:
    """Lets `exchange`, which is referenced weakly, answer for a connection."""
    _exchanges[_address(connection._ssl)] = exchange


def exchange_of(connection: SSL.Connection) -> Exchange | None:
    """Returns what answers for a connection; None if it is none of this package's."""
    return _exchanges.get(_address(connection._ssl))


def enable_protocol_selection(context: SSL.Context) -> None:
    """Makes servers of `context` ask their exchange for the application protocol (RFC 7301).

    See SSL_CTX_set_alpn_select_cb(3).
    """
    lib.SSL_CTX_set_alpn_select_cb(context._context, _select_protocol, ffi.NULL)


def set_psk_identity_hint(context: SSL.Context, hint: bytes) -> None:
    """Sets the hint a TLS 1.2 server gives its clients; empty for none.

    See SSL_CTX_use_psk_identity_hint(3).

    Raises:
        OpenSslError: The hint is too long.
    """
    lib.ERR_clear_error()
    succeed(lib.SSL_CTX_use_psk_identity_hint(context._context, hint or ffi.NULL))


def enable_client_psk(context: SSL.Context, enabled: bool) -> None:
    """Makes connections of `context` that start from now on ask their exchange for a key.

    See SSL_CTX_set_psk_client_callback(3); OpenSSL falls back on it in TLS 1.3.
    """
    lib.SSL_CTX_set_psk_client_callback(context._context, _ask_client if enabled else ffi.NULL)


def enable_server_psk(context: SSL.Context, enabled: bool) -> None:
    """As `enable_client_psk`, for connections that accept (SSL_CTX_set_psk_server_callback(3))."""
    lib.SSL_CTX_set_psk_server_callback(context._context, _ask_server if enabled else ffi.NULL)


# The callbacks belong to the module: no context, however long it lives, can outlive them.


@ffi.callback(  # type: ignore[untyped-decorator]  # cffi has no types
    "unsigned int(SSL *, char *, char *, unsigned int, unsigned char *, unsigned int)", error=0
)
def _ask_client(
    ssl: Any, hint: Any, identity: Any, identity_room: int, key: Any, key_room: int
) -> int:
    exchange = _exchanges.get(_address(ssl))
    if exchange is None:
        return 0
    try:
        answer = exchange.client_key(
            ffi.string(hint) if hint != ffi.NULL else None, identity_room, key_room
        )
        if answer is None:
            return 0
        ffi.memmove(identity, answer[0] + b"\0", len(answer[0]) + 1)
        ffi.memmove(key, answer[1], len(answer[1]))
        return len(answer[1])
    except MemoryError as error:
        exchange.keep(error, "the look for a key")
        return 0


@ffi.callback("unsigned int(SSL *, char *, unsigned char *, unsigned int)", error=0)  # type: ignore[untyped-decorator]  # cffi has no types
def _ask_server(ssl: Any, identity: Any, key: Any, key_room: int) -> int:
    exchange = _exchanges.get(_address(ssl))
    if exchange is None or identity == ffi.NULL:
        return 0
    try:
        answer = exchange.server_key(ffi.string(identity), key_room)
        if answer is None:
            return 0
        ffi.memmove(key, answer, len(answer))
        return len(answer)
    except MemoryError as error:
        exchange.keep(error, "the look for a key")
        return 0


@ffi.callback(  # type: ignore[untyped-decorator]  # cffi has no types
    "int(SSL *, unsigned char **, unsigned char *, unsigned char *, unsigned int, void *)",
    error=lib.SSL_TLSEXT_ERR_ALERT_FATAL,
)
def _select_protocol(
    ssl: Any, selected: Any, selected_size: Any, offered: Any, size: int, _data: Any
) -> int:
    exchange = _exchanges.get(_address(ssl))
    if exchange is None:
        return int(lib.SSL_TLSEXT_ERR_NOACK)
    try:
        # OpenSSL has checked the list: each name follows its length. What is selected stays in it.
        places: dict[bytes, int] = {}
        place = 0
        while place < size:
            end = place + 1 + offered[place]
            places[ffi.buffer(offered + place + 1, offered[place])[:]] = place
            place = end
        name = exchange.select_protocol(list(places))
        if name is None:
            return int(lib.SSL_TLSEXT_ERR_ALERT_FATAL)
        selected[0] = offered + places[name] + 1
        selected_size[0] = len(name)
        return int(lib.SSL_TLSEXT_ERR_OK)
    except MemoryError as error:
        exchange.keep(error, "the choice of an application protocol")
        return int(lib.SSL_TLSEXT_ERR_ALERT_FATAL)


def _address(ssl: Any) -> int:
    return int(ffi.cast("uintptr_t", ssl))
