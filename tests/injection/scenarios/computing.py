"""What needs no socket at all: addresses, numbers, deadlines."""

from __future__ import annotations

import contextlib
import errno
import ipaddress

import nimnet

from injection.scenarios.reading import TEXT
from injection.scenarios.registry import scenario
from injection.stage import PATIENCE, Act, Stage


@scenario("raise_ssl_error(s)")
def an_error_of_tls(_stage: Stage) -> Act:
    def raised() -> None:
        with contextlib.suppress(nimnet.SslError):
            nimnet.raise_ssl_error("said")

    return Act(raised)


@scenario("is_disconnection_error(flags, last_error)")
def whether_the_peer_is_gone(_stage: Stage) -> Act:
    number = nimnet.OSErrorCode(errno.EPIPE)
    return Act(lambda: nimnet.is_disconnection_error(nimnet.SocketFlag.SAFE_DISCONN, number))


@scenario("to_os_flags(socket_flags)")
def flags_of_the_system(_stage: Stage) -> Act:
    return Act(lambda: nimnet.to_os_flags(nimnet.SocketFlag.PEEK))


@scenario("to_c_int(opt)")
def an_option_of_the_system(_stage: Stage) -> Act:
    return Act(lambda: nimnet.to_c_int(nimnet.OPT_REUSE_ADDR))


@scenario("IpAddress.to_sock_addr(port)")
def an_address_of_the_system(_stage: Stage) -> Act:
    return Act(lambda: nimnet.ipv4_loopback().to_sock_addr(nimnet.Port(80)))


@scenario("from_sock_addr(sa, sl)")
def an_address_from_the_system(_stage: Stage) -> Act:
    packed, size = nimnet.ipv6_loopback().to_sock_addr(nimnet.Port(80))
    return Act(lambda: nimnet.from_sock_addr(packed, size))


@scenario("IpAddress.__eq__(rhs)")
def whether_addresses_are_equal(_stage: Stage) -> Act:
    one, other = nimnet.ipv4_loopback(), nimnet.ipv4_any()
    return Act(lambda: one == other)


@scenario("IpAddress.__str__()")
def an_address_as_text(_stage: Stage) -> Act:
    return Act(nimnet.ipv6_loopback().__str__)


@scenario("IpAddress.to_ipaddress()")
def an_address_of_pythons(_stage: Stage) -> Act:
    return Act(nimnet.ipv6_loopback().to_ipaddress)


@scenario("from_ipaddress(address)")
def an_address_from_pythons(_stage: Stage) -> Act:
    address = ipaddress.ip_address("::1")
    return Act(lambda: nimnet.from_ipaddress(address))


@scenario("parse_ip_address(address_str)")
def an_address_from_text(_stage: Stage) -> Act:
    return Act(lambda: nimnet.parse_ip_address("2001:db8::1"))


@scenario("is_ip_address(address_str)")
def whether_a_text_is_one(_stage: Stage) -> Act:
    return Act(lambda: nimnet.is_ip_address("2001:db8::1"))


@scenario("ipv4_any()")
def any_of_ipv4(_stage: Stage) -> Act:
    return Act(nimnet.ipv4_any)


@scenario("ipv4_loopback()")
def loopback_of_ipv4(_stage: Stage) -> Act:
    return Act(nimnet.ipv4_loopback)


@scenario("ipv4_broadcast()")
def broadcast_of_ipv4(_stage: Stage) -> Act:
    return Act(nimnet.ipv4_broadcast)


@scenario("ipv6_any()")
def any_of_ipv6(_stage: Stage) -> Act:
    return Act(nimnet.ipv6_any)


@scenario("ipv6_loopback()")
def loopback_of_ipv6(_stage: Stage) -> Act:
    return Act(nimnet.ipv6_loopback)


def _found(stage: Stage) -> nimnet.Expected:
    """Returns what was expected and has come."""
    sock = stage.connected(TEXT)
    found = sock.expect([b"second"], PATIENCE)
    sock.close()
    assert found is not None
    return found


@scenario("Expected.index", "tcp")
def which_pattern(stage: Stage) -> Act:
    found = _found(stage)
    return Act(lambda: found.index)


@scenario("Expected.before", "tcp")
def what_came_before(stage: Stage) -> Act:
    found = _found(stage)
    return Act(lambda: found.before)


@scenario("Expected.matched", "tcp")
def what_was_matched(stage: Stage) -> Act:
    found = _found(stage)
    return Act(lambda: found.matched)


@scenario("Expected.match", "tcp")
def the_match(stage: Stage) -> Act:
    found = _found(stage)
    return Act(lambda: found.match)


@scenario("Expected.__repr__()", "tcp")
def how_it_looks(stage: Stage) -> Act:
    found = _found(stage)
    return Act(found.__repr__)


@scenario("Deadline(milliseconds)")
def a_deadline(_stage: Stage) -> Act:
    return Act(lambda: nimnet.Deadline(PATIENCE))


@scenario("Deadline.remaining")
def what_is_left(_stage: Stage) -> Act:
    deadline = nimnet.Deadline(PATIENCE)
    return Act(lambda: deadline.remaining)


@scenario("Deadline.passed")
def whether_it_has_passed(_stage: Stage) -> Act:
    deadline = nimnet.Deadline(PATIENCE)
    return Act(lambda: deadline.passed)


@scenario("Deadline.__repr__()")
def how_a_deadline_looks(_stage: Stage) -> Act:
    return Act(nimnet.Deadline(PATIENCE).__repr__)


@scenario("fail_after(milliseconds)")
def a_scope(_stage: Stage) -> Act:
    return Act(lambda: nimnet.fail_after(PATIENCE))


@scenario("DeadlineScope.__enter__()")
def enter_a_scope(_stage: Stage) -> Act:
    scope = nimnet.fail_after(PATIENCE)

    def left(_result: object) -> None:
        scope.__exit__(None, None, None)

    return Act(lambda: scope.__enter__(), made=left)


@scenario("DeadlineScope.__exit__()")
def leave_a_scope(_stage: Stage) -> Act:
    scope = nimnet.fail_after(PATIENCE)
    scope.__enter__()
    return Act(lambda: scope.__exit__(None, None, None))
