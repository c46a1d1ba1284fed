"""The kernel's failures come to what the seam's come to: a sample, for which strace must trace."""

from __future__ import annotations

import dataclasses

import pytest
from harness.programs import missing
from injection import failures
from injection.contracts import contracts

from systemcalls import correspondence
from systemcalls.campaign import chosen, run
from systemcalls.comparison import Child, compare
from systemcalls.tracer import Obstacle, obstacle

SAMPLE = (
    "new_socket(domain, sock_type, protocol, buffered, inheritable, safe_disconn) | an inheritable",
    "new_socket(fd, domain, sock_type, protocol, buffered, safe_disconn) | of a descriptor | tcp",
    "Socket.bind_addr(port, address) | to a name",
    "Socket.listen(backlog) | listen | tcp",
    "Socket.accept_addr(flags, timeout) | with the address | tcp",
    "Socket.connect(address, port) | to an address without end | tls12",
    "Socket.get_sock_opt(opt, level) | as it is | tcp",
    "Socket.set_sock_opt(opt, value, level) | as it is | tcp",
    "Socket.__repr__() | as it is | tcp",
    "Socket.send(data, flags, timeout) | in time | tcp",
    "Socket.recv(size, timeout, flags) | to the end | tcp",
    "Socket.recv_from(length, flags, timeout) | a message",
    "Socket.send_to(address, port, data, timeout) | to an address",
    "Socket.send_eof(timeout) | the end | tcp",
    "Socket.close(flags) | close | tcp",
    "| for servers",
)
NOT_THE_KERNELS = {"getaddrinfo", "allocate_lock"}
"""Operations without a system call of their own: of the C library, and of the interpreter."""


@pytest.fixture(scope="module", autouse=True)
def strace() -> None:
    match obstacle():
        case Obstacle(forbidden=True, reason=reason):
            pytest.skip(f"NO SYSTEM CALL WAS MADE TO FAIL: {reason}")
        case Obstacle():
            missing("the program strace")


@pytest.mark.timeout(300)
def test_both_ways_agree() -> None:
    compared = list(run(2, 1, SAMPLE))
    assert {part for part in SAMPLE if any(part in one.cell for one in compared)} == set(SAMPLE)
    findings = [f"{one.cell}: {found}" for one in compared for found in one.findings]
    assert not findings, "\n".join(findings)
    idle = [one.cell for one in compared if not one.compared and "new_context" not in one.cell]
    assert not idle


def test_a_disagreement_is_noticed() -> None:
    table = dataclasses.replace(correspondence.load(), differences=())
    [cell] = chosen(["Socket.recv(size, timeout, flags) | in time | tcp"])
    contract = contracts()[cell.scenario.callable]
    with Child() as child:
        compared = compare(cell.name, contract, {"recv": ("EINTR",)}, table, child, 1)
    assert compared.compared == 1
    [found] = compared.findings
    assert "the seam's to InterruptedError, errno 4" in found


def test_every_operation_has_its_system_calls() -> None:
    assert set(correspondence.load().operations) == set(failures.load().system) - NOT_THE_KERNELS
