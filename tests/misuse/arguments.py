"""What is right for each parameter, while another one is wrong."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final

import nimnet
import nimnet.tls
from harness.credentials import files
from nimnet.tls import SslHandshakeType

from misuse.states import Scene
from misuse.surface import Parameter, Target

_SOON: Final = 200
"""Milliseconds: what a call may wait for that waits for nothing."""
LEFT_OUT: Final = object()
"""An argument that is not given."""

_BY_NAME: Final[dict[str, Callable[[Scene], object]]] = {
    "address": lambda _: "127.0.0.1",
    "address_str": lambda _: "127.0.0.1",
    "port": lambda scene: nimnet.Port(scene.port or 9),
    "path": lambda scene: scene.path,
    "size": lambda _: 4,
    "length": lambda _: 100,
    "sl": lambda _: 16,
    "timeout": lambda _: _SOON,
    "backlog": lambda _: 5,
    "delimiter": lambda _: b"\n",
    "patterns": lambda _: [b"line"],
    "level": lambda _: nimnet.SOL_SOCKET,
    "name": lambda _: socket.SO_KEEPALIVE,
    "label": lambda _: "EXPORTER-misuse",
    "milliseconds": lambda _: _SOON,
    "index": lambda _: nimnet.get_ssl_context_extra_data_index(),
    "handshake": lambda _: SslHandshakeType.HANDSHAKE_AS_CLIENT,
    "socket": lambda scene: scene.sock,
    "sock": lambda scene: scene.stage.keep(socket.socket()),
    "sock_type": lambda _: nimnet.SOCK_STREAM,
    "domain": lambda _: nimnet.AF_INET,
    "protocol": lambda _: nimnet.IPPROTO_TCP,
    "fun": lambda _: None,
}
_BY_TYPE: Final[dict[str, Callable[[Scene], object]]] = {
    "int": lambda _: 1,
    "bool": lambda _: False,
    "str": lambda _: "text",
    "bytes": lambda _: b"bytes",
    "bytes | bytearray | memoryview": lambda _: (1).to_bytes(4, "little"),
    "bytearray": lambda _: bytearray(),
    "memoryview": lambda _: memoryview(bytearray(8)),
    "IpAddress": lambda _: nimnet.ipv4_loopback(),
    "SocketFlag": lambda _: nimnet.SocketFlag(0),
    "OSErrorCode": lambda _: nimnet.OSErrorCode(104),
    "SocketHandle": lambda _: nimnet.SocketHandle(-1),
    "SOBool": lambda _: nimnet.SOBool.OPT_KEEP_ALIVE,
    "object": lambda _: "extra",
    "IpAddressFamily": lambda _: nimnet.IpAddressFamily.IPV4,
    "ipaddress.IPv4Address | ipaddress.IPv6Address": lambda _: nimnet.ipv4_any().to_ipaddress(),
}


def right(target: Target, parameter: Parameter, scene: Scene) -> object:
    """Returns a right argument; `LEFT_OUT` where there is no need of one."""
    if parameter.name == "address" and parameter.annotation == "IpAddress":
        return nimnet.ipv4_loopback()
    if parameter.name.startswith("address_v"):
        return bytes(4) if parameter.name == "address_v4" else LEFT_OUT
    if parameter.name == "sa":
        return nimnet.ipv4_loopback().to_sock_addr(nimnet.Port(9))[0]
    numbers = parameter.annotation == "int" and target.name == "new_socket"
    if parameter.name in ("domain", "sock_type", "protocol") and numbers:
        return {"domain": 2, "sock_type": 1, "protocol": 0}[parameter.name]
    if parameter.name == "timeout":
        return _SOON
    if target.name == "new_context":
        return _MEANT.get(parameter.name, LEFT_OUT)
    if parameter.optional and parameter.name not in ("address", "port"):
        return LEFT_OUT
    if parameter.name in _BY_NAME:
        return _BY_NAME[parameter.name](scene)
    return _BY_TYPE[parameter.annotation](scene)


_MEANT: Final[dict[str, object]] = {"ca_file": files().ca_file}
