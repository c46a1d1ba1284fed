"""The boundary to OpenSSL: the one module that uses private names of its Python bindings.

pyOpenSSL has no public way to set PSK callbacks, to check a host name inside the handshake or to
read into the caller's memory. The functions for that are in the bindings under it (those of
`cryptography`), whose names are no promise. They are looked up here, once, when TLS is first used;
a build that lacks one is refused with an `SslError` that names it. Only this module sees values
without a type; what it gives away has one.

It makes calls and decides nothing: what a session does with them is in `machine`. The calls of the
data path are not wrapped. They are the functions of the library themselves, under Python's spelling
of their names, so that a record costs no call of Python's more than it must.
"""

import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple, NewType, Protocol, TypeAlias

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from nimnet_runtime.errors import SslError
from nimnet_runtime.forks import Inherited, is_lost
from nimnet_runtime.system import RLock

_REQUIRED: Final = (
    "BIO_get_mem_data",
    "BIO_new",
    "BIO_read",
    "BIO_s_mem",
    "BIO_write",
    "ERR_GET_REASON",
    "ERR_clear_error",
    "ERR_get_error",
    "ERR_reason_error_string",
    "SSL_CTX_get_cert_store",
    "SSL_CTX_set_client_CA_list",
    "SSL_CTX_set_default_passwd_cb",
    "SSL_CTX_set_psk_client_callback",
    "SSL_CTX_set_psk_server_callback",
    "SSL_CTX_set_session_id_context",
    "SSL_CTX_use_PrivateKey_file",
    "SSL_CTX_use_certificate_chain_file",
    "SSL_CTX_use_psk_identity_hint",
    "SSL_ERROR_WANT_READ",
    "SSL_ERROR_ZERO_RETURN",
    "SSL_FILETYPE_PEM",
    "SSL_MODE_ENABLE_PARTIAL_WRITE",
    "SSL_MODE_RELEASE_BUFFERS",
    "SSL_clear_mode",
    "SSL_do_handshake",
    "SSL_free",
    "SSL_get0_param",
    "SSL_get_cipher_list",
    "SSL_get_error",
    "SSL_get_verify_result",
    "SSL_load_client_CA_file",
    "SSL_new",
    "SSL_peek",
    "SSL_pending",
    "SSL_read",
    "SSL_session_reused",
    "SSL_set_bio",
    "SSL_set_mode",
    "SSL_shutdown",
    "SSL_write",
    "X509_CHECK_FLAG_NEVER_CHECK_SUBJECT",
    "X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS",
    "X509_STORE_get0_objects",
    "X509_VERIFY_PARAM_free",
    "X509_VERIFY_PARAM_new",
    "X509_VERIFY_PARAM_set1_host",
    "X509_VERIFY_PARAM_set1_ip",
    "X509_VERIFY_PARAM_set_hostflags",
    "X509_verify_cert_error_string",
    "sk_X509_OBJECT_num",
)
"""Names of the library; a test holds them against those that this module uses."""
_PRIVATE: Final = ("_from_ssl", "_into_ssl", "_ssl")
"""Attributes of pyOpenSSL's connections."""


class Reason(NamedTuple):
    """One entry of OpenSSL's error queue: its number within the library, and its text."""

    number: int
    text: str


class OpenSslError(Exception):
    """What OpenSSL reported when it refused; `failures` puts it into words.

    Attributes:
        reasons: The error queue, oldest first; empty where OpenSSL gave no reason.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        """Keeps the queue's entries."""
        super().__init__("; ".join(reason.text for reason in reasons))
        self.reasons = reasons


Ssl = NewType("Ssl", object)
"""A connection: OpenSSL's `SSL *`."""
Bio = NewType("Bio", object)
"""One of its two memory buffers: OpenSSL's `BIO *`."""


AlpnSelected: TypeAlias = "bytes | SSL._NoOverlappingProtocols"
"""What an ALPN callback returns."""
AlpnSelect: TypeAlias = Callable[[SSL.Connection, list[bytes]], AlpnSelected]


