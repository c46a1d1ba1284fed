"""The calls that are made for each record, and the memory they work on.

They are not wrapped. They are the functions of the library themselves, under Python's spelling of
their names, so that a record costs no call of Python's more than it must.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, NewType, Protocol

from nimnet_runtime.tls.bindings.library import ffi, lib

Ssl = NewType("Ssl", object)
"""A connection: OpenSSL's `SSL *`."""
Bio = NewType("Bio", object)
"""One of its two memory buffers: OpenSSL's `BIO *`."""


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


ssl_do_handshake: Final[Callable[[Ssl], int]] = lib.SSL_do_handshake
"""Goes on with the handshake; 1 when it is complete (SSL_do_handshake(3))."""
ssl_read: Final[Callable[[Ssl, Memory, int], int]] = lib.SSL_read
"""Decrypts up to so many bytes; returns how many, 0 or less for none (SSL_read(3))."""
ssl_peek: Final[Callable[[Ssl, Memory, int], int]] = lib.SSL_peek
"""As `ssl_read`, but the bytes stay."""
ssl_write: Final[Callable[[Ssl, Memory | bytes, int], int]] = lib.SSL_write
"""Encrypts so many bytes, at least one; returns how many, 0 or less for none (SSL_write(3))."""
ssl_get_error: Final[Callable[[Ssl, int], int]] = lib.SSL_get_error
"""Tells why an operation returned 0 or less: one of the constants below (SSL_get_error(3))."""
ssl_pending: Final[Callable[[Ssl], int]] = lib.SSL_pending
"""Returns how many decrypted bytes wait to be read (SSL_pending(3))."""
ssl_shutdown: Final[Callable[[Ssl], int]] = lib.SSL_shutdown
"""Leaves close_notify in the output, once (SSL_shutdown(3))."""
ssl_set_bio: Final[Callable[[Ssl, Bio, Bio], None]] = lib.SSL_set_bio
"""Gives a connection other buffers, in and out, and frees those it had (SSL_set_bio(3))."""
ssl_session_reused: Final[Callable[[Ssl], int]] = lib.SSL_session_reused
"""Tells whether a session was resumed, or a pre-shared key of TLS 1.3 used."""
bio_read: Callable[[Bio, Memory, int], int] = lib.BIO_read
"""Moves up to so many bytes out of a buffer; returns how many (BIO_read(3))."""
bio_write: Final[Callable[[Bio, bytes, int], int]] = lib.BIO_write
"""Copies so many bytes into a buffer; returns how many (BIO_write(3))."""
bio_get_mem_data: Final[Callable[[Bio, Memory], int]] = lib.BIO_get_mem_data
"""Returns how many bytes a buffer holds, given `NULL` for where to say which (BIO_s_mem(3))."""
peek_error: Final[Callable[[], int]] = lib.ERR_peek_error
"""Returns the first of this thread's error queue, 0 if it is empty (ERR_peek_error(3))."""
clear_errors: Final[Callable[[], None]] = lib.ERR_clear_error
"""Empties this thread's error queue, without which `ssl_get_error` tells of others' failures."""

WANT_READ: Final[int] = lib.SSL_ERROR_WANT_READ
ZERO_RETURN: Final[int] = lib.SSL_ERROR_ZERO_RETURN

NULL: Final[Memory] = ffi.NULL
allocate: Final[Callable[[int], Memory]] = partial(
    ffi.new_allocator(should_clear_after_alloc=False), ffi.typeof("char[]")
)
"""Returns so many bytes of memory with nothing in particular in them."""
memory_of: Final[Callable[[bytes | memoryview], Memory]] = ffi.from_buffer
"""Returns the memory of an object, which cannot be resized for as long as the result lives.

That of a `memoryview` is an argument and nothing else, or is released on every way out. A variable
outlives its call in the traceback of what was raised there, and CPython before 3.12.7 crashes as it
collects a view that something uses in a cycle with it (gh-77894).
"""
release: Final[Callable[[Memory], None]] = ffi.release
"""Ends what `memory_of` returned, whoever still has it."""
exported: Final[Callable[[Memory, int], Exported]] = ffi.buffer
"""Returns the first so many bytes of `Memory` to Python; a slice of the result is a copy."""
