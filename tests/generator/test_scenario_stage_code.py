"""The Python around a scenario's steps: its stage, its peer, the resolver, its matrix."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.generated_scenarios import LAST, code, view


def test_names_of_the_stage_and_signals(tmp_path: Path) -> None:
    ready = (
        "given: server\n        transports: [tcp]\n        because: b\n"
        "        peer: [{connect: plain}, {wait_for: go}, {silent: true}]"
    )
    body = code(
        tmp_path,
        "{call: find, with: {text: {the: host}}}",
        "{call: lend, with: {memory: 1, port: {the: own_port}}}",
        "{signal: go}",
        ready=ready,
    )
    assert body == [
        "with stage(",
        '    "server",',
        "    transport,",
        "    buffered=buffered,",
        '    script=[Connect(plain=True), WaitFor("go"), Silent()],',
        ") as (_, peer):",
        "    demo.find(text=peer.host)",
        "    demo.lend(memory=memoryview(bytearray(1)), port=peer.own_port)",
        '    peer.signal("go")',
    ]


def test_a_place_without_a_peer(tmp_path: Path) -> None:
    body = code(tmp_path, "{call: find, with: {text: {the: ca_file}}}")
    assert body == ['with stage("nothing") as (_, peer):', "    demo.find(text=peer.ca_file)"]


def test_a_callback_can_want_what_the_stage_has(tmp_path: Path) -> None:
    body = code(
        tmp_path,
        "{call: ask, with: {answer: {gives: [me, k], takes: {the: psk_hint}}}}",
    )
    assert body == [
        'with stage("nothing") as (_, peer):',
        '    demo.ask(answer=answering(("me", b"k"), takes=peer.psk_hint))',
    ]


def test_answers_of_the_resolver(tmp_path: Path) -> None:
    body = code(
        tmp_path,
        "{call: find, with: {text: a.example}}",
        "{call: find, with: {text: no.example}}",
        ready="names: {a.example: ['127.0.0.2', '::1'], no.example: []}",
    )
    assert body == [
        'with stage("nothing", names={"a.example": known("127.0.0.2", "::1"),'
        ' "no.example": known()}):',
        '    demo.find(text="a.example")',
        '    demo.find(text="no.example")',
    ]
    body = code(
        tmp_path,
        "{call: find, with: {text: a.example}}",
        ready="given: client\n        transports: [tcp]\n        because: b\n"
        "        names: {a.example: {addresses: ['127.0.0.2'], full: '127.0.0.2', after: 9}}",
    )
    assert '    names={"a.example": known("127.0.0.2", full=("127.0.0.2",), after=9)},' in body


def test_the_matrix_is_in_the_decorator(tmp_path: Path) -> None:
    restricted = (
        "given: accepted\n        transports: [tcp]\n        buffered: true\n        because: b"
    )
    test = view(
        tmp_path,
        "{do: write, with: {data: a}}",
        "{do: obtain, with: {size: 1}}",
        ready=restricted,
    )
    assert test.decorator == (
        '@scenario("extra.it", "a name", transports=("tcp",), buffered=(True,),'
        " write=WRITE, obtain=OBTAIN)"
    )
    assert test.definition.endswith(
        "(\n    transport: str,\n    buffered: bool,\n"
        "    write: WriteCall,\n    obtain: ObtainCall,\n) -> None:"
    )
    assert view(tmp_path, "{call: where}").decorator == '@scenario("extra.it", "a name")'


@pytest.mark.parametrize(
    ("action", "construction"),
    [
        ("{send: {repeat: ab, times: 2}}", 'Send(b"ab" * 2)'),
        ('{byte_by_byte: "0", every: 5}', 'ByteByByte(b"0", every=5)'),
        ("{expect: a}", 'Expect(b"a")'),
        ("{expect_end: true}", "ExpectEnd()"),
        ('{garbage: {hex: "ff"}}', r'Garbage(b"\xff")'),
        ("{half_close: true}", "HalfClose()"),
        ("{drop: true}", "Drop()"),
        ("{reset: true}", "Reset()"),
        ("{close: true}", "Close()"),
    ],
)
def test_actions_of_a_peer(tmp_path: Path, action: str, construction: str) -> None:
    ready = f"transports: [tls12]\n        because: b\n        peer: [{action}]"
    assert f"script=[{construction}]" in "".join(code(tmp_path, LAST, ready=ready))


@pytest.mark.parametrize(
    ("given", "action", "construction"),
    [
        ("client", "{accept: tls}", "Accept()"),
        ("client", "{accept: plain}", "Accept(plain=True)"),
        ("server", "{connect: tls}", "Connect()"),
        ("unsecured", "{secure: client}", 'Secure("client")'),
    ],
)
def test_connections_of_a_peer(tmp_path: Path, given: str, action: str, construction: str) -> None:
    stage, _ = code(tmp_path, LAST, ready=f"given: {given}\n        peer: [{action}]")
    assert f"script=[{construction}]" in stage