class Memory(Protocol):
    """Some bytes for C: a `char *`, and what it points to for as long as this lives."""

    def __add__(self, offset: int, /) -> "Memory":
        """Returns what lies `offset` bytes further; it keeps nothing alive."""
        ...


class Exported(Protocol):
    """Bytes of C's for Python."""

    def __buffer__(self, flags: int, /) -> memoryview:
        """Lets `memoryview` see them; writable."""
        ...

    def __getitem__(self, index: slice, /) -> bytes:
        """Returns a copy."""
        ...


class Exchange(Protocol):
    """What a connection answers when OpenSSL asks the program; never raises.

    Attributes:
        error: The first exception that a function of the program's raised in OpenSSL's calls.
    """

    error: BaseException | None

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


def _checked_bindings() -> tuple[Any, Any]:
    Binding.init_static_locks()
    lib, ffi = Binding.lib, Binding.ffi
    context = SSL.Context(SSL.TLS_METHOD)
    missing = [name for name in _REQUIRED if not hasattr(lib, name)]
    if not hasattr(context, "_context"):
        missing.append("Context._context")
    connection = SSL.Connection(context, None)
    missing += [f"Connection.{name}" for name in _PRIVATE if not hasattr(connection, name)]
    if not getattr(lib, "Cryptography_HAS_PSK", 1):
        missing.append("PSK support")
    if missing:
        raise SslError(
            f"the installed OpenSSL bindings lack {', '.join(missing)};"
            " install the newest pyOpenSSL and cryptography"
        )
    return lib, ffi


_lib, _ffi = _checked_bindings()
# No fork and no signal handler finds it in a state between two: each use is one call into C.
_exchanges: weakref.WeakValueDictionary[int, Exchange] = weakref.WeakValueDictionary()


def take_reasons() -> tuple[Reason, ...]:
    """Empties this thread's error queue and returns what stood in it, oldest first.

    See ERR_get_error(3).
    """
    reasons = []
    while code := _lib.ERR_get_error():
        text = _lib.ERR_reason_error_string(code)
        number = _lib.ERR_GET_REASON(code)
        reasons.append(Reason(number, _text(text) if text != _ffi.NULL else f"reason {number}"))
    return tuple(reasons)


def _text(chars: Any) -> str:
    value: bytes = _ffi.string(chars)
    return value.decode("utf-8", "backslashreplace")


# Contexts


def load_certificates(context: SSL.Context, cert_file: bytes) -> None:
    """Loads the certificate and the chain that follows it from a PEM file.

    See SSL_CTX_use_certificate_chain_file(3).

    Raises:
        OpenSslError: The file holds no certificate, or one that OpenSSL's policy refuses.
    """
    _lib.ERR_clear_error()
    _lib.SSL_CTX_set_default_passwd_cb(context._context, _no_password)
    _succeed(_lib.SSL_CTX_use_certificate_chain_file(context._context, cert_file))


def load_private_key(context: SSL.Context, key_file: bytes) -> None:
    """Loads the private key from a PEM file and compares it with the certificate.

    See SSL_CTX_use_PrivateKey_file(3).

    Raises:
        OpenSslError: The file holds no usable key, an encrypted one or that of another
            certificate.
    """
    _lib.ERR_clear_error()
    _lib.SSL_CTX_set_default_passwd_cb(context._context, _no_password)
    _succeed(_lib.SSL_CTX_use_PrivateKey_file(context._context, key_file, _lib.SSL_FILETYPE_PEM))


def name_client_authorities(context: SSL.Context, ca_file: bytes) -> None:
    """Lets a server tell clients whose certificates it accepts; see SSL_CTX_set_client_CA_list(3).

    Raises:
        OpenSslError: The file holds no certificate.
    """
    _lib.ERR_clear_error()
    names = _lib.SSL_load_client_CA_file(ca_file)
    _succeed(names != _ffi.NULL)
    _lib.SSL_CTX_set_client_CA_list(context._context, names)


def trusted_count(context: SSL.Context) -> int:
    """Returns how many certificates the trust store has loaded; directories load as asked."""
    store = _lib.SSL_CTX_get_cert_store(context._context)
    count: int = _lib.sk_X509_OBJECT_num(_lib.X509_STORE_get0_objects(store))
    return count


