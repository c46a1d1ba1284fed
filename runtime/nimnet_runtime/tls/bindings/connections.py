"""How a connection is made, and the memory buffers between which it works."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from OpenSSL import SSL

from nimnet_runtime.forks import is_lost
from nimnet_runtime.system import RLock
from nimnet_runtime.tls.bindings.datapath import Bio, Ssl, clear_errors
from nimnet_runtime.tls.bindings.errorqueue import succeed
from nimnet_runtime.tls.bindings.exchanges import Exchange, register
from nimnet_runtime.tls.bindings.library import ffi, lib

_C = TypeVar("_C", bound=SSL.Connection)


class Handles(NamedTuple):
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


class Birthplace:
    """Where the sessions of one context are made, one after the other.

    A session takes over what sessions belong to (SSL_CTX_set_session_id_context(3)) from its
    context when it is made, and has no setting of its own for it.
    """

    __slots__ = ("_begun", "_lock")

    def __init__(self) -> None:
        """None have been made."""
        self._lock = RLock()
        self._begun: object = None

    def connection(
        self, make: Callable[[SSL.Context], _C], context: SSL.Context, session_context: bytes
    ) -> _C:
        """Returns a connection whose sessions belong to `session_context`; empty for none.

        Raises:
            OpenSslError: There is no memory for it.
        """
        size, lock = len(session_context), self._lock
        try:
            lock.acquire()
            while True:
                self._begun = mine = object()
                lib.SSL_CTX_set_session_id_context(context._context, session_context, size)
                connection = make(context)
                # pyOpenSSL does not look, and OpenSSL follows a null pointer.
                succeed(connection._ssl != ffi.NULL)
                # Unless a signal handler or finalizer of this thread has made one in between.
                if self._begun is mine:
                    return connection
        finally:
            try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                lock.release()
            except RuntimeError:
                pass

    @property
    def inside(self) -> RLock:
        """See `Inherited`."""
        return self._lock

    def forget_other_threads(self) -> None:
        """See `Inherited`."""
        if is_lost(self._lock):
            self._lock = RLock()


def new_session(connection: SSL.Connection, exchange: Exchange) -> Handles:
    """Returns the session of a connection that is neither a client nor a server yet.

    Args:
        connection: From a `Birthplace`.
        exchange: Asked for pre-shared keys, and told of what callbacks raise; referenced weakly.
    """
    # An idle connection keeps no buffers for records; they are OpenSSL's largest by far.
    lib.SSL_set_mode(connection._ssl, lib.SSL_MODE_RELEASE_BUFFERS)
    # pyOpenSSL's contexts make a write stop after one record; a memory buffer has room for all.
    lib.SSL_clear_mode(connection._ssl, lib.SSL_MODE_ENABLE_PARTIAL_WRITE)
    register(connection, exchange)
    return Handles(connection, connection._ssl, connection._into_ssl, connection._from_ssl)


def ignores_unexpected_eof(ssl: Ssl) -> bool:
    """Tells whether SSL_OP_IGNORE_UNEXPECTED_EOF was set when the connection was made, or since."""
    options: int = lib.SSL_get_options(ssl)
    return bool(options & lib.SSL_OP_IGNORE_UNEXPECTED_EOF)


def has_extended_master_secret(ssl: Ssl) -> bool:
    """Tells whether a connection before TLS 1.3 has one; see SSL_get_extms_support(3)."""
    return bool(lib.SSL_get_extms_support(ssl) == 1)


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
    buffer: Bio = lib.BIO_new(lib.BIO_s_mem())
    if buffer == ffi.NULL:
        clear_errors()
        raise MemoryError("no memory for a buffer")
    return buffer
