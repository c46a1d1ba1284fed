"""What the package's functions and methods do."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Sequence
from typing import Final, NoReturn

from nimuri_runtime.encoding import decoded, encoded
from nimuri_runtime.errors import UriParseError
from nimuri_runtime.parts import Fields, Parts
from nimuri_runtime.references import resolved

_URI: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:\#(?P<anchor>.*))?",
    re.DOTALL,
)
"""Every text is one: each part can be empty, and the path takes what nothing else does."""

_HOST: Final = re.compile(r"(?:\[(?P<address>[^]]*)\]|(?P<name>[^:]*))(?P<rest>.*)", re.DOTALL)


def uri_parse_error(msg: str) -> NoReturn:
    """Raise the exception."""
    raise UriParseError(msg)


def encode_url(s: str, use_plus: bool) -> str:
    """Encode a text."""
    return encoded(s, use_plus=use_plus)


def decode_url(s: str, decode_plus: bool) -> str:
    """Decode a text."""
    return decoded(s, decode_plus=decode_plus)


def encode_query(query: Sequence[tuple[str, str]], use_plus: bool, omit_eq: bool) -> str:
    """Write pairs as a query."""
    written: list[str] = []
    for key, value in query:
        sign = "" if omit_eq and not value else "="
        written.append(encoded(key, use_plus=use_plus) + sign + encoded(value, use_plus=use_plus))
    return "&".join(written)


def decode_query(data: str) -> list[tuple[str, str]]:
    """Read the pairs of a query."""
    parts = data.split("&")
    if not parts[-1]:
        parts.pop()  # what ends the last pair begins no other
    pairs = (part.partition("=") for part in parts)
    return [
        (decoded(key, decode_plus=True), decoded(value, decode_plus=True))
        for key, _, value in pairs
    ]


def init_uri(is_ipv6: bool) -> Parts:  # noqa: ARG001  # it is documented, and without effect here
    """Make a URI without any part."""
    return Parts()


def parse_uri(uri: str) -> Parts:
    """Take a URI apart."""
    found = _URI.fullmatch(uri)
    assert found is not None, "the pattern fits every text"
    scheme, authority, path = found["scheme"] or "", found["authority"], found["path"]
    opaque = bool(scheme) and authority is None
    if opaque and scheme.lower() == "mailto":
        authority, path = path, ""
    username, password, hostname, port = _authority(authority or "")
    return Parts(
        scheme,
        username,
        password,
        hostname,
        port,
        path,
        found["query"] or "",
        found["anchor"] or "",
        opaque,
    )


def _authority(authority: str) -> tuple[str, str, str, str]:
    """Return the user's name, the password, the host and the port."""
    user, _, place = authority.rpartition("@")
    username, _, password = user.partition(":")
    found = _HOST.fullmatch(place)
    assert found is not None, "the pattern fits every text"
    host = found["name"] if found["address"] is None else found["address"]
    return username, password, host, found["rest"].removeprefix(":")


def combine(base: Fields, reference: Fields) -> Parts:
    """Resolve a reference."""
    return resolved(Parts(*base), Parts(*reference))


def combine_all(uris: Sequence[Fields]) -> Parts:
    """Resolve several references, one after the other."""
    if not uris:
        raise IndexError("no URI to combine others with")
    return functools.reduce(resolved, (Parts(*uri) for uri in uris))


def is_absolute(uri: Fields) -> bool:
    """Tell whether a URI stands for itself."""
    parts = Parts(*uri)
    return bool(parts.scheme and (parts.hostname or parts.path))


def append(uri: Fields, path: str) -> Parts:
    """Append to the path, with one slash between."""
    parts = Parts(*uri)
    return parts._replace(path=f"{parts.path.removesuffix('/')}/{path.removeprefix('/')}")


def with_query(uri: Fields, query: Sequence[tuple[str, str]]) -> Parts:
    """Put a query in the place of the one that is there."""
    return Parts(*uri)._replace(query=encode_query(query, True, True))


def text(uri: Fields) -> str:
    """Write a URI."""
    parts = Parts(*uri)
    written = f"{parts.scheme}:" if parts.scheme else ""
    authority = _written_authority(parts)
    if not parts.opaque and (parts.scheme or parts.has_authority or parts.path.startswith("//")):
        written += "//"
    written += authority
    if parts.path and parts.has_authority and not parts.path.startswith("/"):
        written += "/"
    written += parts.path
    written += f"?{parts.query}" if parts.query else ""
    return written + (f"#{parts.anchor}" if parts.anchor else "")


def _written_authority(parts: Parts) -> str:
    written = ""
    if parts.username or parts.password:
        written += parts.username + (f":{parts.password}" if parts.password else "") + "@"
    written += f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return written + (f":{parts.port}" if parts.port else "")


def get_data_uri(data: bytes | bytearray | memoryview, mime: str, encoding: str) -> str:
    """Write data as a URI."""
    if not mime or not encoding:
        raise ValueError("a data URI has a media type and a character set")
    return f"data:{mime};charset={encoding};base64,{base64.b64encode(data).decode('ascii')}"
