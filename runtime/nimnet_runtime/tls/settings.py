"""The settings that TLS connections share, and how they are loaded into OpenSSL."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from OpenSSL import SSL

from nimnet_runtime.buffers import contents
from nimnet_runtime.errors import SslError, invalid, spelled
from nimnet_runtime.extradata import is_extra_data_index
from nimnet_runtime.stream import Security
from nimnet_runtime.tls import failures, identity, negotiation, psk, verification
from nimnet_runtime.tls.bindings import errorqueue, exchanges
from nimnet_runtime.tls.bindings.pem import Encoded
from nimnet_runtime.tls.identity import Password
from nimnet_runtime.tls.live import LiveContext, check_callable
from nimnet_runtime.tls.negotiation import DEFAULT_CIPHERS, encoded_for_c


class VerifyMode:
    """The ordinals of `SslCVerifyMode`."""

    C_VERIFY_NONE: Final = 0
    C_VERIFY_PEER: Final = 1
    C_VERIFY_PEER_USE_ENV_VARS: Final = 2


_MODES: Final = (
    VerifyMode.C_VERIFY_NONE,
    VerifyMode.C_VERIFY_PEER,
    VerifyMode.C_VERIFY_PEER_USE_ENV_VARS,
)


_LONGEST_SESSION_CONTEXT: Final = 32
"""OpenSSL's SSL_MAX_SID_CTX_LENGTH."""


