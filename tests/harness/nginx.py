"""An nginx of the test's own: serves a folder on IPv4, IPv6, a Unix socket and TLS, takes uploads.

nginx cannot choose a port, but it takes over listening sockets that are named in the variable NGINX
(that is how it upgrades itself without a gap). So the test binds port 0 and hands the socket over.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.authority import Identity
from harness.places import has_ipv6
from harness.programs import Program, accepts_tcp, accepts_unix, find, started, wait_until

CONFIGURATION = """
daemon off;
worker_processes 1;
{user}
pid {directory}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 64; }}
http {{
    access_log off;
    log_not_found off;
    default_type application/octet-stream;
    keepalive_requests 100000;
    client_max_body_size 0;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
{listens}
        {certificate}
        root {directory}/files;
        location /zipped/ {{
            alias {directory}/files/;
            gzip on;
            gzip_min_length 0;
            gzip_types application/octet-stream;
        }}
        location /uploads/ {{
            alias {directory}/uploads/;
            dav_methods PUT;
        }}
    }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """An nginx that accepts connections; `port6` is None where there is no IPv6.

    `tls_port` speaks TLS.

    What is in `files` it serves; what is put to `/uploads/NAME` it stores in `uploads`.
    """

    program: Program
    port: int
    tls_port: int
    port6: int | None
    path: Path
    files: Path
    uploads: Path


def listening(family: socket.AddressFamily, host: str) -> socket.socket:
    """Return a socket that listens on a port of the system's choice."""
    sock = socket.socket(family)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, 0))
        sock.listen()
    except OSError:
        sock.close()
        raise
    return sock


@contextlib.contextmanager
def nginx_server(identity: Identity) -> Iterator[Nginx]:
    """Run an nginx that shows this certificate."""
    nginx = find("nginx")
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nimnet-nginx-")))
        files, uploads = directory / "files", directory / "uploads"
        files.mkdir()
        uploads.mkdir()
        path = directory / "nginx.sock"
        sockets = [
            stack.enter_context(listening(socket.AF_INET, "127.0.0.1")) for _ in ("plain", "TLS")
        ]
        if has_ipv6():
            sockets.append(stack.enter_context(listening(socket.AF_INET6, "::1")))
        ports = [int(sock.getsockname()[1]) for sock in sockets]
        places = ["127.0.0.1:{};", "127.0.0.1:{} ssl;", "[::1]:{};"]
        listens = [
            f"listen {place.format(port)}" for place, port in zip(places, ports, strict=False)
        ]
        listens.append(f"listen unix:{path};")
        configuration = directory / "nginx.conf"
        # The workers of root would become another user, who may not read here.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(
            CONFIGURATION.format(
                directory=directory,
                listens="\n".join(listens),
                certificate=f"ssl_certificate {identity.cert_file};"
                f" ssl_certificate_key {identity.key_file};"
                " ssl_protocols TLSv1.2 TLSv1.3;",
                user=user,
            )
        )
        descriptors = [sock.fileno() for sock in sockets]
        program = stack.enter_context(
            started(
                [nginx, "-p", str(directory), "-c", str(configuration), "-e", "stderr"],
                directory,
                environment={"NGINX": "".join(f"{fd};" for fd in descriptors)},
                descriptors=descriptors,
            )
        )
        for sock in sockets:
            sock.close()
        port6 = ports[2] if len(ports) > 2 else None
        wait_until(program, lambda: accepts_unix(path) and accepts_tcp(ports[0]))
        yield Nginx(program, ports[0], ports[1], port6, path, files, uploads)
