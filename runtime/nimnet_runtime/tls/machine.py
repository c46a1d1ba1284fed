"""One TLS connection of OpenSSL's, between two memory buffers, and what it answers.

The calls are those of `bindings`; here is what a connection makes of them: bytes that were read and
could not be returned, failures that last, and what is left in the buffers. The network is not known
here: `pump` moves what `feed` and `take_output` exchange, and `session` holds the lock.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import starmap
from typing import Final

from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, Error, dump_certificate

from nimnet_runtime.tls.bindings import certificates, connections, sessions
from nimnet_runtime.tls.bindings.datapath import (
    NULL,
    WANT_READ,
    ZERO_RETURN,
    Bio,
    Memory,
    Ssl,
    allocate,
    bio_get_mem_data,
    bio_read,
    bio_write,
    clear_errors,
    exported,
    memory_of,
    peek_error,
    ssl_do_handshake,
    ssl_get_error,
    ssl_peek,
    ssl_pending,
    ssl_read,
    ssl_session_reused,
    ssl_set_bio,
    ssl_shutdown,
    ssl_write,
)
from nimnet_runtime.tls.bindings.errorqueue import OpenSslError, Reason, take_reasons
from nimnet_runtime.tls.bindings.exchanges import Exchange

WANTS_INPUT: Final = -1
"""An operation cannot go on before more ciphertext has arrived."""
FINISHED: Final = 0
"""The peer has said that it sends no more (close_notify)."""

_MOST: Final = 2**31 - 1
"""OpenSSL's sizes are C ints."""
_LARGEST_RECORD: Final = 1 << 14
"""Bytes of data (RFC 8446 section 5.1)."""
_CONTENT_TYPES: Final = range(20, 25)
_MAJOR_VERSION: Final = b"\x03"
_CONTENT_AND_VERSION: Final = 2
"""Bytes that a record of TLS begins with: its content type, and the greater part of its version."""
_SMALL: Final = 1 << 16
"""Bytes that are allocated without a look at how many there can be."""
_KEPT: Final = 1 << 12
"""Bytes that a buffer may have held without having grown; OpenSSL's never become smaller."""


@contextmanager
def _encoding() -> Iterator[None]:
    """Lets a `MemoryError` out where OpenSSL has no memory to give a certificate away.

    What it has verified it can encode: there is no other reason.
    """
    try:
        yield
    except (SSL.Error, Error):
        raise MemoryError("no memory for a certificate") from None


class Delivery:
    """Where one read put its bytes, for the case that a signal handler keeps it from returning.

    Attributes:
        target: The memory.
        counts: What `SSL_read` returned; the positive numbers are bytes in `target`, in order.
        following: What was read later and put back before this.
    """

    __slots__ = ("counts", "following", "target")

    def __init__(self) -> None:
        """Nothing has been read."""
        self.target = NULL
        self.counts: list[int] = []
        self.following: Delivery | None = None

    def put(self, data: bytes) -> None:
        """Makes `data` what was read."""
        target, counts = memory_of(data), [len(data)]
        self.target = target
        self.counts = counts

    def size(self) -> int:
        """Returns how many bytes were read."""
        return sum(count for count in self.counts if count > 0)

    def data(self) -> bytes:
        """Returns a copy of them."""
        size = self.size()
        return exported(self.target, size)[:] if size else b""


class Piece:
    """Ciphertext on its way out, with a record of how far it has come.

    Attributes:
        view: The bytes, once `filled` is not empty.
        target: The same memory, for C to fill; `NULL` where there is nothing to fill.
        filled: What `BIO_read` returned.
        sent: What each `send` took.
    """

    __slots__ = ("filled", "sent", "target", "view")

    def __init__(self, view: memoryview, target: Memory = NULL) -> None:
        """A piece that is not filled yet."""
        self.view = view
        self.target = target
        self.filled: list[int] = []
        self.sent: list[int] = []

    def is_over(self) -> bool:
        """Tells whether there is nothing that has not been sent."""
        sent, size = self.sent, len(self.view)
        return not self.filled or (bool(sent) and (sent[0] == size or sum(sent) == size))

    def rest(self) -> memoryview:
        """Returns what has not been sent."""
        return self.view[sum(self.sent) :] if self.filled else self.view[:0]