class Settings(Security):
    """Settings for TLS connections, and the live `OpenSSL.SSL.Context` that holds them.

    Attributes:
        functions: Where pre-shared keys come from.
        protocols: The application protocols to offer or select from, as on the wire.
    """

    __slots__ = (
        "_context",
        "_data",
        "_orders_newer",
        "_orders_older",
        "_psk_identity_hint",
        "_session_id_context",
        "functions",
        "protocols",
    )

    def __init__(
        self,
        prot_version: int,
        verify_mode: int,
        cert_file: str = "",
        key_file: str = "",
        cipher_list: str = DEFAULT_CIPHERS,
        ca_dir: str = "",
        ca_file: str = "",
        ciphersuites: str = "",
        alpn: Sequence[str] = (),
        min_version: int | None = None,
        max_version: int | None = None,
        ca_data: Encoded = b"",
        cert_data: Encoded = b"",
        key_data: Encoded = b"",
        key_password: Password = b"",
        ignore_unexpected_eof: bool = False,
    ) -> None:
        """Loads the settings, for clients as well as for servers.

        TLS 1.2 and newer, no compression, no renegotiation, OpenSSL's default security level (2).

        Args:
            prot_version: `SslProtVersion`: 3 for TLS 1.2 and newer, 2 for TLS 1.0 alone; 0 and 1
                exist in no OpenSSL any more.
            verify_mode: `SslCVerifyMode`: 0 not to check the peer's certificate, otherwise to. A
                server demands certificates of its clients only where authorities are given, with
                2 also where SSL_CERT_FILE or SSL_CERT_DIR names some; see `verification.trust`.
            cert_file: See `identity.load`.
            key_file: See `identity.load`.
            cipher_list: Suites for TLS 1.2 and older, as in openssl-ciphers(1). Suites without
                authentication or encryption are never used, whatever it says.
            ca_dir: See `verification.trust`.
            ca_file: See `verification.trust`.
            ciphersuites: Suites of TLS 1.3; "" for OpenSSL's own.
            alpn: Application protocols, the preferred one first; empty for no negotiation.
            min_version: `TlsVersion`: the least one; None for what `prot_version` says.
            max_version: The greatest one.
            ca_data: See `verification.trust`.
            cert_data: See `identity.load`.
            key_data: See `identity.load`.
            key_password: See `identity.load`.
            ignore_unexpected_eof: Whether the end of a connection is the end of the data even if
                the peer has not announced it.

        Raises:
            OSError: A file is missing or cannot be read, or its name cannot be one; data are a
                released memoryview.
            SslError: A setting is impossible, or a file does not hold what it should.
        """
        ca_data = contents("ca_data", ca_data)
        cert_data = contents("cert_data", cert_data)
        key_data = contents("key_data", key_data)
        if verify_mode not in _MODES:
            raise invalid(f"verify_mode must be one of SslCVerifyMode, not {spelled(verify_mode)}")
        negotiation.check_protocol(prot_version)
        negotiating = partial(_negotiating, prot_version, min_version, max_version, cipher_list)
        with failures.reported("make a context"):
            context = negotiating()
            negotiation.check_possible(negotiating, prot_version, max_version)
            negotiation.set_ciphersuites(context, ciphersuites)
            self.protocols: tuple[bytes, ...] = negotiation.set_application_protocols(context, alpn)
            # No session is kept here: what a client resumes is in its ticket. Whether there are
            # tickets is each connection's matter; without, no session outlives its connection.
            context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
            context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
            if ignore_unexpected_eof:
                context.set_options(SSL.OP_IGNORE_UNEXPECTED_EOF)
            identity.load(context, cert_file, key_file, cert_data, key_data, key_password)
            if verify_mode != VerifyMode.C_VERIFY_NONE:
                environment = verify_mode == VerifyMode.C_VERIFY_PEER_USE_ENV_VARS
                verification.trust(context, ca_file, ca_dir, ca_data, environment=environment)
            elif ca_file or ca_dir or ca_data:
                raise SslError("ca_file, ca_dir and ca_data need verify_mode=C_VERIFY_PEER")
        self._context: LiveContext | None = context
        self._data: dict[int, object] = {}
        self._orders_older = cipher_list == DEFAULT_CIPHERS
        self._orders_newer = not ciphersuites
        self._psk_identity_hint = ""
        self._session_id_context = ""
        self.functions: psk.Functions = psk.Functions()

    @property
    def context(self) -> LiveContext:
        """The live context of pyOpenSSL, for what this API does not cover.

        What is set there counts: after `set_verify`, or when authorities are loaded, servers do
        about their clients' certificates what the verify mode says. Clients, too, go by the mode
        that was set last, and demand a name of whoever they verify.

        Raises:
            SslError: The context was destroyed.
        """
        if self._context is None:
            raise SslError("the context was destroyed")
        return self._context

    def check_alive(self) -> None:
        """Raises `SslError` if the context was destroyed."""
        if self._context is None:
            raise SslError("the context was destroyed")

    @property
    def verifies(self) -> bool:
        """Whether the certificates of servers are checked: what the live context says.

        Raises:
            SslError: The context was destroyed.
        """
        return self.context.verifies

    def destroy(self) -> None:
        """Lets go of everything; connections that live keep what they need. Again: no effect."""
        self._context = None
        self._data.clear()
        self.functions = psk.Functions()

    def get_extra_data(self, index: int) -> object:
        """Returns what `set_extra_data` stored at `index`.

        Raises:
            IndexError: Nothing is stored there.
            SslError: The context was destroyed.
        """
        self.check_alive()
        try:
            return self._data[index]
        except KeyError:
            raise IndexError(
                f"no extra data at index {spelled(index)}; set_extra_data stores it"
            ) from None

    def set_extra_data(self, index: int, data: object) -> None:
        """Stores `data` at an index that `get_ssl_context_extra_data_index` gave.

        Raises:
            IndexError: That function never gave this index.
            SslError: The context was destroyed.
        """
        if not is_extra_data_index(index):
            raise IndexError(
                f"index {spelled(index)} does not come from get_ssl_context_extra_data_index()"
            )
        self.check_alive()
        self._data[index] = data

    @property
    def psk_identity_hint(self) -> str:
        """The hint that a TLS 1.2 server gives clients; "" for none. TLS 1.3 has none.

        Raises, when set:
            SslError: The hint is longer than 256 bytes of UTF-8 or contains a NUL.
        """
        return self._psk_identity_hint

    @psk_identity_hint.setter
    def psk_identity_hint(self, hint: str) -> None:
        encoded = encoded_for_c(hint)
        if encoded is None or len(encoded) > psk.LONGEST_IDENTITY:
            raise SslError(
                f"psk_identity_hint must be at most {psk.LONGEST_IDENTITY} bytes of UTF-8"
                " without NUL"
            )
        try:
            exchanges.set_psk_identity_hint(self.context, encoded)
        except errorqueue.OpenSslError as failure:
            raise SslError(f"psk_identity_hint: {failures.describe(failure.reasons)}") from None
        self._psk_identity_hint = hint

    @property
    def session_id_context(self) -> str:
        """To what the sessions of a server belong that clients may resume; "" for no resumption.

        Raises, when set:
            SslError: It is longer than 32 bytes of UTF-8, or the context was destroyed.
        """
        return self._session_id_context

    @session_id_context.setter
    def session_id_context(self, text: str) -> None:
        self.check_alive()
        encoded = encoded_for_c(text)
        if encoded is None or len(encoded) > _LONGEST_SESSION_CONTEXT:
            raise SslError(
                f"session_id_context must be at most {_LONGEST_SESSION_CONTEXT} bytes of UTF-8"
                " without NUL"
            )
        self._session_id_context = text

    def resumes(self, *, server: bool) -> bool:
        """Tells whether sessions without pre-shared keys may be resumed, by servers or clients.

        What a verify callback of the program's has judged it is to judge in every handshake.
        """
        if server and not self._session_id_context:
            return False
        return not self.context.asks_program

    @property
    def client_get_psk_func(self) -> psk.ClientFunction | None:
        """From the server's hint to this client's identity and key; None at first.

        It returns ("", b"") to offer no key; a server of TLS 1.2 that has already chosen to use one
        then ends the handshake. Connections that were wrapped before it was first set have no
        pre-shared keys. Suites that can use a key are preferred if it is set before any of them;
        the order of a `cipher_list` other than "ALL" stays, and that of `ciphersuites`.

        Raises, when set:
            TypeError: It is no function.
            SslError: The context was destroyed.
        """
        return self.functions.client

    @client_get_psk_func.setter
    def client_get_psk_func(self, function: psk.ClientFunction | None) -> None:
        check_callable("client_get_psk_func", function, optional=True)
        exchanges.enable_client_psk(self.context, function is not None)
        if function is not None and self.functions.client is None:
            negotiation.prefer_keys(
                self.context, older=self._orders_older, newer=self._orders_newer
            )
        self.functions.client = function

    @property
    def server_get_psk_func(self) -> psk.ServerFunction | None:
        """From a client's identity to its key, empty for an unknown identity; None at first.

        Raises, when set:
            TypeError: It is no function.
            SslError: The context was destroyed.
        """
        return self.functions.server

    @server_get_psk_func.setter
    def server_get_psk_func(self, function: psk.ServerFunction | None) -> None:
        check_callable("server_get_psk_func", function, optional=True)
        exchanges.enable_server_psk(self.context, function is not None)
        self.functions.server = function


def _negotiating(
    prot_version: int, min_version: int | None, max_version: int | None, cipher_list: str
) -> LiveContext:
    """Returns a new live context with what is negotiated."""
    live = LiveContext(SSL.TLS_METHOD)
    negotiation.set_versions(live, prot_version, min_version, max_version)
    negotiation.set_ciphers(live, cipher_list)
    return live
