"""Pre-shared keys: the caller's functions, and what one connection made of them.

TLS 1.2 has PSK cipher suites with a hint from the server (RFC 4279). TLS 1.3 has no hint, and
OpenSSL uses a key that was set this way with the SHA-256 suites only (RFC 8446 section 4.2.11).

OpenSSL calls in the middle of a handshake, from C, where no exception may pass. An exchange
therefore keeps what went wrong for the handshake, which fails at once, to raise; and it does so for
the other callbacks that a program can set. It also answers which application protocol to speak.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from nimnet_runtime.buffers import copied
from nimnet_runtime.errors import from_below, quoted

ClientFunction: TypeAlias = Callable[[str], tuple[str, bytes]]
"""From the server's hint ("" for none) to the client's identity and key."""
ServerFunction: TypeAlias = Callable[[str], bytes]
"""From the client's identity to its key; empty for an unknown identity."""

LONGEST_IDENTITY: Final = 256
"""Bytes of UTF-8 in an identity or a hint; OpenSSL's PSK_MAX_IDENTITY_LEN."""
LONGEST_KEY: Final = 512
"""OpenSSL's PSK_MAX_PSK_LEN."""


class Functions:
    """The functions of one context.

    Attributes:
        client: Names the identity and key of this side.
        server: Finds the key of an identity.
    """

    __slots__ = ("client", "server")

    def __init__(self) -> None:
        """No functions: no pre-shared keys."""
        self.client: ClientFunction | None = None
        self.server: ServerFunction | None = None

    def are_for(self, *, server: bool) -> bool:
        """Tells whether there is one for servers, or for clients."""
        return (self.server if server else self.client) is not None


class Exchange:
    """The use of a pre-shared key on one connection, and what the program's functions raised.

    Attributes:
        identity: The identity that a key was found for; "" before.
        refusal: What is wrong, in words; None while nothing is.
        error: The exception of the program's function that was the first to raise one.
        overruled: See `exchanges.Exchange`.
        asks_program: See `exchanges.Exchange`.
    """

    __slots__ = (
        "__weakref__",
        "_functions",
        "_protocols",
        "asks_program",
        "error",
        "identity",
        "overruled",
        "refusal",
    )

    def __init__(self, functions: Functions, protocols: tuple[bytes, ...] = ()) -> None:
        """Asks `functions` when the time comes.

        Args:
            functions: Where pre-shared keys come from.
            protocols: The application protocols that a server speaks, the preferred one first.
        """
        self._functions = functions
        self._protocols = protocols
        self.identity = ""
        self.refusal: str | None = None
        self.error: BaseException | None = None
        self.overruled = False
        self.asks_program = False

    def client_key(
        self, hint: bytes | None, identity_room: int, key_room: int
    ) -> tuple[bytes, bytes] | None:
        """See `exchanges.Exchange`."""
        function = self._functions.client
        if function is None or self.error is not None:
            return None
        self._forget()
        try:
            answer: object = function((hint or b"").decode("utf-8", "replace"))
            match answer:
                case (str(identity), key):
                    pass
                case _:
                    self.refusal = (
                        "client_get_psk_func must return a tuple of str (the identity) and bytes"
                        f" (the key), not {_kinds(answer)}"
                    )
                    return None
            if not identity and not key:
                return None
            encoded = identity.encode()
            if not 1 <= len(encoded) <= min(identity_room, LONGEST_IDENTITY) or b"\0" in encoded:
                self.refusal = (
                    f"the identity that client_get_psk_func returned must be 1 to"
                    f" {LONGEST_IDENTITY} bytes of UTF-8 without NUL; it has {len(encoded)}"
                )
                return None
            checked = self._checked(key, key_room, "client_get_psk_func")
        except BaseException as error:
            self.keep(error, "client_get_psk_func")
            return None
        if checked is None:
            return None
        self.identity = identity
        return encoded, checked

    def server_key(self, identity: bytes, key_room: int) -> bytes | None:
        """See `exchanges.Exchange`."""
        function = self._functions.server
        if function is None or self.error is not None:
            return None
        self._forget()
        try:
            name = identity.decode()
        except UnicodeDecodeError:
            self.refusal = "the client's PSK identity is not UTF-8"
            return None
        try:
            key = function(name)
            if not key and isinstance(key, bytes):
                self.refusal = f"server_get_psk_func has no key for the identity {quoted(name)}"
                return None
            checked = self._checked(key, key_room, "server_get_psk_func")
        except BaseException as error:
            self.keep(error, "server_get_psk_func")
            return None
        if checked is not None:
            self.identity = name
        return checked

    def select_protocol(self, offered: list[bytes]) -> bytes | None:
        """See `exchanges.Exchange`: the server's preference counts (RFC 7301 section 3.2)."""
        return next((name for name in self._protocols if name in offered), None)

    def _checked(self, key: object, room: int, function: str) -> bytes | None:
        copy = copied(key)
        if copy is None:
            kind = type(key).__name__
            self.refusal = f"the key that {function} returned must be bytes, not {kind}"
            return None
        if 1 <= len(copy) <= min(room, LONGEST_KEY):
            return copy
        self.refusal = (
            f"the key that {function} returned must be 1 to {LONGEST_KEY} bytes; it has {len(copy)}"
        )
        return None

    def _forget(self) -> None:
        # A handshake may ask again: TLS 1.3 after a retry request, or for the next identity.
        self.identity, self.refusal = "", None

    def keep(self, error: BaseException, function: str) -> None:
        """See `exchanges.Exchange`."""
        self.error = from_below(error)
        self.refusal = f"{function} raised {type(error).__name__}"


def _kinds(answer: object) -> str:
    """Returns the class of what a function returned, and of a tuple those of what is in it."""
    kind = type(answer).__name__
    return (
        f"{kind} of {' and '.join(type(each).__name__ for each in answer)}"
        if isinstance(answer, tuple) and answer
        else kind
    )
