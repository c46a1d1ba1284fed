"""The Python that scenarios become: every kind of step and value, and lines that are too long."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nimnet_generator.checks import check
from nimnet_generator.load import load_spec
from nimnet_generator.model import Spec
from nimnet_generator.plan import resolve
from nimnet_generator.plan.acts.operations import operations_view
from nimnet_generator.plan.acts.scenarios import ScenarioView, scenarios_view
from nimnet_generator.plan.docs import summary_and_rest

BASE = Path(__file__).parent / "base"

SOCKETS = """\
  - name: title
    kind: property
    extension: true
    params: [{name: socket, type: Socket}]
    returns: {type: string, as: text}
    raises: []
    doc: T.
  - name: title=
    params: [{name: socket, type: Socket}, {name: text, type: string, as: text}]
    raises: [ValueError]
    errors: {ValueError: it is empty}
    doc: T.
  - name: accept
    params: [{name: server, type: Socket}]
    returns: Socket
    raises: []
    doc: A.
  - name: acceptAddr
    params:
      - {name: server, type: Socket}
      - {name: client, type: Socket, mode: out}
      - {name: address, type: string, as: text, mode: out}
    raises: []
    doc: A.
  - name: fill
    params:
      - {name: socket, type: Socket}
      - {name: data, type: string, as: data, mode: inout}
    returns: int
    raises: []
    doc: F.
  - name: put
    params: [{name: socket, type: Socket}, {name: data, type: pointer}, {name: size, type: int}]
    returns: int
    raises: []
    doc: P.
  - name: "&="
    params: [{name: socket, type: Socket}, {name: data, type: string, as: data}]
    raises: []
    doc: P.
  - name: getSocketError
    params: [{name: socket, type: Socket}]
    returns: int
    raises: []
    doc: G.
  - name: __enter__
    extension: true
    params: [{name: socket, type: Socket}]
    raises: []
    doc: E.
  - name: __exit__
    extension: true
    params: [{name: socket, type: Socket}]
    raises: []
    doc: E.
  - name: ==
    raises: []
    doc: E.
    returns: bool
    params: [{name: one, type: Address}, {name: other, type: Address}]
  - name: $
    raises: []
    doc: S.
    returns: {type: string, as: text}
    params: [{name: address, type: Address}]
"""
EXTRA = """\
name: extra
doc: A test.
types:
  - name: Answer
    kind: proc
    params: [{name: hint, type: string, as: text}]
    returns: {type: "tuple[identity: string, psk: string]", as: text}
    doc: A.
procs:
  - {name: pick, raises: [], doc: P., returns: Domain, params: [{name: domain, type: Domain}]}
  - name: mix
    raises: []
    doc: M.
    returns: "set[Flag]"
    params: [{name: flags, type: "set[Flag]"}]
  - name: lend
    raises: []
    doc: L.
    params: [{name: memory, type: pointer}, {name: port, type: Port}]
  - {name: where, raises: [], doc: W., returns: {type: "(string, Port)", as: text}}
  - name: keyOf
    raises: []
    doc: K.
    returns: {type: "tuple[identity: string, psk: string]", as: text}
  - name: whereFrom
    raises: []
    doc: W.
    returns: py:ipaddress.IPv4Address | py:ipaddress.IPv6Address
    params: [{name: address, type: "py:ipaddress.IPv4Address | py:ipaddress.IPv6Address"}]
  - {name: find, raises: [], doc: F., returns: int, params: [{name: size, type: int}]}
  - name: find
    raises: []
    doc: F.
    returns: int
    params: [{name: text, type: string, as: text}]
  - name: echo
    raises: [OSError]
    errors: {OSError: it cannot}
    doc: E.
    returns: {type: string, as: data}
    params: [{name: data, type: string, as: data}]
  - {name: ask, raises: [], doc: A., params: [{name: answer, type: Answer}]}
  - name: parseAddress
    raises: []
    doc: P.
    returns: Address
    params: [{name: written, type: string, as: text}]
