"""The Python of operations: a protocol, a function for each form, and what failures raise."""

from __future__ import annotations

from pathlib import Path

from harness.generated_scenarios import EVERY_OPERATION, OPERATIONS, spec_with
from nimnet_gen.plan import resolve
from nimnet_gen.plan.tests.operations import operations_view


def test_operations(tmp_path: Path) -> None:
    spec = spec_with(tmp_path, OPERATIONS + "statements:\n" + EVERY_OPERATION)
    shown = operations_view(resolve(spec))
    assert shown.failure is not None
    assert "socket.last_failure()" in shown.failure.body
    obtain, write, take = shown.operations
    assert obtain.call == "    def __call__(self, socket: demo.Socket, *, size: int) -> bytes: ..."
    assert [form.definition for form in obtain.forms] == [
        "def obtain_recv(socket: demo.Socket, *, size: int) -> bytes:",
        "def obtain_fill(socket: demo.Socket, *, size: int) -> bytes:",
        "def obtain_put(socket: demo.Socket, *, size: int) -> bytes:",
    ]
    assert [form.body.split("\n    ") for form in obtain.forms] == [
        ["    return socket.recv(size=size)"],
        [
            "    data = bytearray()",
            "count = socket.fill(data=data)",
            "if count == -1:",
            "    raise _failure(socket)",
            "return bytes(data)",
        ],
        [
            "    data = bytearray(size)",
            "count = socket.put(data=memoryview(data), size=size)",
            "if count == -1:",
            "    raise _failure(socket)",
            "return bytes(data[:count])",
        ],
    ]
    assert [form.body.split("\n    ") for form in write.forms] == [
        [
            "    if socket.put(data=memoryview(bytearray(data)), size=len(data)) == -1:",
            "    raise _failure(socket)",
        ],
        ["    socket &= data"],
    ]
    assert write.constant.splitlines()[2] == '    Form("&=", write_iand, transports=("tcp",)),'
    assert [form.body.split("\n    ") for form in take.forms] == [
        ["    return socket.accept()"],
        ["    client, _ = socket.accept_addr()", "return client"],
    ]
