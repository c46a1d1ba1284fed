"""The settings that TLS connections share, and how they are loaded into OpenSSL."""

import os
from contextlib import suppress
from typing import Final

from OpenSSL import SSL

from nimnet_runtime.errors import SslError, invalid, quoted, spelled
from nimnet_runtime.extradata import is_extra_data_index
from nimnet_runtime.tls import failures, psk, verification
from nimnet_runtime.tls.bindings import contexts, errorqueue, exchanges
from nimnet_runtime.tls.live import LiveContext, check_callable
from nimnet_runtime.tls.machine import Machine


class ProtVersion:
    """The ordinals of `SslProtVersion`."""

    PROT_SSL_V2: Final = 0
    PROT_SSL_V3: Final = 1
    PROT_TLS_V1: Final = 2
    PROT_SSL_V23: Final = 3


class VerifyMode:
    """The ordinals of `SslCVerifyMode`."""

    C_VERIFY_NONE: Final = 0
    C_VERIFY_PEER: Final = 1


_PROTOCOLS: Final = {
    ProtVersion.PROT_SSL_V2: "PROT_SSL_V2",
    ProtVersion.PROT_SSL_V3: "PROT_SSL_V3",
    ProtVersion.PROT_TLS_V1: "PROT_TLS_V1",
    ProtVersion.PROT_SSL_V23: "PROT_SSL_V23",
}

DEFAULT_CIPHERS: Final = "ALL"
"""The cipher list of callers who do not care, whose order may be improved."""
_NEVER: Final = b":!aNULL:!eNULL"
"""Added to every cipher list: suites without authentication or without encryption."""

_LONGEST_CIPHERS: Final = 1 << 16
"""Characters of a cipher list: several times the names of all suites, and OpenSSL reads slowly."""


class Settings:
    """Settings for TLS connections, and the live `OpenSSL.SSL.Context` that holds them.

    Attributes:
        verifies: Whether the certificates of servers are checked.
        functions: Where pre-shared keys come from.
    """

    __slots__ = (
        "_context",
        "_data",
        "_orders_suites",
        "_psk_identity_hint",
        "functions",
        "verifies",
    )

    def __init__(
        self,
        prot_version: int,
        verify_mode: int,
        cert_file: str,
        key_file: str,
        cipher_list: str,
        ca_file: str,
        ca_dir: str,
    ) -> None:
        """Loads the settings, for clients as well as for servers.

        TLS 1.2 and newer, no compression, no renegotiation, OpenSSL's default security level (2).

        Args:
            prot_version: `SslProtVersion`: 3 for TLS 1.2 and newer, 2 for TLS 1.0 alone; 0 and 1
                exist in no OpenSSL any more.
            verify_mode: `SslCVerifyMode`: 1 to check the peer's certificate, 0 not to. A server
                demands certificates of its clients only where `ca_file`, `ca_dir`, SSL_CERT_FILE or
                SSL_CERT_DIR names authorities other than the system's; see `verification.trust`.
            cert_file: PEM file with this side's certificate, then its issuers; "" for none.
            key_file: PEM file with the private key, not encrypted; "" to look in `cert_file`.
            cipher_list: Suites for TLS 1.2 and older, as in openssl-ciphers(1). Suites without
                authentication or encryption are never used, whatever it says.
            ca_file: PEM file of authorities to trust instead of the system's; "" for none.
            ca_dir: Directory of authorities, named by openssl-rehash(1); "" for none.

        Raises:
            OSError: A file is missing or cannot be read, or its name cannot be one.
            SslError: A setting is impossible, or a file does not hold what it should.
        """
        if prot_version not in _PROTOCOLS:
            raise invalid(
                f"prot_version must be one of SslProtVersion, not {spelled(prot_version)}"
            )
        if verify_mode not in (VerifyMode.C_VERIFY_NONE, VerifyMode.C_VERIFY_PEER):
            raise invalid(f"verify_mode must be one of SslCVerifyMode, not {spelled(verify_mode)}")
        if prot_version in (ProtVersion.PROT_SSL_V2, ProtVersion.PROT_SSL_V3):
            raise SslError(
                f"prot_version {_PROTOCOLS[prot_version]}: no OpenSSL has this protocol any more;"
                " PROT_SSL_V23 negotiates TLS 1.2 or newer"
            )
        with failures.reported("make a context"):
            context = _protocol(prot_version, cipher_list)
            if prot_version == ProtVersion.PROT_TLS_V1:
                _check_possible(_protocol(prot_version, cipher_list))
            if cert_file or key_file:
                _load_identity(context, cert_file, key_file)
            if (ca_file or ca_dir) and verify_mode == VerifyMode.C_VERIFY_NONE:
                raise SslError("ca_file and ca_dir need verify_mode=C_VERIFY_PEER")
            if verify_mode == VerifyMode.C_VERIFY_PEER:
                verification.trust(context, ca_file, ca_dir)
        self._context: LiveContext | None = context
        self._data: dict[int, object] = {}
        self._orders_suites = cipher_list == DEFAULT_CIPHERS
        self._psk_identity_hint = ""
        self.verifies: bool = verify_mode == VerifyMode.C_VERIFY_PEER
        self.functions: psk.Functions = psk.Functions()

    @property
    def context(self) -> LiveContext:
        """The live context of pyOpenSSL, for what this API does not cover.

        What is set there counts: after `set_verify`, or when authorities are loaded, servers do
        about their clients' certificates what the verify mode says.

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
        encoded = _encoded(hint)
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
    def client_get_psk_func(self) -> psk.ClientFunction | None:
        """From the server's hint to this client's identity and key; None at first.

        It returns ("", b"") to offer no key; a server of TLS 1.2 that has already chosen to use one
        then ends the handshake. Connections that were wrapped before it was first set have no
        pre-shared keys. Suites that can use a key are preferred if it is set before any of them;
        the order of a `cipher_list` other than "ALL" stays.

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
            _prefer_keys(self.context, older=self._orders_suites)
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


