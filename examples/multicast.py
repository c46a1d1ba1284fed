"""Receives and sends datagrams of a multicast group, on the machine's loopback interface.

python examples/multicast.py listen 239.1.2.3 5007
python examples/multicast.py send 239.1.2.3 5007 "hello, all"
"""

from __future__ import annotations

import ipaddress
import sys

import nimnet
from nimnet import (
    AF_INET,
    IP_ADD_MEMBERSHIP,
    IP_MULTICAST_IF,
    IP_MULTICAST_LOOP,
    IP_MULTICAST_TTL,
    IPPROTO_IP,
    IPPROTO_UDP,
    OPT_REUSE_ADDR,
    SOCK_DGRAM,
    Port,
    Socket,
)

LOOPBACK = ipaddress.IPv4Address("127.0.0.1").packed


def receiver(group: str, port: Port) -> Socket:
    """Returns a socket that gets what is sent to a group; several may share the port."""
    socket = nimnet.new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
    socket.set_sock_opt(OPT_REUSE_ADDR, True)
    socket.bind_addr(port, group)
    membership = ipaddress.IPv4Address(group).packed + LOOPBACK  # struct ip_mreq, see ip(7)
    socket.set_sock_opt_bytes(int(IPPROTO_IP), IP_ADD_MEMBERSHIP, membership)
    return socket


def sender() -> Socket:
    """Returns a socket whose datagrams to groups stay on this machine."""
    socket = nimnet.new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
    socket.set_sock_opt_bytes(int(IPPROTO_IP), IP_MULTICAST_IF, LOOPBACK)
    socket.set_sock_opt_int(int(IPPROTO_IP), IP_MULTICAST_TTL, 0)
    socket.set_sock_opt_int(int(IPPROTO_IP), IP_MULTICAST_LOOP, 1)
    return socket


def main() -> None:
    """Prints one datagram, or sends one."""
    what, group, port, *text = sys.argv[1:]
    try:
        if what == "listen":
            with receiver(group, Port(int(port))) as socket:
                print("listening", flush=True)
                data, address, _ = socket.recv_from(2_048, timeout=30_000)
                print(f"{address}: {data.decode()}")
        else:
            with sender() as socket:
                socket.send_to(group, Port(int(port)), " ".join(text).encode())
    except OSError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
