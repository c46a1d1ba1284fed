"""The Python of a scenario's steps: every kind of call and value, and lines that are too long."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness.generated_scenarios import LAST, code, spec_with
from nimnet_gen.plan import resolve
from nimnet_gen.plan.tests.scenarios import scenarios_view

READY = 'given: connection\n        peer: [{send: "01"}]'


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            "{call: pick, with: {domain: AF_UNIX}, returns: AF_INET}",
            "assert demo.pick(domain=demo.Domain.AF_UNIX) == demo.Domain.AF_INET",
        ),
        (
            "{call: mix, with: {flags: [Peek, SafeDisconn]}, returns: []}",
            "assert demo.mix(flags=demo.Bits.PEEK | demo.Bits.SAFE_DISCONN) == demo.Bits(0)",
        ),
        (
            "{call: lend, with: {memory: 4, port: 80}}",
            "demo.lend(memory=memoryview(bytearray(4)), port=demo.Port(80))",
        ),
        ("{call: where, returns: ['::1', 80]}", 'assert demo.where() == ("::1", demo.Port(80))'),
        (
            "{call: where, returns: [{any: true}, 80]}",
            "assert demo.where() == (ANY, demo.Port(80))",
        ),
        ("{call: where, returns: {any: true}}", "demo.where()"),
        ("{call: find, with: {text: a}, returns: 1}", 'assert demo.find(text="a") == 1'),
        ("{call: find/2, with: {text: a}, returns: 1}", 'assert demo.find(text="a") == 1'),
        (
            "{call: find/1, with: {size: {the: MaxLength}}, returns: {the: MaxLength}}",
            "assert demo.find(size=demo.MAX_LENGTH) == demo.MAX_LENGTH",
        ),
        (
            "{call: find/1, with: {size: {system: SO_REUSEADDR}}, returns: {system: EPIPE}}",
            "assert demo.find(size=SO_REUSEADDR) == errno.EPIPE",
        ),
        ("{call: find, with: {text: é}}", r'demo.find(text="\xe9")'),
        ("{value: {the: MaxLength}, returns: 1000}", "assert demo.MAX_LENGTH == 1000"),
        (
            "{value: {the: AF_INET}, returns: {system: AF_INET}}",
            "assert demo.Domain.AF_INET.value == AF_INET",
        ),
        (
            '{call: echo, with: {data: \'say "a"\'}, returns: {repeat: "\'", times: 3}}',
            'assert demo.echo(data=b\'say "a"\') == b"\'" * 3',
        ),
        (
            '{call: echo, with: {data: {hex: "00ff"}}, returns: {hex: "00010203040506070809"}}',
            r'assert demo.echo(data=b"\x00\xff") == bytes.fromhex("00010203040506070809")',
        ),
        (
            "{call: ask, with: {answer: {gives: [me, key], takes: hint}}}",
            'demo.ask(answer=answering(("me", b"key"), takes="hint"))',
        ),
        (
            "{call: whereFrom, with: {address: 'fe80::1%eth0'}, returns: 192.0.2.1}",
            'result = demo.where_from(address=ipaddress.IPv6Address("fe80::1%eth0"))\n'
            'assert result == ipaddress.IPv4Address("192.0.2.1")',
        ),
        (
            "{call: Port, with: {value: 80}, returns: 80}",
            "assert demo.Port(value=80) == demo.Port(80)",
        ),
        (
            "{call: Port, with: {value: 65536}, raises: ValueError}",
            "with raising(ValueError):\n    demo.Port(value=65536)",
        ),
        (
            "{call: ask, with: {answer: {fails: no key}}}",
            'demo.ask(answer=failing("no key"))',
        ),
        (
            "{call: find/1, with: {size: 1}, returns: 1, within: [0, 50]}",
            "with lasting((0, 50)):\n    assert demo.find(size=1) == 1",
        ),
        (
            "{call: echo, with: {data: a}, raises: OSError, lacks: [a, b c], cause: ValueError}",
            'with raising(OSError, lacks=("a", "b c"), cause=ValueError):\n'
            '    demo.echo(data=b"a")',
        ),
        (
            "{call: echo, with: {data: a}, raises: OSError, lacks: [a], cause: SslError}",
            'with raising(OSError, lacks=("a",), cause=demo.SslError):\n    demo.echo(data=b"a")',
        ),
        (
            "{call: echo, with: {data: a}, raises: OSError, errno: EPIPE, message: broken,"
            " is_a: [OSError], is_not: [TimeoutError, builtins.TimeoutError], within: [0, 9]}",
            "with raising(\n"
            "    OSError,\n"
            "    errno=errno.EPIPE,\n"
            '    message="broken",\n'
            "    is_a=(OSError,),\n"
            "    is_not=(demo.TimeoutError, builtins.TimeoutError),\n"
            "    within=(0, 9),\n"
            "):\n"
            '    demo.echo(data=b"a")',
        ),
    ],
)
def test_calls_and_values(tmp_path: Path, step: str, line: str) -> None:
    assert code(tmp_path, step) == line.splitlines()


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        (["{call: recv, with: {size: 1}, as: got}"], ["socket.recv(size=1)"]),
        (
            [
                "{call: recv, with: {size: 1}, as: got, returns: x}",
                "{value: {the: got}, returns: x}",
            ],
            ["got = socket.recv(size=1)", 'assert got == b"x"', 'assert got == b"x"'],
        ),
        (["{on: socket, then: {closed: false}}"], ["assert socket.closed is False"]),
        (
            ["{on: socket, then: {closed: false}}", "{on: socket, then: {closed: true}}"],
            [
                "closed = socket.closed",
                "assert closed is False",
                "closed = socket.closed",
                "assert closed is True",
            ],
        ),
        (
            ["{call: title=, with: {text: a}}", "{call: title, returns: a}"],
            ['socket.title = "a"', 'assert socket.title == "a"'],
        ),
        (
            ['{call: title=, with: {text: ""}, raises: ValueError}'],
            ["with raising(ValueError):", '    socket.title = ""'],
        ),
        (['{call: "&=", with: {data: a}}'], ['socket &= b"a"']),
        (
            ["{call: __enter__}", "{call: __exit__}"],
            ["socket.__enter__()", "socket.__exit__(None, None, None)"],
        ),
        (
            ["{call: fill, with: {data: old}, returns: 1, leaves: {data: n}}"],
            [
                'data = bytearray(b"old")',
                "assert socket.fill(data=data) == 1",
                'assert data == b"n"',
            ],
        ),
        (
            ["{call: put, with: {data: 2, size: 2}, returns: 2, leaves: {data: ab}}"],
            [
                "data = bytearray(2)",
                "assert socket.put(data=memoryview(data), size=2) == 2",
                'assert data == b"ab"',
            ],
        ),
        (
            ["{starts: reader, call: recv, with: {size: 1}}", "{ends: reader, returns: x}"],
            ["reader = started(lambda: socket.recv(size=1))", 'assert reader.result() == b"x"'],
        ),
        (
            ["{starts: reader, call: recv, with: {size: 1}}", "{ends: reader, raises: OSError}"],
            [
                "reader = started(lambda: socket.recv(size=1))",
                "with raising(OSError):",
                "    reader.result()",
            ],
        ),
        (
            ["{call: accept, as: client}", "{call: fill, on: client, with: {data: a}}"],
            ["with socket.accept() as client:", '    client.fill(data=bytearray(b"a"))'],
        ),
        (
            ["{call: accept, as: client, within: [0, 9]}", "{on: client, then: {closed: false}}"],
            [
                "with lasting((0, 9)):",
                "    client = socket.accept()",
                "with client:",
                "    assert client.closed is False",
            ],
        ),
        (
            ["{do: take, as: client}", "{do: write, on: client, with: {data: a}}"],
            ["with take(socket) as client:", '    write(client, data=b"a")'],
        ),
        (
            ["{call: acceptAddr, as: [_, from_]}", "{call: find, with: {text: {the: from_}}}"],
            ["opened, from_ = socket.accept_addr()", "with opened:", "    demo.find(text=from_)"],
        ),
        (
            [
                "{call: parseAddress, with: {written: a}, as: one}",
                "{call: ==, on: one, with: {other: {the: one}}, returns: false}",
                "{call: $, on: one, returns: a}",
            ],
            [
                'one = demo.parse_address(written="a")',
                "assert one != one",
                'assert str(one) == "a"',
            ],
        ),
        (["{do: obtain, with: {size: 1}, returns: a}"], ['assert obtain(socket, size=1) == b"a"']),
    ],
)
def test_steps_on_a_stage(tmp_path: Path, steps: list[str], lines: list[str]) -> None:
    stage, first, *body = code(tmp_path, LAST, *steps, LAST, ready=READY)
    assert stage.startswith(
        'with stage("connection", transport, buffered=buffered, script=[Send(b"01")]) as ('
    )
    assert first.strip() == body[-1].strip() == "socket.last_failure()"
    assert body[:-1] == [f"    {line}" for line in lines]


def test_what_would_be_nested_alone_is_joined(tmp_path: Path) -> None:
    body = code(tmp_path, "{call: accept, as: client}", LAST, ready="given: server")
    assert body == [
        'with stage("server", transport, buffered=buffered) as (server, _), server.accept():',
        "    server.last_failure()",
    ]
    ready = "given: server\n        peer: [{connect: tls}]"
    body = code(tmp_path, "{call: accept, as: client}", LAST, ready=ready)
    assert len(body.pop(1)) <= 96
    assert body == ["with (", "    server.accept(),", "):", "    server.last_failure()"]


def test_what_is_opened_last_is_closed_at_once(tmp_path: Path) -> None:
    body = code(tmp_path, "{call: accept, as: client}", ready=READY)
    assert body[1:] == ["    socket.accept().close()"]


def test_a_key_is_data_beside_text(tmp_path: Path) -> None:
    body = code(
        tmp_path,
        "{call: keyOf, as: [identity, key]}",
        "{value: {the: identity}, returns: me}",
        "{value: {the: key}, returns: secret}",
    )
    assert body == [
        "identity, key = demo.key_of()",
        'assert identity == "me"',
        'assert key == b"secret"',
    ]


def test_what_is_too_long_for_a_line(tmp_path: Path) -> None:
    long = "x" * 60
    step = f"{{call: echo, with: {{data: {long}}}, returns: {long}}}"
    lines = code(tmp_path, step)
    assert "".join(lines[:-1]).replace(",)", ")").replace("    ", "") == (
        f'result = demo.echo(data=b"{long}")'
    )
    assert lines[-1] == f'assert result == b"{long}"'


def test_results_of_two_types_have_two_names(tmp_path: Path) -> None:
    long = "x" * 60
    lines = code(
        tmp_path,
        f"{{call: echo, with: {{data: {long}}}, returns: {long}}}",
        f"{{call: find, with: {{text: {long * 2}}}, returns: 1}}",
    )
    assert lines[-1] == "assert result_2 == 1"


def test_a_long_name_is_cut_at_a_word(tmp_path: Path) -> None:
    spec = spec_with(
        tmp_path,
        "statements:\n  - id: extra.it\n    says: It.\n    scenarios:\n"
        f"      - {{name: {'long ' * 30}one, steps: [{{call: where}}]}}\n"
        f"      - {{name: {'long ' * 30}other, steps: [{{call: where}}]}}\n",
    )
    api = resolve(spec)
    (module,) = [module for module in api.modules if module.name == "extra"]
    first, second = (test.definition for test in scenarios_view(api, module).scenarios)
    assert first.endswith("_long() -> None:")
    assert len(first) <= 100
    assert second == first.replace("()", "_2()")
