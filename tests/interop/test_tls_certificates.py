"""Each certificate that a careful browser has an opinion of, shown by `openssl s_server`.

What is refused is refused within the handshake: no byte of the caller's has left, the error says
why, and the server has been told by an alert.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from harness.authority import CLIENT, DAY, SERVER, Authority, Identity, write_chain
from harness.openssl import Openssl, certified, s_server
from harness.programs import find, run
from interop.secured import PATIENCE, Version, connected, dialled, trusting
from nimnet import C_VERIFY_NONE, SslContext, SslError, new_context


@dataclass(frozen=True)
class Shown:
    """What a server shows.

    Attributes:
        identity: Its certificate.
        issuers: Those that it sends after its own, in this order.
    """

    identity: Identity
    issuers: Sequence[x509.Certificate] = ()


@dataclass(frozen=True)
class Case:
    """A server, and what is to become of a client that trusts the test's authority.

    Attributes:
        name: What is special about the certificate.
        shown: Makes it, from the trusted authority and an empty folder.
        hostname: Whom the client wants.
        said: Words of the refusal; "" if the certificate is good.
        alert: The alert that the server gets (RFC 8446 section 6.2).
    """

    name: str
    shown: Callable[[Authority, Path], Shown]
    hostname: str = "localhost"
    said: str = ""
    alert: int = 0


def names(*those: str) -> Callable[[Authority, Path], Shown]:
    return lambda root, _: Shown(root.issue(names=those, addresses=[]))


def addresses(*those: str) -> Callable[[Authority, Path], Shown]:
    return lambda root, _: Shown(root.issue(names=[], addresses=those))


def plain(root: Authority, _: Path) -> Shown:
    return Shown(root.issue())


def expired(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(begins=-2 * DAY, ends=-DAY / 24))


def not_yet_valid(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(begins=DAY / 24, ends=DAY))


def common_name(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(names=[], addresses=[], common_name="localhost"))


def common_name_beside_others(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(names=["example.com"], addresses=[], common_name="localhost"))


def self_signed(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(self_signed=True, common_name="self"))


def unknown_root(_: Authority, folder: Path) -> Shown:
    return Shown(Authority(folder, "somebody else").issue())


def unknown_root_that_is_sent(_: Authority, folder: Path) -> Shown:
    other = Authority(folder, "somebody else")
    return Shown(other.issue(), [other.certificate])


def namesake_of_the_root(_: Authority, folder: Path) -> Shown:
    return Shown(Authority(folder).issue())  # the trusted root's name, another key


def two_intermediates(root: Authority, folder: Path) -> tuple[Authority, Authority]:
    middle = Authority(folder, "middle", parent=root)
    return middle, Authority(folder, "low", parent=middle)


def whole_chain(root: Authority, folder: Path) -> Shown:
    middle, low = two_intermediates(root, folder)
    return Shown(low.issue(), [low.certificate, middle.certificate])


def chain_with_the_root(root: Authority, folder: Path) -> Shown:
    middle, low = two_intermediates(root, folder)
    return Shown(low.issue(), [low.certificate, middle.certificate, root.certificate])


def reversed_chain(root: Authority, folder: Path) -> Shown:
    middle, low = two_intermediates(root, folder)
    return Shown(low.issue(), [root.certificate, middle.certificate, low.certificate])


def chain_among_others(root: Authority, folder: Path) -> Shown:
    middle, low = two_intermediates(root, folder)
    other = Authority(folder, "somebody else").certificate
    return Shown(low.issue(), [other, middle.certificate, other, low.certificate])


def no_intermediates(root: Authority, folder: Path) -> Shown:
    return Shown(two_intermediates(root, folder)[1].issue())


def one_intermediate_missing(root: Authority, folder: Path) -> Shown:
    _, low = two_intermediates(root, folder)
    return Shown(low.issue(), [low.certificate])


def expired_intermediate(root: Authority, folder: Path) -> Shown:
    middle = Authority(folder, "middle", parent=root, ends=-DAY)
    return Shown(middle.issue(), [middle.certificate])


def intermediate_that_is_none(root: Authority, folder: Path) -> Shown:
    """Somebody signs with the key of an ordinary certificate."""
    middle = Authority(folder, "middle", parent=root, entitled=False)
    return Shown(middle.issue(), [middle.certificate])


def constrained(root: Authority, folder: Path) -> Shown:
    middle = Authority(folder, "middle", parent=root, permitted=["example.com"])
    return Shown(
        middle.issue(names=["www.example.com", "localhost"], addresses=[]), [middle.certificate]
    )


def constrained_and_heeded(root: Authority, folder: Path) -> Shown:
    middle = Authority(folder, "middle", parent=root, permitted=["example.com"])
    return Shown(middle.issue(names=["www.example.com"], addresses=[]), [middle.certificate])


def weak_key(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(weak=True))


def for_clients_only(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(purposes=[CLIENT]))


def for_servers_only(root: Authority, _: Path) -> Shown:
    return Shown(root.issue(purposes=[SERVER]))


THOUSAND = [f"host-{number}.example.com" for number in range(1000)]
HOST = "hostname mismatch: the certificate is not valid for"
ADDRESS = "IP address mismatch: the certificate is not valid for"
ISSUER = "unable to get local issuer certificate"

CASES = [
    Case("right name", plain),
    Case("capitals", plain, "LocalHost"),
    Case("trailing dot", plain, "localhost."),
    Case("wrong host", plain, "example.com", HOST, 42),
    Case("domain of the host", names("www.example.com"), "example.com", HOST, 42),
    Case("host within", names("example.com"), "www.example.com", HOST, 42),
    Case("one of several", names("a.example", "b.example", "c.example"), "c.example"),
    Case("thousand names", names(*THOUSAND), "host-999.example.com"),
    Case("none of thousand names", names(*THOUSAND), "host-1000.example.com", HOST, 42),
    Case("wildcard", names("*.example.com"), "www.example.com"),
    Case("wildcard, two labels", names("*.example.com"), "a.b.example.com", HOST, 42),
    Case("wildcard, no label", names("*.example.com"), "example.com", HOST, 42),
    Case("wildcard, left part", names("w*.example.com"), "www.example.com", HOST, 42),
    Case("wildcard, right part", names("*w.example.com"), "www.example.com", HOST, 42),
    Case("wildcard, inner part", names("w*w.example.com"), "www.example.com", HOST, 42),
    Case("wildcard, not the first", names("www.*.com"), "www.example.com", HOST, 42),
    Case("wildcard, top level", names("*.com"), "example.com", HOST, 42),
    Case("wildcard alone", names("*"), "localhost", HOST, 42),
    Case("international name", names("xn--bcher-kva.example"), "bücher.example"),
    Case("wildcard, address", names("*.0.0.1"), "127.0.0.1", ADDRESS, 42),
    Case("right address", addresses("127.0.0.1"), "127.0.0.1"),
    Case("right address, IPv6", addresses("2001:db8::1"), "2001:DB8:0:0:0:0:0:1"),
    Case("wrong address", addresses("127.0.0.2"), "127.0.0.1", ADDRESS, 42),
    Case("mapped address", addresses("::ffff:127.0.0.1"), "127.0.0.1", ADDRESS, 42),
    Case("address as a name", names("127.0.0.1"), "127.0.0.1", ADDRESS, 42),
    Case("address for a name", addresses("127.0.0.1"), "localhost", HOST, 42),
    Case("common name alone", common_name, said=HOST, alert=42),
    Case("common name beside others", common_name_beside_others, said=HOST, alert=42),
    Case("expired", expired, said="certificate has expired", alert=45),
    Case("not yet valid", not_yet_valid, said="certificate is not yet valid", alert=42),
    Case("self-signed", self_signed, said="self-signed certificate", alert=48),
    Case("unknown root", unknown_root, said=ISSUER, alert=48),
    Case(
        "unknown root that is sent",
        unknown_root_that_is_sent,
        said="self-signed certificate in certificate chain",
        alert=48,
    ),
    Case("namesake of the root", namesake_of_the_root, said=ISSUER, alert=48),
    Case("whole chain", whole_chain),
    Case("chain with the root", chain_with_the_root),
    Case("reversed chain", reversed_chain),
    Case("chain among others", chain_among_others),
    Case("incomplete chain", no_intermediates, said=ISSUER, alert=48),
    Case("chain with a gap", one_intermediate_missing, said=ISSUER, alert=48),
    Case("expired intermediate", expired_intermediate, said="has expired", alert=45),
    Case("intermediate that is none", intermediate_that_is_none, said="invalid CA", alert=48),
    Case("name constraints", constrained, "www.example.com", "permitted subtree", 46),
    Case("name constraints, heeded", constrained_and_heeded, "www.example.com"),
    Case("weak key", weak_key, said="key too weak", alert=42),
    Case("for clients only", for_clients_only, said="purpose", alert=43),
    Case("for servers only", for_servers_only),
]


def refusal(context: SslContext, port: int, hostname: str) -> str:
    """Return why a server is refused; "" if it is accepted and data pass."""
    try:
        with dialled(context, port, hostname) as sock:
            sock.send(b"secret\n", timeout=PATIENCE)
            assert sock.recv_line(PATIENCE) == b"terces"
    except SslError as error:
        return str(error)
    return ""


def heard_alert(server: Openssl, number: int) -> bool:
    server.wait_for(b"SSL alert number %d\n" % number)
    return b"terces" not in server.printed()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_certificate(authority: Authority, version: Version, case: Case, tmp_path: Path) -> None:
    shown = case.shown(authority, tmp_path)
    options = ["-rev", version.option, *certified(shown.identity, shown.issuers)]
    if case.name == "weak key":
        options += ["-cipher", "ALL:@SECLEVEL=0"]
    with s_server(*options) as server:
        said = refusal(trusting(authority), server.port, case.hostname)
        if not case.said:
            assert said == ""
            return
        assert said.startswith("TLS handshake failed: certificate verify failed")
        assert case.said in said
        if "mismatch" in case.said:
            assert repr(case.hostname) in said
        assert heard_alert(server, case.alert)


def test_no_verification_accepts_anything(authority: Authority, version: Version) -> None:
    worst = authority.issue(names=[], self_signed=True, begins=-2 * DAY, ends=-DAY)
    with s_server("-rev", version.option, *certified(worst)) as server:
        assert refusal(new_context(verify_mode=C_VERIFY_NONE), server.port, "example.com") == ""


def test_connect_checks_the_host_it_is_given(authority: Authority) -> None:
    with s_server("-rev", *certified(authority.issue(addresses=[]))) as server:
        with connected(trusting(authority), server.port, host="localhost") as sock:
            sock.send(b"abc\n", timeout=PATIENCE)
            assert sock.recv_line(PATIENCE) == b"cba"
        with pytest.raises(SslError, match=r"IP address mismatch: .* not valid for '127\.0\.0\.1'"):
            connected(trusting(authority), server.port, host="127.0.0.1")
        assert heard_alert(server, 42)


def test_removed_from_the_store(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    store = tmp_path / "store.pem"
    with s_server("-rev", *certified(authority.issue())) as server:
        write_chain(store, [other.certificate, authority.certificate])
        assert refusal(new_context(ca_file=str(store)), server.port, "localhost") == ""
        write_chain(store, [other.certificate])
        assert ISSUER in refusal(new_context(ca_file=str(store)), server.port, "localhost")


def hashed(folder: Path, authority: Authority) -> Path:
    """Make a directory of authorities, as `openssl rehash` would."""
    folder.mkdir()
    argv = [find("openssl"), "x509", "-noout", "-subject_hash", "-in", authority.ca_file]
    link = folder / f"{run(argv).decode().strip()}.0"
    link.symlink_to(authority.ca_file)
    return folder


def test_authorities_in_a_directory(authority: Authority, tmp_path: Path) -> None:
    there = hashed(tmp_path / "there", authority)
    elsewhere = hashed(tmp_path / "elsewhere", Authority(tmp_path, "other"))
    with s_server("-rev", *certified(authority.issue())) as server:
        assert refusal(new_context(ca_dir=str(there)), server.port, "localhost") == ""
        assert ISSUER in refusal(new_context(ca_dir=str(elsewhere)), server.port, "localhost")
        both = new_context(ca_dir=str(elsewhere), ca_file=authority.ca_file)
        assert refusal(both, server.port, "localhost") == ""


PROBE = """
import sys
from nimnet import Port, SslError, new_context, new_socket
with new_socket() as sock:
    try:
        new_context().wrap_socket(sock)
        sock.connect("localhost", Port(int(sys.argv[1])), timeout=20_000)
    except SslError as error:
        print(error)
"""
"""Connects with the trust store of the system; prints why it was refused."""


def told(port: int, **variables: str) -> str:
    """Return what a new process, with these variables, says of a server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT_")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(port)],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_variables_of_the_system_name_the_store(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    folder = str(hashed(tmp_path / "folder", authority))
    empty, missing = tmp_path / "empty", str(tmp_path / "missing")
    empty.mkdir()
    with s_server("-rev", *certified(authority.issue())) as server:
        assert told(server.port, SSL_CERT_FILE=authority.ca_file) == ""
        assert told(server.port, SSL_CERT_DIR=folder, SSL_CERT_FILE=missing) == ""
        assert told(server.port, SSL_CERT_DIR=f"{empty}:{folder}", SSL_CERT_FILE=missing) == ""
        assert ISSUER in told(server.port, SSL_CERT_FILE=other.ca_file, SSL_CERT_DIR=str(empty))
        nothing = told(server.port, SSL_CERT_FILE=missing, SSL_CERT_DIR=str(empty))
        assert "no trusted authority was found" in nothing
        assert f"SSL_CERT_FILE is {missing!r}" in nothing
        assert ISSUER in told(server.port)