"""
OPERATIONS = """\
operations:
  - name: obtain
    doc: Reads.
    takes: {size: int}
    gives: data
    forms:
      - {call: recv, with: {size: {the: size}}}
      - {call: fill, with: {data: ""}, gives: data, fails: -1}
      - {call: put, with: {data: {the: size}, size: {the: size}}, gives: data, fails: -1}
  - name: write
    doc: Writes.
    takes: {data: data}
    forms:
      - {call: put, with: {data: {the: data}, size: {count: data}}, fails: -1}
      - {call: "&=", with: {data: {the: data}}, transports: [tcp]}
  - name: take
    doc: Accepts.
    gives: object
    forms:
      - {call: accept}
      - {call: acceptAddr, gives: client}
"""
EVERY_OPERATION = """\
  - id: extra.operations
    says: They are done.
    scenarios:
      - given: server
        peer: [{connect: plain}]
        steps:
          - {do: take, as: client}
          - {do: write, on: client, with: {data: a}}
          - {do: obtain, on: client, with: {size: 1}, returns: a}
"""


def spec_with(folder: Path, extra: str) -> Spec:
    """The base specification with more calls, and with these statements; the checks pass it."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    sockets = folder / "sockets.yaml"
    sockets.write_text(sockets.read_text(encoding="utf-8") + SOCKETS, encoding="utf-8")
    (folder / "extra.yaml").write_text(EXTRA + extra, encoding="utf-8")
    spec, found = load_spec(folder)
    assert spec is not None, found.render()
    found = check(spec, None)
    assert not len(found), found.render()
    return spec


def view(folder: Path, *steps: str, ready: str = "") -> ScenarioView:
    """The test of one scenario; `ready` are its other keys."""
    lines = "".join(f"          - {step}\n" for step in steps)
    head = f"        {ready}\n" if ready else ""
    spec = spec_with(
        folder,
        OPERATIONS
        + "statements:\n"
        + EVERY_OPERATION
        + "  - id: extra.it\n    says: It.\n    scenarios:\n"
        + f"      - name: a name\n{head}        steps:\n{lines}",
    )
    api = resolve(spec)
    (module,) = [module for module in api.modules if module.name == "extra"]
    return scenarios_view(api, module).scenarios[-1]


def code(folder: Path, *steps: str, ready: str = "") -> list[str]:
    """The body of the test of one scenario, without its margin."""
    lines = view(folder, *steps, ready=ready).body.splitlines()
    margin = 4 if lines[0].startswith("    ") else 0
    return [line[margin:] for line in lines]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            "{call: pick, with: {domain: AF_UNIX}, returns: AF_INET}",
            "assert demo.pick(domain=demo.Domain.AF_UNIX) == demo.Domain.AF_INET",
        ),
        (
            "{call: mix, with: {flags: [Peek, SafeDisconn]}, returns: []}",
            "assert demo.mix(flags=demo.Flag.PEEK | demo.Flag.SAFE_DISCONN) == demo.Flag(0)",
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


READY = 'given: connection\n        peer: [{send: "01"}]'
LAST = "{call: getSocketError}"


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
    assert first.strip() == body[-1].strip() == "socket.get_socket_error()"
    assert body[:-1] == [f"    {line}" for line in lines]


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


def test_what_would_be_nested_alone_is_joined(tmp_path: Path) -> None:
    body = code(tmp_path, "{call: accept, as: client}", LAST, ready="given: server")
    assert body == [
        'with stage("server", transport, buffered=buffered) as (server, _), server.accept():',
        "    server.get_socket_error()",
    ]
    body = code(tmp_path, "{call: title=, with: {text: ''}, raises: ValueError}", ready=READY)
    assert len(body.pop(1)) <= 96
    assert body == ["with (", "    raising(ValueError),", "):", '    socket.title = ""']


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


def test_operations(tmp_path: Path) -> None:
    spec = spec_with(tmp_path, OPERATIONS + "statements:\n" + EVERY_OPERATION)
    shown = operations_view(resolve(spec))
    assert shown.failure is not None
    assert "socket.get_socket_error()" in shown.failure.body
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


def test_the_summary_of_nothing() -> None:
    assert summary_and_rest("") == ("", [])
    assert summary_and_rest("One. Two.\n\n\nThree.") == ("One.", ["Two.", "Three."])
