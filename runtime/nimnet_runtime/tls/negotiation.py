"""What the two sides of a handshake agree on: version, cipher suites and application protocol."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from OpenSSL import SSL

from nimnet_runtime.errors import SslError, invalid, quoted, spelled
from nimnet_runtime.tls import failures, psk
from nimnet_runtime.tls.bindings import contexts, errorqueue, exchanges
from nimnet_runtime.tls.live import LiveContext
from nimnet_runtime.tls.machine import Machine


class ProtVersion:
    """The ordinals of `SslProtVersion`."""

    PROT_SSL_V2: Final = 0
    PROT_SSL_V3: Final = 1
    PROT_TLS_V1: Final = 2
    PROT_SSL_V23: Final = 3


class TlsVersion:
    """The numbers of `TlsVersion`: those that the versions have on the wire."""

    TLS_1_0: Final = 0x0301
    TLS_1_1: Final = 0x0302
    TLS_1_2: Final = 0x0303
    TLS_1_3: Final = 0x0304


_PROTOCOLS: Final = {
    ProtVersion.PROT_SSL_V2: "PROT_SSL_V2",
    ProtVersion.PROT_SSL_V3: "PROT_SSL_V3",
    ProtVersion.PROT_TLS_V1: "PROT_TLS_V1",
    ProtVersion.PROT_SSL_V23: "PROT_SSL_V23",
}
_VERSIONS: Final = {
    TlsVersion.TLS_1_0: "TLS 1.0",
    TlsVersion.TLS_1_1: "TLS 1.1",
    TlsVersion.TLS_1_2: "TLS 1.2",
    TlsVersion.TLS_1_3: "TLS 1.3",
}

DEFAULT_CIPHERS: Final = "ALL"
"""The cipher list of callers who do not care, whose order may be improved."""
_NEVER: Final = b":!aNULL:!eNULL"
"""Added to every cipher list: suites without authentication or without encryption."""

_LONGEST_CIPHERS: Final = 1 << 16
"""Characters of a cipher list: several times the names of all suites, and OpenSSL reads slowly."""
_LONGEST_PROTOCOL: Final = 255
_LONGEST_PROTOCOLS: Final = (1 << 16) - 5
"""Bytes of all names, each with one for its length, in an extension (RFC 7301 section 3.1)."""


def check_protocol(prot_version: int) -> None:
    """Refuses what is no `SslProtVersion`, and those that no OpenSSL has.

    Raises:
        OSError: `EINVAL`.
        SslError: There is no such protocol any more.
    """
    if prot_version not in _PROTOCOLS:
        raise invalid(f"prot_version must be one of SslProtVersion, not {spelled(prot_version)}")
    if prot_version in (ProtVersion.PROT_SSL_V2, ProtVersion.PROT_SSL_V3):
        raise SslError(
            f"prot_version {_PROTOCOLS[prot_version]}: no OpenSSL has this protocol any more;"
            " PROT_SSL_V23 negotiates TLS 1.2 or newer"
        )


def set_versions(
    context: SSL.Context, prot_version: int, min_version: int | None, max_version: int | None
) -> None:
    """Sets the least and the greatest version to speak.

    Raises:
        OSError: `EINVAL`: a version is no `TlsVersion`.
        SslError: This OpenSSL has no such version, or none is left.
    """
    for name, version in (("min_version", min_version), ("max_version", max_version)):
        if version is not None and version not in _VERSIONS:
            raise invalid(f"{name} must be one of TlsVersion or None, not {spelled(version)}")
    if prot_version == ProtVersion.PROT_TLS_V1:
        if min_version is not None or max_version is not None:
            raise SslError(
                "prot_version PROT_TLS_V1 is TLS 1.0 alone: min_version and max_version go with"
                " PROT_SSL_V23"
            )
        _limit(context, TlsVersion.TLS_1_0, TlsVersion.TLS_1_0, "prot_version PROT_TLS_V1")
        return
    least = TlsVersion.TLS_1_2 if min_version is None else min_version
    if max_version is not None and max_version < least:
        raise SslError(
            f"max_version {_VERSIONS[max_version]} is older than "
            + (
                "TLS 1.2, the oldest version without min_version"
                if min_version is None
                else f"min_version {_VERSIONS[least]}"
            )
        )
    named = "min_version" if least < TlsVersion.TLS_1_2 else "max_version"
    _limit(context, least, max_version, named)


def _limit(context: SSL.Context, least: int, most: int | None, named: str) -> None:
    try:
        context.set_min_proto_version(least)
        if most is not None:
            context.set_max_proto_version(most)
    except SSL.Error:
        raise SslError(
            f"{named}: this OpenSSL has no {_VERSIONS[least if most is None else most]};"
            " PROT_SSL_V23 negotiates TLS 1.2 or newer"
        ) from None


def check_possible(
    make: Callable[[], LiveContext], prot_version: int, max_version: int | None
) -> None:
    """Refuses versions that the security level rules out, which OpenSSL finds in the handshake.

    Args:
        make: Returns a context with versions and suites; what is tried can no longer be changed.
        prot_version: What the versions were made of.
        max_version: And this.

    Raises:
        SslError: No version is left.
    """
    if prot_version == ProtVersion.PROT_TLS_V1:
        named = "prot_version PROT_TLS_V1: the security level of this OpenSSL forbids TLS 1.0"
    elif max_version is not None and max_version < TlsVersion.TLS_1_2:
        version = _VERSIONS[max_version]
        named = f"max_version: the security level of this OpenSSL forbids {version} and older"
    else:
        return
    probe = Machine(make().new_connection(server=False), psk.Exchange(psk.Functions()))
    try:
        probe.handshake()
    except errorqueue.OpenSslError:
        raise SslError(
            f"{named}; ':@SECLEVEL=0' at the end of cipher_list would allow it, and much else that"
            " is weak; PROT_SSL_V23 negotiates TLS 1.2 or newer"
        ) from None


def set_ciphers(context: SSL.Context, cipher_list: str) -> None:
    """Sets the suites of TLS 1.2 and older.

    Raises:
        SslError: The list leaves none.
    """
    if len(cipher_list) > _LONGEST_CIPHERS:
        raise _too_long("cipher_list", cipher_list)
    encoded = encoded_for_c(cipher_list)
    try:
        if not encoded:
            raise SslError("cipher_list must not be empty or contain a NUL; 'ALL' is the default")
        context.set_cipher_list(encoded + _NEVER)
    except SSL.Error:
        raise SslError(
            f"cipher_list {quoted(cipher_list)} names no cipher suite of TLS 1.2 or older that this"
            " OpenSSL has and its security level allows (those of TLS 1.3 are in ciphersuites)"
        ) from None


def set_ciphersuites(context: SSL.Context, ciphersuites: str) -> None:
    """Sets the suites of TLS 1.3 and their order; those of OpenSSL's stay where there are none.

    Raises:
        SslError: One of them is none that this OpenSSL has.
    """
    if not ciphersuites:
        return
    if len(ciphersuites) > _LONGEST_CIPHERS:
        raise _too_long("ciphersuites", ciphersuites)
    encoded = encoded_for_c(ciphersuites)
    if encoded is None:
        raise SslError("ciphersuites must not contain a NUL")
    with suppress(SSL.Error):  # it knows none of them
        context.set_tls13_ciphersuites(encoded)
    # OpenSSL passes over a name that it does not know, if it knows another.
    known = contexts.suites(context)
    for name in ciphersuites.split(":"):
        if not name.startswith("TLS_") or name not in known:
            raise SslError(
                f"ciphersuites names {quoted(name)}, which is no cipher suite of TLS 1.3 that this"
                " OpenSSL has; names are separated by colons, such as"
                " 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256'"
            )


def _too_long(parameter: str, text: str) -> SslError:
    return SslError(f"{parameter} has {len(text)} characters; at most {_LONGEST_CIPHERS} are read")


def prefer_keys(context: SSL.Context, *, older: bool, newer: bool) -> None:
    """Prefers suites that can use a pre-shared key, if no connection has been made yet.

    Args:
        context: The context.
        older: Whether to order the suites of TLS 1.2 and older.
        newer: Whether to order those of TLS 1.3.
    """
    # A server that has a certificate as well chooses by the client's order; OpenSSL uses a key that
    # was set in this way with the SHA-256 suites of TLS 1.3 only.
    names = contexts.suites(context)
    of_13 = sorted((x for x in names if x.startswith("TLS_")), key=lambda x: "SHA256" not in x)
    rest = sorted((x for x in names if not x.startswith("TLS_")), key=lambda x: "PSK" not in x)
    # A ValueError where it is in use already, and pyOpenSSL lets nothing be changed.
    with suppress(ValueError), failures.reported("prefer suites that can use a key"):
        if older:
            context.set_cipher_list(":".join(rest).encode())
        if newer:
            context.set_tls13_ciphersuites(":".join(of_13).encode())


def set_application_protocols(context: SSL.Context, alpn: Sequence[str]) -> tuple[bytes, ...]:
    """Sets what clients offer and servers select from (RFC 7301), the preferred one first.

    Returns:
        The names as they are on the wire; empty for no negotiation.

    Raises:
        SslError: A name cannot be one, or there are too many.
    """
    try:
        names = tuple(name.encode("utf-8", "surrogateescape") for name in alpn)
    except UnicodeEncodeError as error:
        raise SslError(f"alpn names {quoted(error.object)}, which cannot be encoded") from None
    for name, text in zip(names, alpn, strict=True):
        if not 1 <= len(name) <= _LONGEST_PROTOCOL:
            raise SslError(
                f"alpn names {quoted(text)}, of {len(name)} bytes: a protocol's name has 1 to"
                f" {_LONGEST_PROTOCOL}, such as 'h2' or 'http/1.1'"
            )
    if sum(map(len, names)) + len(names) > _LONGEST_PROTOCOLS:
        raise SslError(f"alpn has {len(names)} names, more than a handshake has room for")
    if names:
        context.set_alpn_protos(list(names))
        exchanges.enable_protocol_selection(context)
    return names


def encoded_for_c(text: str) -> bytes | None:
    """Returns `text` for C, None where that is impossible."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return None
    return None if b"\0" in encoded else encoded