def suites(context: SSL.Context) -> list[str]:
    """Returns the cipher suites that connections may use, the preferred ones first.

    A `Connection` knows them too, but pyOpenSSL freezes the settings of a context that has one.
    """
    connection = _ffi.gc(_lib.SSL_new(context._context), _lib.SSL_free)
    names: list[str] = []
    while (name := _lib.SSL_get_cipher_list(connection, len(names))) != _ffi.NULL:
        names.append(_ffi.string(name).decode())
    return names


def set_psk_identity_hint(context: SSL.Context, hint: bytes) -> None:
    """Sets the hint a TLS 1.2 server gives its clients; empty for none.

    See SSL_CTX_use_psk_identity_hint(3).

    Raises:
        OpenSslError: The hint is too long.
    """
    _lib.ERR_clear_error()
    _succeed(_lib.SSL_CTX_use_psk_identity_hint(context._context, hint or _ffi.NULL))


def enable_client_psk(context: SSL.Context, enabled: bool) -> None:
    """Makes connections of `context` that start from now on ask their exchange for a key.

    See SSL_CTX_set_psk_client_callback(3); OpenSSL falls back on it in TLS 1.3.
    """
    _lib.SSL_CTX_set_psk_client_callback(context._context, _ask_client if enabled else _ffi.NULL)


def enable_server_psk(context: SSL.Context, enabled: bool) -> None:
    """As `enable_client_psk`, for connections that accept (SSL_CTX_set_psk_server_callback(3))."""
    _lib.SSL_CTX_set_psk_server_callback(context._context, _ask_server if enabled else _ffi.NULL)


def _succeed(result: object) -> None:
    if not result:
        raise OpenSslError(take_reasons())


# The callbacks belong to the module: no context, however long it lives, can outlive them.


@_ffi.callback("int(char *, int, int, void *)", error=0)  # type: ignore[untyped-decorator]  # cffi has no types
def _no_password(_buffer: Any, _size: int, _writing: int, _data: Any) -> int:
    return 0  # OpenSSL itself would ask at the terminal


@_ffi.callback(  # type: ignore[untyped-decorator]  # cffi has no types
    "unsigned int(SSL *, char *, char *, unsigned int, unsigned char *, unsigned int)", error=0
)
def _ask_client(
    ssl: Any, hint: Any, identity: Any, identity_room: int, key: Any, key_room: int
) -> int:
    exchange = _exchanges.get(_address(ssl))
    if exchange is None:
        return 0
    answer = exchange.client_key(
        _ffi.string(hint) if hint != _ffi.NULL else None, identity_room, key_room
    )
    if answer is None:
        return 0
    _ffi.memmove(identity, answer[0] + b"\0", len(answer[0]) + 1)
    _ffi.memmove(key, answer[1], len(answer[1]))
    return len(answer[1])


@_ffi.callback("unsigned int(SSL *, char *, unsigned char *, unsigned int)", error=0)  # type: ignore[untyped-decorator]  # cffi has no types
def _ask_server(ssl: Any, identity: Any, key: Any, key_room: int) -> int:
    exchange = _exchanges.get(_address(ssl))
    if exchange is None or identity == _ffi.NULL:
        return 0
    answer = exchange.server_key(_ffi.string(identity), key_room)
    if answer is None:
        return 0
    _ffi.memmove(key, answer, len(answer))
    return len(answer)


def _address(ssl: Any) -> int:
    return int(_ffi.cast("uintptr_t", ssl))


# Sessions: those calls that are not made for each record.


class Session(NamedTuple):
    """One connection of OpenSSL's between two memory buffers.

    Attributes:
        connection: The object of pyOpenSSL, which owns all of it.
        ssl: The connection.
        input: Where ciphertext for it goes.
        output: Where it leaves ciphertext.
    """

    connection: SSL.Connection
    ssl: Ssl
    input: Bio
    output: Bio


