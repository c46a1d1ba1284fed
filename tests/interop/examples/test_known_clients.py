"""`examples/known_clients.py`: a server that knows its clients by their certificates."""

from __future__ import annotations

from pathlib import Path

from harness.authority import Authority, Identity
from harness.examples import server
from harness.openssl import certified, s_client
from harness.programs import wait_until


def test_a_server_logs_its_clients_names(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    alice = authority.issue(common_name="Alice")
    arguments = ("--cert", identity.cert_file, "--key", identity.key_file)
    with server(tmp_path, "known_clients.py", 0, *arguments, "--ca-file", authority.ca_file) as (
        program,
        port,
    ):
        trust = ("-CAfile", authority.ca_file)
        with s_client(port, "-quiet", *trust, *certified(alice)) as client:
            client.type(b"hello\n")
            client.wait_for(b"Alice said hello\n")
        with s_client(port, "-quiet", *trust):
            wait_until(
                program, lambda: "refused" in program.output() or "failed" in program.output()
            )
    assert "admitted Alice" in program.output()
