"""The boundary to OpenSSL: the one module that uses private names of its Python bindings.

pyOpenSSL has no public way to set PSK callbacks, to check a host name inside the handshake or to
read into the caller's memory. The functions for that are in the bindings under it (those of
`cryptography`), whose names are no promise. They are looked up here, once, when TLS is first used;
a build that lacks one is refused with an `SslError` that names it. Only this module sees values
without a type.
"""

import threading
import weakref
from typing import Any, Final, NamedTuple, Protocol

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

from nimnet_runtime.errors import SslError

WANTS_INPUT: Final = -1
"""An operation cannot go on before more ciphertext has arrived."""
FINISHED: Final = 0
"""The peer has said that it sends no more (close_notify)."""

_MOST: Final = 2**31 - 1
"""OpenSSL's sizes are C ints."""
_REQUIRED: Final = (
    "BIO_get_mem_data",
    "BIO_read",
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
    "SSL_shutdown",
    "SSL_write",
    "X509_CHECK_FLAG_NEVER_CHECK_SUBJECT",
    "X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS",
    "X509_STORE_get0_objects",
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


class PskExchange(Protocol):
    """What a connection answers when OpenSSL asks for its pre-shared key; never raises."""

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
_CHARS: Final = _ffi.typeof("char[]")
_SMALL: Final = 1 << 16
"""Bytes that are allocated without a look at how many there can be."""
_uninitialized: Final = _ffi.new_allocator(should_clear_after_alloc=False)
_creating: Final = threading.Lock()
_exchanges: weakref.WeakValueDictionary[int, PskExchange] = weakref.WeakValueDictionary()


def take_reasons() -> tuple[Reason, ...]:
    """Empties this thread's error queue and returns what stood in it, oldest first."""
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

    Raises:
        OpenSslError: The file holds no certificate, or one that OpenSSL's policy refuses.
    """
    _lib.ERR_clear_error()
    _lib.SSL_CTX_set_default_passwd_cb(context._context, _no_password)
    _succeed(_lib.SSL_CTX_use_certificate_chain_file(context._context, cert_file))


def load_private_key(context: SSL.Context, key_file: bytes) -> None:
    """Loads the private key from a PEM file and compares it with the certificate.

    Raises:
        OpenSslError: The file holds no usable key, an encrypted one or that of another
            certificate.
    """
    _lib.ERR_clear_error()
    _lib.SSL_CTX_set_default_passwd_cb(context._context, _no_password)
    _succeed(_lib.SSL_CTX_use_PrivateKey_file(context._context, key_file, _lib.SSL_FILETYPE_PEM))


def name_client_authorities(context: SSL.Context, ca_file: bytes) -> None:
    """Lets a server tell clients whose certificates it accepts.

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

    Raises:
        OpenSslError: The hint is too long.
    """
    _lib.ERR_clear_error()
    _succeed(_lib.SSL_CTX_use_psk_identity_hint(context._context, hint or _ffi.NULL))


def enable_client_psk(context: SSL.Context, enabled: bool) -> None:
    """Makes connections of `context` that start from now on ask their exchange for a key."""
    _lib.SSL_CTX_set_psk_client_callback(context._context, _ask_client if enabled else _ffi.NULL)


def enable_server_psk(context: SSL.Context, enabled: bool) -> None:
    """As `enable_client_psk`, for connections that accept."""
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


class Delivery:
    """Where one read put its bytes, for the case that a signal handler keeps it from returning.

    Attributes:
        target: The memory.
        counts: What `SSL_read` returned; the positive numbers are bytes in `target`, in order.
    """

    __slots__ = ("counts", "target")

    def __init__(self) -> None:
        """Nothing has been read."""
        self.target: Any = None
        self.counts: list[int] = []


class Piece:
    """Ciphertext on its way out, with a record of how far it has come.

    Attributes:
        view: The bytes, once `filled` is not empty.
        filled: What `BIO_read` returned.
        sent: What each `send` took.
    """

    __slots__ = ("filled", "sent", "view")

    def __init__(self, view: memoryview) -> None:
        """A piece that is not filled yet."""
        self.view = view
        self.filled: list[int] = []
        self.sent: list[int] = []

    def rest(self) -> memoryview:
        """Returns what has not been sent."""
        return self.view[sum(self.sent) :] if self.filled else self.view[:0]


class Machine:
    """One TLS connection between two memory buffers: the calls, with types.

    Not thread-safe, and never blocks. An operation that returns `WANTS_INPUT` can be repeated once
    `feed` has brought more; whatever an operation leaves to be sent is taken with `take_output`.

    CPython runs signal handlers after a call into C, before its result is stored, and a handler may
    raise. Where a result must not be lost, `list.extend(map(function, ...))` stores it: no bytecode
    runs between the two.

    Attributes:
        drained: Whether reading has brought `WANTS_INPUT`, or would, until something is fed.
        line_feed_pending: Whether an LF that is fed first is left out: the end of the last line
            in the clear. No record of TLS begins with one.
    """

    __slots__ = (
        "_connection",
        "_input",
        "_output",
        "_reasons",
        "_returned",
        "_ssl",
        "drained",
        "line_feed_pending",
    )

    def __init__(self, context: SSL.Context, *, server: bool, exchange: PskExchange) -> None:
        """Starts a connection.

        Args:
            context: The settings.
            server: Whether this side accepts.
            exchange: Asked for pre-shared keys; referenced weakly.
        """
        with _creating:
            # A server that demands certificates needs a session context, even if there are no
            # sessions; in a client it makes OpenSSL refuse its own PSK of TLS 1.3.
            name = b"nimnet" if server else b""
            _lib.SSL_CTX_set_session_id_context(context._context, name, len(name))
            connection = SSL.Connection(context, None)
        if server:
            connection.set_accept_state()
        else:
            connection.set_connect_state()
        # pyOpenSSL's contexts make a write stop after one record; a memory buffer has room for all.
        _lib.SSL_clear_mode(connection._ssl, _lib.SSL_MODE_ENABLE_PARTIAL_WRITE)
        self._connection = connection
        self._ssl: Any = connection._ssl
        self._input: Any = connection._into_ssl
        self._output: Any = connection._from_ssl
        self._reasons: tuple[Reason, ...] | None = None
        self._returned = b""
        self.drained = False
        self.line_feed_pending = False
        _exchanges[_address(self._ssl)] = exchange

    def demand_no_certificate(self) -> None:
        """Leaves the peer's certificate unchecked; a server does not ask for one."""
        self._connection.set_verify(SSL.VERIFY_NONE)

    def send_server_name(self, name: bytes) -> None:
        """Names the wanted host in the handshake (RFC 6066 section 3)."""
        self._connection.set_tlsext_host_name(name)

    def require_host(self, name: bytes) -> None:
        """Makes the handshake fail unless the certificate is for this host (RFC 9525)."""
        parameters = self._strict_parameters()
        _succeed(_lib.X509_VERIFY_PARAM_set1_host(parameters, name, len(name)))

    def require_address(self, packed: bytes) -> None:
        """Makes the handshake fail unless the certificate is for this IP address."""
        parameters = self._strict_parameters()
        _succeed(_lib.X509_VERIFY_PARAM_set1_ip(parameters, packed, len(packed)))

    def _strict_parameters(self) -> Any:
        parameters = _lib.SSL_get0_param(self._ssl)
        _lib.X509_VERIFY_PARAM_set_hostflags(
            parameters,
            _lib.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | _lib.X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
        )
        return parameters

    def handshake(self) -> int:
        """Goes on with the handshake; returns 1 when it is complete.

        Raises:
            OpenSslError: The handshake failed for good.
        """
        self._begin()
        result = _lib.SSL_do_handshake(self._ssl)
        return 1 if result == 1 else self._no_result(result)

    def read(self, size: int, delivery: Delivery) -> bytes | int:
        """As `read_into`, into memory of its own; a large one is no larger than what can come.

        Returns:
            The bytes, or `WANTS_INPUT` or `FINISHED`.
        """
        if self._returned:
            return self._again(size, delivery)
        if size > _SMALL:
            size = min(size, max(1, self.unread() + self.decrypted()))
        target = _uninitialized(_CHARS, size)
        count = self._read_into(target, size, delivery)
        if count <= 0:
            return count
        data: bytes = _ffi.buffer(target, count)[:]
        return data

    def read_into(self, view: memoryview, delivery: Delivery) -> int:
        """Decrypts what has arrived to `view`; returns the number of bytes.

        Raises:
            OpenSslError: The connection failed for good, and all that came before was read.
        """
        if self._returned:
            data = self._again(len(view), delivery)
            view[: len(data)] = data
            return len(data)
        return self._read_into(_ffi.from_buffer(view), min(len(view), _MOST), delivery)

    def put_back(self, delivery: Delivery) -> None:
        """Makes the next read start with the bytes of one that could not return them."""
        total = sum(count for count in delivery.counts if count > 0)
        if total:
            self._returned = _ffi.buffer(delivery.target, total)[:] + self._returned
            self.drained = False

    def _again(self, size: int, delivery: Delivery) -> bytes:
        data, rest = self._returned[:size], self._returned[size:]
        delivery.target, counts = _ffi.from_buffer(data), [len(data)]
        self._returned, delivery.counts = rest, counts  # no bytecode that calls in between
        return data

    def _read_into(self, target: Any, size: int, delivery: Delivery) -> int:
        self._begin()
        counts: list[int] = []
        delivery.target, delivery.counts = target, counts
        total = 0
        while True:
            counts.extend(map(_lib.SSL_read, (self._ssl,), (target + total,), (size - total,)))
            result: int = counts[-1]
            if result <= 0:
                break
            total += result
            if total == size:
                return total
            # There was room for more, so that nothing of the record is left.
            if not self.unread():
                self.drained = True
                return total
        try:
            outcome = self._no_result(result)
        except OpenSslError:
            if not total:
                raise
        else:
            self.drained = outcome == WANTS_INPUT
            if not total:
                return outcome
        return total  # the next call reports what came after these bytes

    def peek_into(self, view: memoryview) -> int:
        """As `read_into`, but the bytes stay, and those of one record at most are seen."""
        if self._returned:
            data = self._returned[: len(view)]
            view[: len(data)] = data
            return len(data)
        self._begin()
        result: int = _lib.SSL_peek(self._ssl, _ffi.from_buffer(view), min(len(view), _MOST))
        return result if result > 0 else self._no_result(result)

    def write(self, view: memoryview) -> int:
        """Encrypts all of `view`, which is not empty; returns its length.

        Raises:
            OpenSslError: The connection failed for good.
        """
        self._begin()
        result: int = _lib.SSL_write(self._ssl, _ffi.from_buffer(view), len(view))
        return result if result > 0 else self._no_result(result)

    def _begin(self) -> None:
        if self._reasons is not None:
            raise OpenSslError(self._reasons)
        _lib.ERR_clear_error()

    def _no_result(self, result: int) -> int:
        error = _lib.SSL_get_error(self._ssl, result)
        if error == _lib.SSL_ERROR_WANT_READ:
            return WANTS_INPUT
        if error == _lib.SSL_ERROR_ZERO_RETURN:
            return FINISHED
        self._reasons = take_reasons()  # OpenSSL gives them once
        raise OpenSslError(self._reasons)

    def feed(self, ciphertext: bytes) -> None:
        """Adds what has arrived."""
        if not ciphertext:
            return
        self.drained = False
        if _lib.BIO_write(self._input, ciphertext, len(ciphertext)) != len(ciphertext):
            raise OpenSslError(take_reasons())

    def feed_first(self, pieces: list[bytes]) -> None:
        """Moves the first of `pieces` in: it is in both places at no time, nor in none."""
        self.drained = False
        if self.line_feed_pending:
            pieces[0] = pieces[0].removeprefix(b"\n")
            self.line_feed_pending = False
        size = len(pieces[0])
        counts: list[int] = []
        counts.extend(map(_lib.BIO_write, (self._input,), map(pieces.pop, (0,)), (size,)))
        if counts[0] != size:
            raise OpenSslError(take_reasons())

    def unread(self) -> int:
        """Returns how many bytes of ciphertext wait to be decrypted."""
        count: int = _lib.BIO_get_mem_data(self._input, _ffi.NULL)
        return count

    def decrypted(self) -> int:
        """Returns how many decrypted bytes wait to be read."""
        count: int = _lib.SSL_pending(self._ssl)
        return len(self._returned) + count

    def output(self) -> int:
        """Returns how many bytes of ciphertext wait to be sent."""
        count: int = _lib.BIO_get_mem_data(self._output, _ffi.NULL)
        return count

    def output_piece(self) -> Piece:
        """Returns a piece with room for all ciphertext that waits to be sent, not filled yet."""
        size = self.output()
        if not size:
            return Piece(memoryview(b""))
        return Piece(memoryview(_ffi.buffer(_uninitialized(_CHARS, size))).cast("B"))

    def take_output(self, piece: Piece) -> None:
        """Fills `piece` with the ciphertext; it is the caller's from now on."""
        view = piece.view
        if view:
            target = _ffi.from_buffer(view)
            piece.filled.extend(map(_lib.BIO_read, (self._output,), (target,), (len(view),)))

    def say_goodbye(self) -> None:
        """Queues close_notify for sending, once."""
        _lib.ERR_clear_error()
        _lib.SSL_shutdown(self._ssl)
        _lib.ERR_clear_error()

    def verification(self) -> tuple[int, str]:
        """Returns the result of the certificate check, 0 for none or good, and its name."""
        code = _lib.SSL_get_verify_result(self._ssl)
        return code, _text(_lib.X509_verify_cert_error_string(code))

    def used_psk(self) -> bool:
        """Tells whether a pre-shared key (or, in TLS 1.3, a resumed session) authenticates."""
        if self.speaks_tls13():
            return bool(_lib.SSL_session_reused(self._ssl))
        return "PSK" in (self._connection.get_cipher_name() or "")

    def speaks_tls13(self) -> bool:
        """Tells whether the two sides have agreed on TLS 1.3."""
        return self._connection.get_protocol_version() == SSL.TLS1_3_VERSION