class Machine:
    """One TLS connection between two memory buffers: what is done with it, and how that ended.

    Not thread-safe, and never blocks. An operation that returns `WANTS_INPUT` can be repeated once
    `feed` has brought more; whatever an operation leaves to be sent is taken with `take_output`.

    Where a result must not be lost to a signal handler, C stores what C returns: see
    nimnet_runtime.__init__.

    Attributes:
        connection: The object of pyOpenSSL.
        drained: Whether reading has brought `WANTS_INPUT`, or would, until something is fed.
        goodbye_size: How many bytes of ciphertext close_notify is; 0 before there is one.
        calm: How many pieces in a row that came in were small.
        grown: Whether the buffers have become larger than an idle connection should keep.
        holds_data: Whether any of what waits to be sent may be data.
        unsent: How many bytes of ciphertext wait to be sent; None after something was done that
            may have changed it. To be read by anybody, while all else is one thread's at a time.
    """

    __slots__ = (
        "_ended",
        "_first",
        "_goodbye",
        "_input",
        "_output",
        "_reasons",
        "_returned",
        "_ssl",
        "calm",
        "connection",
        "drained",
        "goodbye_size",
        "grown",
        "holds_data",
        "unsent",
    )

    def __init__(self, connection: SSL.Connection, exchange: Exchange) -> None:
        """Starts a session.

        Args:
            connection: From a `LiveContext`; new.
            exchange: Answers OpenSSL for the program; referenced weakly.
        """
        handles = connections.new_session(connection, exchange)
        self.connection = handles.connection
        self._ssl: Ssl = handles.ssl
        self._input: Bio = handles.input
        self._output: Bio = handles.output
        self._reasons: tuple[Reason, ...] | None = None
        self._returned: Delivery | None = None
        self._goodbye: list[int] = []
        self.goodbye_size = 0
        self.holds_data = False
        self._first = b""
        self._ended = False
        self.drained = False
        self.grown = False
        self.calm = 0
        self.unsent: int | None = 0

    def verifies(self) -> bool:
        """Tells whether a certificate that does not verify ends the handshake."""
        return certificates.are_verified(self._ssl)

    def send_server_name(self, name: bytes) -> None:
        """Names the wanted host in the handshake (RFC 6066 section 3)."""
        self.connection.set_tlsext_host_name(name)

    def require_host(self, name: bytes) -> None:
        """Makes the handshake fail unless the certificate is for this host (RFC 9525)."""
        certificates.require_host(self._ssl, name)

    def require_address(self, packed: bytes) -> None:
        """Makes the handshake fail unless the certificate is for this IP address."""
        certificates.require_address(self._ssl, packed)

    def handshake(self) -> int:
        """Goes on with the handshake; returns 1 when it is complete.

        Raises:
            OpenSslError: The handshake failed for good.
        """
        self._begin()
        result = ssl_do_handshake(self._ssl)
        return 1 if result == 1 else self._no_result(result)

    def read(self, size: int, delivery: Delivery) -> bytes | int:
        """As `read_into`, into memory of its own; a large one is no larger than what can come.

        Returns:
            The bytes, or `WANTS_INPUT` or `FINISHED`.
        """
        if self._returned is not None:
            return self._again(self._returned, size, delivery)
        if size > _SMALL:
            size = min(size, max(1, self.unread() + self.decrypted()))
        target = allocate(size)
        count = self._read_into(target, size, delivery)
        if count <= 0:
            return count
        return exported(target, count)[:]

    def read_into(self, target: Memory, size: int, delivery: Delivery) -> int:
        """Decrypts what has arrived to `size` bytes at `target`; returns the number of bytes.

        Raises:
            OpenSslError: The connection failed for good, and all that came before was read.
        """
        if self._returned is not None:
            data = self._again(self._returned, size, delivery)
            memoryview(exported(target, len(data)))[:] = data
            return len(data)
        return self._read_into(target, min(size, _MOST), delivery)

    def put_back(self, delivery: Delivery) -> None:
        """Makes the next read start with the bytes of one that could not return them.

        By reference: it may be memory that was short.
        """
        if delivery.counts and delivery.counts[0] > 0:
            delivery.following = self._returned
            self._returned = delivery
            self.drained = False

    def _again(self, returned: Delivery, size: int, delivery: Delivery) -> bytes:
        data, following = returned.data(), returned.following
        if len(data) > size:
            rest = Delivery()
            rest.put(data[size:])
            rest.following, following = following, rest
            data = data[:size]
        delivery.put(data)
        self._returned = following
        return data

    def _read_into(self, target: Memory, size: int, delivery: Delivery) -> int:
        if self._reasons is not None:
            raise OpenSslError(self._reasons)
        self.unsent = None
        if peek_error():  # seldom, and to clear an empty queue takes three times as long
            clear_errors()
        counts: list[int] = []
        delivery.target, delivery.counts = target, counts
        total = 0
        while True:
            counts += map(ssl_read, (self._ssl,), (target + total,), (size - total,))
            result = counts[-1]
            if result <= 0:
                break
            total += result
            # Where there was room for more, nothing of the record is left.
            if total == size or not self.unread():
                self.drained = total < size
                # Not `output()`: nobody gets in while OpenSSL is at work for a read.
                self.unsent = bio_get_mem_data(self._output, NULL)
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
        if self._returned is not None:
            data = self._returned.data()[: len(view)]
            view[: len(data)] = data
            return len(data)
        self._begin()
        result = ssl_peek(self._ssl, memory_of(view), min(len(view), _MOST))
        return result if result > 0 else self._no_result(result)

    def write(self, data: bytes | memoryview) -> int:
        """Encrypts all of `data`, which is not empty; returns its length.

        Raises:
            OpenSslError: The connection failed for good.
        """
        self._begin()
        # Said before: where a signal handler raises, it may have been encrypted.
        before, self.holds_data = self.holds_data, True
        result = ssl_write(
            self._ssl, data if isinstance(data, bytes) else memory_of(data), len(data)
        )
        if result > 0:
            return result
        self.holds_data = before
        return self._no_result(result)

    def _begin(self) -> None:
        if self._reasons is not None:
            raise OpenSslError(self._reasons)
        self.unsent = None
        if peek_error():  # as above
            clear_errors()

    def _no_result(self, result: int) -> int:
        error = ssl_get_error(self._ssl, result)
        if error == WANT_READ:
            return WANTS_INPUT
        if error == ZERO_RETURN:
            return FINISHED
        self._reasons = take_reasons()  # OpenSSL gives them once
        raise OpenSslError(self._reasons)

    def feed(self, ciphertext: bytes) -> None:
        """Adds what has arrived."""
        if not ciphertext:
            return
        self.drained = False
        self.grown = self.grown or len(ciphertext) > _KEPT
        if bio_write(self._input, ciphertext, len(ciphertext)) != len(ciphertext):
            # There is no memory for it, and without it the rest means nothing.
            self._reasons = take_reasons() or (Reason(0, "out of memory"),)
            raise MemoryError("no memory for what has arrived")
        self._first = self._first or ciphertext[:_CONTENT_AND_VERSION]

    def feed_first(self, pieces: list[bytes]) -> None:
        """Moves the first of `pieces` in: it is in both places at no time, nor in none."""
        self.drained = False
        size = len(pieces[0])
        if size > _KEPT:
            self.grown = True
            self.calm = 0
        elif self.grown:
            self.calm += 1
        counts: list[int] = []
        first = pieces[:1]
        counts += map(bio_write, (self._input,), map(pieces.pop, (0,)), (size,))
        if counts[0] != size:
            # Only for want of memory, and then nothing was written.
            pieces[:0] = first
            clear_errors()
            raise MemoryError("no memory for what has arrived")
        if not self._first:
            self._first = first[0][:_CONTENT_AND_VERSION]

    def end_input(self) -> bool:
        """Lets OpenSSL find an end behind all that was fed; False where it has been told."""
        told, self._ended = self._ended, True
        if not told:
            self.connection.bio_shutdown()
            self.drained = False
        return not told

    def takes_any_end(self) -> bool:
        """Tells whether an end is one to OpenSSL even if the peer did not announce it.

        See SSL_OP_IGNORE_UNEXPECTED_EOF in SSL_CTX_set_options(3).
        """
        return connections.ignores_unexpected_eof(self._ssl)

    def hears_tls(self) -> bool:
        """Tells whether what was fed begins as a record of TLS does (RFC 8446 section 5.1)."""
        first = self._first
        return not first or (first[0] in _CONTENT_TYPES and first[1:] in (b"", _MAJOR_VERSION))

    def unread(self) -> int:
        """Returns how many bytes of ciphertext wait to be decrypted."""
        return bio_get_mem_data(self._input, NULL)

    def decrypted(self) -> int:
        """Returns how many decrypted bytes wait to be read."""
        total, returned = ssl_pending(self._ssl), self._returned
        while returned is not None:
            total += returned.size()
            returned = returned.following
        return total

    def waiting(self) -> int:
        """Returns how many bytes, at most, can be read of what is here and of what completes it."""
        # A record that has begun is inside OpenSSL, which does not say how much there is of it.
        return _LARGEST_RECORD + self.unread() + self.decrypted()

    def output(self) -> int:
        """Finds out how many bytes of ciphertext wait to be sent."""
        # A loop, so that no signal handler can make the number a wrong one before it is stored.
        for unsent in map(bio_get_mem_data, (self._output,), (NULL,)):
            self.unsent = unsent
        return unsent

    def output_piece(self) -> Piece:
        """Returns a piece with room for all ciphertext that waits to be sent, not filled yet."""
        size = bio_get_mem_data(self._output, NULL)
        if not size:
            return Piece(memoryview(b""))
        if size > _KEPT:
            self.grown = True
        target = allocate(size)
        return Piece(memoryview(exported(target, size)), target)

    def take_output(self, piece: Piece, *, alone: bool) -> None:
        """Fills `piece` with the ciphertext; it is the caller's from now on.

        Args:
            piece: That of `output_piece`.
            alone: Whether OpenSSL is at work for the caller, so that nobody adds to it meanwhile.

        Raises:
            OSError: OpenSSL keeps it.
        """
        size = len(piece.view)
        if size:
            piece.filled += map(bio_read, (self._output,), (piece.target,), (size,))
            if piece.filled[0] != size:  # what else is in the memory is nobody's business
                del piece.filled[:]
                raise OSError(errno.EIO, "OpenSSL does not give away what is to be sent")
        if alone:
            self.unsent = 0
        else:
            self.output()

    def shrink(self) -> None:
        """Gives back the memory of the two buffers, if they are empty: by replacing them."""
        if self.unread() or self.output():
            return
        new_input, new_output = connections.new_buffers(self.connection)
        held = filter(None, map(bio_get_mem_data, (self._input, self._output), (NULL, NULL)))
        replaced = starmap(ssl_set_bio, ((self._ssl, new_input, new_output),))
        # No signal handler runs from here to the end, and nothing is allocated.
        for _ in held:
            return  # one has used the connection meanwhile
        self.grown = False
        self._input = new_input
        self._output = new_output
        next(replaced)

    def say_goodbye(self) -> None:
        """Queues close_notify for sending, once.

        Reading goes on. OpenSSL would take a second call for a wish to read the peer's.
        """
        self.unsent = None
        clear_errors()
        if not self._goodbye:
            before = self.output()
            self.unsent = None
            self._goodbye += map(ssl_shutdown, (self._ssl,))
            self.goodbye_size = self.output() - before
        clear_errors()

    def said_goodbye(self) -> bool:
        """Tells whether close_notify was queued, so that nothing can be encrypted any more."""
        return bool(self._goodbye)

    def verification(self) -> tuple[int, str]:
        """Returns the result of the certificate check, 0 for none or good, and its name."""
        return certificates.verify_result(self._ssl)

    def verified_chain(self) -> list[bytes]:
        """Returns the chain that OpenSSL has verified, in DER, the peer's own certificate first.

        Of one that it has not, or for nobody in particular, it can tell as well: `Session.verified`
        says what may be relied on. Of a session that was resumed, whose chain was verified before,
        it is the peer's own certificate alone.
        """
        with _encoding():
            chain = self.connection.get_verified_chain()
            if chain is None:  # a ticket has no more than this
                return list(filter(None, (self.peer_certificate(),)))
            return [dump_certificate(FILETYPE_ASN1, certificate) for certificate in chain]

    def peer_certificate(self) -> bytes:
        """Returns the peer's own certificate, in DER; empty for none."""
        with _encoding():
            certificate = self.connection.get_peer_certificate()
            return b"" if certificate is None else dump_certificate(FILETYPE_ASN1, certificate)

    def version(self) -> str:
        """Returns the name of the version of TLS."""
        return self.connection.get_protocol_version_name()

    def cipher(self) -> str:
        """Returns the name of the cipher suite."""
        return self.connection.get_cipher_name() or ""

    def application_protocol(self) -> str:
        """Returns what was agreed on by ALPN; empty for nothing."""
        return self.connection.get_alpn_proto_negotiated().decode("utf-8", "backslashreplace")

    def reused(self) -> bool:
        """Tells whether a session was resumed, or a pre-shared key of TLS 1.3 used."""
        return bool(ssl_session_reused(self._ssl))

    def has_unique_secrets(self) -> bool:
        """Tells whether no other connection can have the same master secret (RFC 7627)."""
        return self.speaks_tls13() or connections.has_extended_master_secret(self._ssl)

    def export(self, label: bytes, length: int, context: bytes | None) -> bytes:
        """Returns keying material; see SSL_export_keying_material(3).

        Raises:
            SSL.Error: OpenSSL refuses the label.
        """
        clear_errors()
        return self.connection.export_keying_material(label, length, context)

    def used_psk(self) -> bool:
        """Tells whether a pre-shared key authenticates, on a connection that resumes no session."""
        if self.speaks_tls13():
            return self.reused()
        return "PSK" in self.cipher()

    def session(self) -> SSL.Session | None:
        """Returns what a later connection can resume; None where the server gave nothing to."""
        session = self.connection.get_session()
        return session if session is not None and sessions.is_resumable(session) else None

    def speaks_tls13(self) -> bool:
        """Tells whether the two sides have agreed on TLS 1.3."""
        return self.connection.get_protocol_version() == SSL.TLS1_3_VERSION