class Birthplace(Inherited):
    """Where the sessions of one context are made, one after the other.

    A session takes over what sessions belong to (SSL_CTX_set_session_id_context(3)) from its
    context when it is made, and has no setting of its own for it.
    """

    __slots__ = ("_begun", "_lock")

    def __init__(self) -> None:
        """None have been made."""
        self._lock = RLock()
        self._begun: object = None
        super().__init__()

    def connection(self, context: SSL.Context, session_context: bytes) -> SSL.Connection:
        """Returns a connection whose sessions belong to `session_context`; empty for none."""
        size = len(session_context)
        with self._lock:
            while True:
                self._begun = mine = object()
                _lib.SSL_CTX_set_session_id_context(context._context, session_context, size)
                connection = SSL.Connection(context, None)
                # Unless a signal handler or finalizer of this thread has made one in between.
                if self._begun is mine:
                    return connection

    @property
    def inside(self) -> RLock:
        """See `Inherited`."""
        return self._lock

    def forget_other_threads(self) -> None:
        """See `Inherited`."""
        if is_lost(self._lock):
            self._lock = RLock()


def new_session(connection: SSL.Connection, exchange: Exchange) -> Session:
    """Returns the session of a connection that is neither a client nor a server yet.

    Args:
        connection: From a `Birthplace`.
        exchange: Asked for pre-shared keys, and told of what callbacks raise; referenced weakly.
    """
    # An idle connection keeps no buffers for records; they are OpenSSL's largest by far.
    _lib.SSL_set_mode(connection._ssl, _lib.SSL_MODE_RELEASE_BUFFERS)
    # pyOpenSSL's contexts make a write stop after one record; a memory buffer has room for all.
    _lib.SSL_clear_mode(connection._ssl, _lib.SSL_MODE_ENABLE_PARTIAL_WRITE)
    _exchanges[_address(connection._ssl)] = exchange
    return Session(connection, connection._ssl, connection._into_ssl, connection._from_ssl)


def new_buffers(connection: SSL.Connection) -> tuple[Bio, Bio]:
    """Returns two buffers for `ssl_set_bio`, which alone can make them the connection's.

    Raises:
        MemoryError: There is no memory for them.
    """
    # A program's callback may ask pyOpenSSL's object, which must not know those that are gone.
    buffers = _new_buffer(), _new_buffer()
    connection._into_ssl, connection._from_ssl = buffers
    return buffers


def _new_buffer() -> Bio:
    buffer: Bio = _lib.BIO_new(_lib.BIO_s_mem())
    if buffer == _ffi.NULL:
        clear_errors()
        raise MemoryError("no memory for a buffer")
    return buffer


def exchange_of(connection: SSL.Connection) -> Exchange | None:
    """Returns what `new_session` was given for this connection; None if it is not from there."""
    return _exchanges.get(_address(connection._ssl))


def require_host(ssl: Ssl, name: bytes) -> None:
    """Makes the handshake fail unless the certificate is for this host (RFC 9525).

    See X509_VERIFY_PARAM_set1_host(3).

    Raises:
        OpenSslError: No host can have this name.
    """
    _succeed(_takes_host(_strict_parameters(ssl), name))


def can_require_host(name: bytes) -> bool:
    """Tells whether `require_host` would take this name, without a connection."""
    parameters = _lib.X509_VERIFY_PARAM_new()
    if parameters == _ffi.NULL:
        raise MemoryError
    try:
        return _takes_host(parameters, name)
    finally:
        _lib.X509_VERIFY_PARAM_free(parameters)
        _lib.ERR_clear_error()


def _takes_host(parameters: Any, name: bytes) -> bool:
    # OpenSSL 4 refuses a wildcard as the name itself, which to older ones matches that wildcard. It
    # also refuses a name of one character, and what is no letter, digit, hyphen or underscore.
    if b"*" in name:
        return False
    return bool(_lib.X509_VERIFY_PARAM_set1_host(parameters, name, len(name)) == 1)


def require_address(ssl: Ssl, packed: bytes) -> None:
    """Makes the handshake fail unless the certificate is for this IP address.

    Raises:
        OpenSslError: These are neither 4 nor 16 bytes.
    """
    _succeed(_lib.X509_VERIFY_PARAM_set1_ip(_strict_parameters(ssl), packed, len(packed)))


