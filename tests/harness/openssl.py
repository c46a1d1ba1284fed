"""OpenSSL's command line as a TLS server (`s_server`) and as a client (`s_client`).

Both take commands and data on their standard input and print what arrives, among much else.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from harness.authority import Identity, write_chain
from harness.programs import Program, find, started, wait_until


@dataclass(frozen=True)
class Openssl:
    """An `s_server` that accepts connections, or an `s_client` that has been started.

    Attributes:
        program: The program.
        port: The server's port on loopback; 0 for a client.
    """

    program: Program
    port: int = 0

    def type(self, text: bytes) -> None:
        """Give it data, or a command: a letter at the beginning of a line."""
        self.program.type(text)

    def printed(self) -> bytes:
        """Return everything that it has printed so far."""
        return self.program.log.read_bytes()

    def wait_for(self, text: bytes, times: int = 1) -> None:
        """Wait until it has printed `text` so many times, even if those were its last words.

        Raises:
            AssertionError: It ended without, or took too long; with its output.
        """
        wait_until(self.program, lambda: self.printed().count(text) >= times)

    def wait_for_one(self, pattern: bytes) -> None:
        """Likewise, until it has printed something that a regular expression matches."""
        wait_until(self.program, lambda: re.search(pattern, self.printed()) is not None)


def certified(identity: Identity, issuers: Sequence[x509.Certificate] = ()) -> list[str]:
    """Return the options of a program that shows a certificate.

    Args:
        identity: The certificate, and its key.
        issuers: What it shows besides, in this order.
    """
    options = ["-cert", identity.cert_file, "-key", identity.key_file]
    if issuers:
        options += ["-cert_chain", write_chain(Path(f"{identity.cert_file}.issuers"), issuers)]
    return options


@contextlib.contextmanager
def s_server(*options: str, directory: Path | None = None) -> Iterator[Openssl]:
    """Run `openssl s_server` on a loopback port of the system's choice.

    Args:
        options: What to give it besides the port; `-nocert` for a server without certificate.
        directory: Where it runs: `-WWW` serves the files there.
    """
    openssl = find("openssl")
    with tempfile.TemporaryDirectory(prefix="nimnet-s_server-") as name:
        argv = [openssl, "s_server", "-accept", "127.0.0.1:0", *options]
        with started(argv, directory or Path(name), typed=True) as program:
            chosen = re.compile(rb"^ACCEPT 127\.0\.0\.1:(\d+)$", re.MULTILINE)
            wait_until(program, lambda: chosen.search(program.log.read_bytes()) is not None)
            found = chosen.search(program.log.read_bytes())
            assert found
            yield Openssl(program, int(found[1]))


@contextlib.contextmanager
def s_client(port: int, *options: str) -> Iterator[Openssl]:
    """Run `openssl s_client` against a loopback port; it ends when its connection does.

    Args:
        port: The server's.
        options: What to give it besides.
    """
    openssl = find("openssl")
    with tempfile.TemporaryDirectory(prefix="nimnet-s_client-") as name:
        argv = [openssl, "s_client", "-connect", f"127.0.0.1:{port}", *options]
        with started(argv, Path(name), typed=True) as program:
            yield Openssl(program)
