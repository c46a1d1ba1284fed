"""stunnel: TLS with pre-shared keys, put before programs that speak plain text."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.programs import Program, find, started, wait_until

CONFIGURATION = """
foreground = yes
debug = info
syslog = no
pid =
[tunnel]
client = {client}
accept = {accept}
connect = {connect}
ciphers = PSK
PSKsecrets = {secrets}
{options}
"""


@dataclass(frozen=True)
class Stunnel:
    """A stunnel that accepts connections at `path`."""

    program: Program
    path: Path

    def wait_for(self, text: str) -> None:
        """Wait until it has reported this."""
        wait_until(self.program, lambda: text in self.program.log.read_text(errors="replace"))


@contextlib.contextmanager
def stunnel(
    connect: str, keys: Mapping[str, bytes], *, client: bool, options: str = ""
) -> Iterator[Stunnel]:
    """Run a stunnel.

    Args:
        connect: Where it connects to: `host:port`.
        keys: By identity, of 16 bytes or more. A client uses the first.
        client: Whether it speaks TLS to where it connects, or to who connects.
        options: Further lines of its configuration.
    """
    # Debian's "stunnel" is a wrapper for the configurations of old versions.
    program_path = find("stunnel4")
    with tempfile.TemporaryDirectory(prefix="nimnet-stunnel-") as name:
        directory = Path(name)
        path, secrets = directory / "tunnel.sock", directory / "secrets"
        secrets.write_text("".join(f"{who}:{key.hex()}\n" for who, key in keys.items()))
        secrets.chmod(0o600)
        configuration = directory / "stunnel.conf"
        configuration.write_text(
            CONFIGURATION.format(
                client="yes" if client else "no",
                accept=path,
                connect=connect,
                secrets=secrets,
                options=options,
            )
        )
        with started([program_path, str(configuration)], directory) as program:
            there = Stunnel(program, path)
            there.wait_for("Accepting new connections")  # to try would be a connection further on
            yield there