def _strict_parameters(ssl: Ssl) -> Any:
    parameters = _lib.SSL_get0_param(ssl)
    _lib.X509_VERIFY_PARAM_set_hostflags(
        parameters,
        _lib.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | _lib.X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
    )
    return parameters


def verify_result(ssl: Ssl) -> tuple[int, str]:
    """Returns the result of the certificate check, 0 for none or good, and OpenSSL's text for it.

    See SSL_get_verify_result(3) and X509_verify_cert_error_string(3).
    """
    code = _lib.SSL_get_verify_result(ssl)
    return code, _text(_lib.X509_verify_cert_error_string(code))


# Sessions: the data path. See the module's docstring.

ssl_do_handshake: Final[Callable[[Ssl], int]] = _lib.SSL_do_handshake
"""Goes on with the handshake; 1 when it is complete (SSL_do_handshake(3))."""
ssl_read: Final[Callable[[Ssl, Memory, int], int]] = _lib.SSL_read
"""Decrypts up to so many bytes; returns how many, 0 or less for none (SSL_read(3))."""
ssl_peek: Final[Callable[[Ssl, Memory, int], int]] = _lib.SSL_peek
"""As `ssl_read`, but the bytes stay."""
ssl_write: Final[Callable[[Ssl, Memory, int], int]] = _lib.SSL_write
"""Encrypts so many bytes, at least one; returns how many, 0 or less for none (SSL_write(3))."""
ssl_get_error: Final[Callable[[Ssl, int], int]] = _lib.SSL_get_error
"""Tells why an operation returned 0 or less: one of the constants below (SSL_get_error(3))."""
ssl_pending: Final[Callable[[Ssl], int]] = _lib.SSL_pending
"""Returns how many decrypted bytes wait to be read (SSL_pending(3))."""
ssl_shutdown: Final[Callable[[Ssl], int]] = _lib.SSL_shutdown
"""Leaves close_notify in the output, once (SSL_shutdown(3))."""
ssl_set_bio: Final[Callable[[Ssl, Bio, Bio], None]] = _lib.SSL_set_bio
"""Gives a connection other buffers, in and out, and frees those it had (SSL_set_bio(3))."""
ssl_session_reused: Final[Callable[[Ssl], int]] = _lib.SSL_session_reused
"""Tells whether a session was resumed, or a pre-shared key of TLS 1.3 used."""
bio_read: Final[Callable[[Bio, Memory, int], int]] = _lib.BIO_read
"""Moves up to so many bytes out of a buffer; returns how many (BIO_read(3))."""
bio_write: Final[Callable[[Bio, bytes, int], int]] = _lib.BIO_write
"""Copies so many bytes into a buffer; returns how many (BIO_write(3))."""
bio_get_mem_data: Final[Callable[[Bio, Memory], int]] = _lib.BIO_get_mem_data
"""Returns how many bytes a buffer holds, given `NULL` for where to say which (BIO_s_mem(3))."""
clear_errors: Final[Callable[[], None]] = _lib.ERR_clear_error
"""Empties this thread's error queue, without which `ssl_get_error` tells of others' failures."""

WANT_READ: Final[int] = _lib.SSL_ERROR_WANT_READ
ZERO_RETURN: Final[int] = _lib.SSL_ERROR_ZERO_RETURN

NULL: Final[Memory] = _ffi.NULL
allocate: Final[Callable[[int], Memory]] = partial(
    _ffi.new_allocator(should_clear_after_alloc=False), _ffi.typeof("char[]")
)
"""Returns so many bytes of memory with nothing in particular in them."""
memory_of: Final[Callable[[bytes | memoryview], Memory]] = _ffi.from_buffer
"""Returns the memory of an object, which cannot be resized for as long as the result lives."""
release: Final[Callable[[Memory], None]] = _ffi.release
"""Ends what `memory_of` returned, whoever still has it."""
exported: Final[Callable[[Memory, int], Exported]] = _ffi.buffer
"""Returns the first so many bytes of `Memory` to Python; a slice of the result is a copy."""
