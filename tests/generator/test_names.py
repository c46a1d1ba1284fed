"""The naming rule on every kind of name that the documentation has."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nimnet_gen.naming.names import constant_case, is_setter, safe, snake_case


@pytest.mark.parametrize(
    ("nim", "python"),
    [
        ("recvLine", "recv_line"),
        ("getPrimaryIPAddr", "get_primary_ip_addr"),
        ("toOSFlags", "to_os_flags"),
        ("raiseSSLError", "raise_ssl_error"),
        ("toCInt", "to_c_int"),
        ("isSsl", "is_ssl"),
        ("bindAddr", "bind_addr"),
        ("address_v6", "address_v6"),
        ("parseIpAddress", "parse_ip_address"),
        ("skip", "skip"),
        ("Peek", "peek"),
        ("a1B", "a1_b"),
        ("", ""),
    ],
)
def test_snake_case(nim: str, python: str) -> None:
    assert snake_case(nim) == python


@pytest.mark.parametrize(
    ("nim", "python"),
    [
        ("OptOOBInline", "OPT_OOB_INLINE"),
        ("OptNoDelay", "OPT_NO_DELAY"),
        ("AF_INET6", "AF_INET6"),
        ("SOMAXCONN", "SOMAXCONN"),
        ("MaxLineLength", "MAX_LINE_LENGTH"),
        ("handshakeAsClient", "HANDSHAKE_AS_CLIENT"),
        ("CVerifyNone", "C_VERIFY_NONE"),
    ],
)
def test_constant_case(nim: str, python: str) -> None:
    assert constant_case(nim) == python


def test_keywords_take_an_underscore() -> None:
    assert [safe(name) for name in ("async", "from", "port")] == ["async_", "from_", "port"]


def test_setters_are_no_operators() -> None:
    assert is_setter("pskIdentityHint=")
    assert not any(map(is_setter, ("==", "&=", "$", "=", "recv")))


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}", fullmatch=True))
def test_the_rule_only_adds_underscores_and_settles(name: str) -> None:
    python = snake_case(name)
    assert python.replace("_", "") == name.replace("_", "").lower()
    assert snake_case(python) == python
    assert constant_case(name) == python.upper()
    assert not keyword.iskeyword(safe(python))
