"""nimnet as a TLS server that curl drives."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.authority import Authority, Identity
from harness.programs import find, run
from interop.secured import (
    PATIENCE,
    Version,
    accepted,
    bound,
    demanding,
    listening,
    presenting,
)
from interop.servers import blob, http, serving
from nimnet import Socket, SslAlertError, SslError

SIZE = 64 << 20


@pytest.fixture
def there(identity: Identity, version: Version, buffered: bool) -> Iterator[tuple[Socket, int]]:
    """A bound TLS socket, and its port."""
    with bound(presenting(identity, version=version), buffered=buffered) as found:
        yield found


def curl(authority: Authority) -> list[str]:
    """Return a curl that trusts the authority and fails when the server's answer says so."""
    quiet = ["--noproxy", "*", "--http1.1", "--silent", "--show-error", "--fail", "--ipv4"]
    return [find("curl"), *quiet, "--cacert", authority.ca_file]


def test_downloads(there: tuple[Socket, int], authority: Authority, tmp_path: Path) -> None:
    listener, port = there
    received = tmp_path / "received"
    with serving(listener, http):
        run([*curl(authority), "-o", str(received), f"https://localhost:{port}/blob/{SIZE}"])
    assert hashlib.sha256(received.read_bytes()).digest() == hashlib.sha256(blob(SIZE)).digest()
    received.unlink()


def test_uploads(
    there: tuple[Socket, int], authority: Authority, tmp_path: Path, big_body: bytes
) -> None:
    listener, port = there
    sent = tmp_path / "sent"
    sent.write_bytes(big_body[:SIZE])
    with serving(listener, http):
        answer = run([*curl(authority), "-T", str(sent), f"https://localhost:{port}/digest"])
    assert answer.decode() == hashlib.sha256(big_body[:SIZE]).hexdigest()
    sent.unlink()


def test_keeps_the_connection(there: tuple[Socket, int], authority: Authority) -> None:
    listener, port = there
    one, none = f"https://127.0.0.1:{port}/blob/10", f"https://127.0.0.1:{port}/blob/0"
    report = ["--write-out", "|%{http_code} %{num_connects}|"]
    with serving(listener, http):
        printed = run([*curl(authority), *report, one, none, one])
    assert printed == b"%s|200 1||200 0|%s|200 0|" % (blob(10), blob(10))


def test_many_at_once(there: tuple[Socket, int], authority: Authority, tmp_path: Path) -> None:
    listener, port = there
    target = f"https://localhost:{port}/blob/[100000-100015]"
    with serving(listener, http):
        run([*curl(authority), "--parallel", "--output", str(tmp_path / "#1"), target])
    for size in range(100_000, 100_016):
        assert (tmp_path / str(size)).read_bytes() == blob(size)


@pytest.mark.parametrize("wrong", ["name", "authority"])
def test_refuses_a_server(
    identity: Identity, authority: Authority, version: Version, wrong: str, tmp_path: Path
) -> None:
    """Status 60: curl does not accept the certificate, and the server is told."""
    trusted = authority if wrong == "name" else Authority(tmp_path, "another")
    with listening(presenting(identity, version=version)) as (listener, port):
        served = accepted(listener, lambda client: client.recv(1, PATIENCE))
        host = "example.com" if wrong == "name" else "localhost"
        place = ["--resolve", f"example.com:{port}:127.0.0.1", f"https://{host}:{port}/"]
        run([*curl(trusted), *place], status=60)
        if wrong == "name":  # curl looks at it after the handshake, and takes its leave
            assert served.result(PATIENCE / 1000) == b""
        else:
            error = served.exception(PATIENCE / 1000)
            assert isinstance(error, SslAlertError), error
            assert error.name == "unknown_ca"
            assert "alert 'unknown ca'" in str(error)


def test_shows_a_certificate(identity: Identity, authority: Authority, version: Version) -> None:
    mine = authority.issue(names=[], addresses=[], common_name="curl")
    shown = ["--cert", mine.cert_file, "--key", mine.key_file]
    with bound(demanding(identity, authority, version=version)) as (listener, port):
        url = f"https://localhost:{port}/blob/10"
        with serving(listener, http):
            assert run([*curl(authority), *shown, url]) == blob(10)


def test_that_hangs_up_disturbs_nobody(there: tuple[Socket, int], authority: Authority) -> None:
    """Status 63: curl leaves when it reads how much is to come, in the middle of our send."""

    def patient(connection: Socket) -> None:
        with contextlib.suppress(OSError, SslError):
            http(connection)

    listener, port = there
    url = f"https://localhost:{port}/blob"
    with serving(listener, patient):
        run([*curl(authority), "--max-filesize", "1000", f"{url}/{50 << 20}"], status=63)
        assert run([*curl(authority), f"{url}/10"]) == blob(10)