def _prefer_keys(context: SSL.Context, *, older: bool) -> None:
    # A server that has a certificate as well chooses by the client's order; OpenSSL uses a key that
    # was set in this way with the SHA-256 suites of TLS 1.3 only.
    names = contexts.suites(context)
    newer = sorted((x for x in names if x.startswith("TLS_")), key=lambda x: "SHA256" not in x)
    rest = sorted((x for x in names if not x.startswith("TLS_")), key=lambda x: "PSK" not in x)
    # A ValueError where it is in use already, and pyOpenSSL lets nothing be changed.
    with suppress(ValueError), failures.reported("prefer suites that can use a key"):
        if older:
            context.set_cipher_list(":".join(rest).encode())
        context.set_tls13_ciphersuites(":".join(newer).encode())


def _protocol(prot_version: int, cipher_list: str) -> LiveContext:
    context = LiveContext(SSL.TLS_METHOD)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET)
    # Without tickets and a cache no session outlives its connection, and every handshake proves
    # who is there: `get_psk_identity` depends on that.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    _set_versions(context, prot_version)
    _set_ciphers(context, cipher_list)
    return context


def _set_versions(context: SSL.Context, prot_version: int) -> None:
    if prot_version == ProtVersion.PROT_SSL_V23:
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        return
    try:
        context.set_min_proto_version(SSL.TLS1_VERSION)
        context.set_max_proto_version(SSL.TLS1_VERSION)
    except SSL.Error:
        raise SslError(
            "prot_version PROT_TLS_V1: this OpenSSL has no TLS 1.0;"
            " PROT_SSL_V23 negotiates TLS 1.2 or newer"
        ) from None


def _set_ciphers(context: SSL.Context, cipher_list: str) -> None:
    if len(cipher_list) > _LONGEST_CIPHERS:
        raise SslError(
            f"cipher_list has {len(cipher_list)} characters; at most {_LONGEST_CIPHERS} are read"
        )
    encoded = _encoded(cipher_list)
    try:
        if not encoded:
            raise SslError("cipher_list must not be empty or contain a NUL; 'ALL' is the default")
        context.set_cipher_list(encoded + _NEVER)
    except SSL.Error:
        raise SslError(
            f"cipher_list {quoted(cipher_list)} names no cipher suite of TLS 1.2 or older that this"
            " OpenSSL has and its security level allows (the suites of TLS 1.3 are always on)"
        ) from None


def _check_possible(context: LiveContext) -> None:
    # OpenSSL finds out in the handshake that its security level rules out TLS 1.0.
    probe = Machine(context.new_connection(server=False), psk.Exchange(psk.Functions()))
    try:
        probe.handshake()
    except errorqueue.OpenSslError:
        raise SslError(
            "prot_version PROT_TLS_V1: the security level of this OpenSSL forbids TLS 1.0;"
            " ':@SECLEVEL=0' at the end of cipher_list would allow it, and much else that is weak;"
            " PROT_SSL_V23 negotiates TLS 1.2 or newer"
        ) from None


def _load_identity(context: SSL.Context, cert_file: str, key_file: str) -> None:
    if not cert_file:
        raise SslError(f"key_file {quoted(key_file)} needs cert_file, the certificate of this key")
    verification.read_bytes(cert_file)
    try:
        contexts.load_certificates(context, os.fsencode(cert_file))
    except errorqueue.OpenSslError as failure:
        raise SslError(
            f"cert_file {quoted(cert_file)} cannot be used as a certificate in PEM form:"
            f" {failures.describe(failure.reasons)}"
        ) from None
    source = key_file or cert_file
    contents = verification.read_bytes(source)
    named = (
        f"key_file {quoted(key_file)}"
        if key_file
        else f"cert_file {quoted(cert_file)} (without key_file)"
    )
    try:
        contexts.load_private_key(context, os.fsencode(source))
    except errorqueue.OpenSslError as failure:
        reason = failures.describe(failure.reasons)
        if "mismatch" in reason:
            raise _mismatch(named, cert_file) from None
        if b"ENCRYPTED" in contents:
            raise SslError(
                f"the private key in {named} is encrypted: store it decrypted (openssl pkey -in"
                " FILE -out FILE), or make the context without files and let its `context` have"
                " them: use_certificate_chain_file(FILE), then use_privatekey(KEY) with the KEY"
                " that cryptography's load_pem_private_key(BYTES, PASSWORD) returns"
            ) from None
        raise SslError(f"{named} holds no private key in PEM form: {reason}") from None
    try:
        context.check_privatekey()
    except SSL.Error:
        raise _mismatch(named, cert_file) from None  # a key of another kind than the certificate's


def _mismatch(named: str, cert_file: str) -> SslError:
    return SslError(
        f"the private key in {named} does not belong to the certificate in cert_file"
        f" {quoted(cert_file)} (this side's own must be the first there)"
    )


def _encoded(text: str) -> bytes | None:
    """Returns `text` for C, None where that is impossible."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return None
    return None if b"\0" in encoded else encoded
