"""Whatever a specification holds, it is refused in time: hostile texts of every kind, and a fuzz.

What is measured is the time of the processor, which other programs do not reach; the promise is two
seconds, and a test allows three times that, for slower machines. What has no bound takes minutes.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from harness.specifications import load_folder
from nimnet_gen.checks import check, limits
from nimnet_gen.checks.limits import MAX_HOMONYMS, MAX_OVERLOADS, MAX_PARAMS, MAX_TESTS
from nimnet_gen.checks.value_forms import MOST_BYTES
from nimnet_gen.model.decode import decode
from nimnet_gen.model.surface import Module
from nimnet_gen.naming import nimdefaults, nimtypes
from nimnet_gen.source import nodes as source
from nimnet_gen.source.diagnostics import CODES, MOST, Diagnostics, TooManyFaultsError
from nimnet_gen.source.nodes import (
    MAX_ALL_BYTES,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_LENGTH,
    MAX_NODES,
    parse_source,
)
from nimnet_gen.source.reading import MAX_BYTES

HERE = Path(__file__).parent
BASE = {path.name: path.read_bytes() for path in sorted((HERE / "base").iterdir())}
REAL = {
    path.as_posix(): path.read_bytes()
    for path in sorted((HERE.parent.parent / "spec" / "net").rglob("*.yaml"))
}
SECONDS = 6.0

PIECES = [
    *("[", "{", "{a: ", "]", "}", "[]", "[a, ", ",", "- ", "- - ", "? ", ": ", ":", "a: ", "a:\n"),
    *("\n", "\r", "\r\n", " ", "\t", "\n\t", " \t", "a", "a b ", "a\n", "\n a", "# c\n", "#"),
    *(
        '"',
        "'",
        '"a',
        "''",
        '\\"',
        "\\x",
        "`",
        "@",
        "%",
        "%YAML 1.1\n",
        "%TAG !a! b\n",
        "&a ",
        "*a ",
    ),
    *(
        "!a ",
        "!!str ",
        "<<: *a",
        "|\n",
        ">\n",
        "|\n x\n",
        "---\n",
        "...\n",
        "--- ",
        "~",
        "null",
        "1",
    ),
    *(
        "0x1",
        "1:1",
        "1e9",
        ".5",
        "\x00",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\ufeff",
        "\ufffd",
        "é",
        "漢",
    ),
    *(
        "set[",
        "array[0..",
        "f(",
        "py:",
        "{the: ",
        "{repeat: a, times: 9}",
        "{system: X}",
        "$",
        "=",
        "|",
    ),
]
"""What a parser has a rule for, and what the generator has."""


@contextmanager
def bounded() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


def filled(piece: str, size: int = MAX_BYTES) -> bytes:
    raw = piece.encode("utf-8", "surrogatepass")
    return (raw * (size // len(raw) + 1))[:size]


def assert_placed(found: Diagnostics) -> None:
    """Check that each fault has a code, a file and a place in it."""
    for fault in found:
        assert fault.code in CODES
        lines = found.sources.get(fault.at.file)
        assert fault.at.file
        assert 1 <= fault.at.line <= (len(lines) if lines is not None else 1)
        assert fault.at.column >= 1
    assert len(found.render()) < MOST * 2000


def parsed(raw: bytes) -> Diagnostics:
    """Return the faults of a text: read, decoded and shown."""
    found = Diagnostics()
    try:
        root = parse_source(raw, "f.yaml", found)
        if root is not None:
            decode(root, Module, found)
    except TooManyFaultsError:
        assert found.is_full
    assert_placed(found)
    return found


def checked(folder: Path) -> Diagnostics:
    """Return the faults of a folder; nothing in it may change."""
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    spec, found = load_folder(folder)
    assert (spec is None) == (len(found) > 0)
    if spec is not None:
        found = check(spec)
    assert_placed(found)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    return found


@pytest.mark.parametrize("begin", ["", "name: m\ndoc: [", "a: 1\n"])
@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_a_text_of_one_piece_alone(piece: str, begin: str) -> None:
    with bounded():
        parsed(begin.encode() + filled(piece, MAX_BYTES - len(begin)))


def test_directives() -> None:
    """The parser compares each with all before it, and never sees them."""
    raw = b"".join(b"%%TAG !%x! b\n" % number for number in range(65_000))
    with bounded():
        assert {fault.code for fault in parsed(raw + b"--- a\n")} == {"SPEC008"}


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "a: b\n", "a", "\n", "?\n"], ids=ascii)
def test_without_libyaml(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_LOADER", yaml.SafeLoader)
    size = source.Allowance.whole().bytes
    assert size < MAX_BYTES
    with bounded():
        parsed(filled(piece, size))


@pytest.mark.parametrize("piece", ["[", "- ", "a: b\n", "\x00"], ids=ascii)
def test_ten_megabytes(piece: str) -> None:
    with bounded():
        assert [fault.code for fault in parsed(filled(piece, 10_000_000))] == ["SPEC003"]


def test_ten_files_of_a_megabyte(tmp_path: Path) -> None:
    (tmp_path / "package.yaml").write_text(package([f"m{n}" for n in range(10)]))
    for number in range(10):
        text = b"name: m%d\ndoc: X.\n" % number
        (tmp_path / f"m{number}.yaml").write_bytes(text + filled("# a\n", MAX_BYTES - len(text)))
    with bounded():
        found = checked(tmp_path)
    assert [(fault.code, fault.at.file.rpartition("/")[2]) for fault in found] == [
        ("SPEC003", "m1.yaml")
    ]
    assert str(MAX_ALL_BYTES) in found.render()


def test_the_fault_is_where_a_limit_is_passed() -> None:
    def only(text: str) -> tuple[str, int, int]:
        (fault,) = parsed(text.encode())
        return fault.code, fault.at.line, fault.at.column

    assert only("a: [" + "b," * MAX_ITEMS + "\n c]") == ("SPEC011", 2, 2)
    assert only("a:\n" + "- b\n" * MAX_ITEMS + "- c\n") == ("SPEC011", MAX_ITEMS + 2, 3)
    assert only("".join(f"k{n}: b\n" for n in range(MAX_ITEMS + 1))) == (
        "SPEC011",
        MAX_ITEMS + 1,
        1,
    )
    assert only("a: " + "b" * (MAX_LENGTH + 1)) == ("SPEC011", 1, 4)
    lists = "".join(f"  - [{listed(MAX_ITEMS, 'b')}]\n" for _ in range(MAX_ITEMS))
    code, line, _ = only("".join(f"k{number}:\n{lists}" for number in range(2)))
    assert (code, line) == ("SPEC011", MAX_NODES // (MAX_ITEMS + 1) + 3)


def package(modules: list[str]) -> str:
    listed = ", ".join(modules)
    return f"name: nimnet\nsource: S\nruntime: r\ndoc: D.\nmodules: [{listed}]\n"


STAGE = """\
module: harness.scenario
resolver: {module: harness.resolver}
transports: [tcp, tcp6, unix, tls12, tls13, psk12, psk13]
groups: [{name: streams, transports: [tcp, tcp6, unix, tls12, tls13, psk12, psk13]}]
variants: [{name: buffered, doc: D}]
givens: [{name: connection, doc: D, transports: streams}]
"""


def written(folder: Path, key: str, entry: Callable[[int], str], count: int) -> None:
    """Write a specification of so many entries, on as many modules as they need."""
    modules = []
    for first in range(0, count, MAX_ITEMS):
        name = f"{key[0]}{first // MAX_ITEMS}"
        modules.append(name)
        entries = "".join(f"- {entry(n)}\n" for n in range(first, min(first + MAX_ITEMS, count)))
        text = f"name: {name}\ndoc: D.\n{key}:\n{entries}"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "package.yaml").write_text(package(modules), encoding="utf-8")
    (folder / "stage.yaml").write_text(STAGE, encoding="utf-8")


def listed(count: int, item: str) -> str:
    return ", ".join(item.format(n) for n in range(count))


def scenario(number: int, text: str) -> str:
    module = f"s{number // MAX_ITEMS}"
    return f"{{id: {module}.a{number}, says: S, scenarios: [{text}]}}"


KINDS: dict[str, tuple[str, str, Callable[[int], str], int]] = {
    "unknown types": (
        "SPEC041",
        "procs",
        lambda n: f"{{name: f{n}, doc: D, raises: [], returns: Sockt{n}}}",
        10_000,
    ),
    "similar names": (
        "SPEC041",
        "types",
        lambda n: (
            f"{{name: {'a' * 60}{n}, kind: distinct, base: {'a' * 60}z{n}, doc: D, range: [2, 1]}}"
        ),
        5_000,
    ),
    "unknown keys": ("SPEC021", "procs", lambda _: f"{{{listed(200, 'nam{}: 1')}}}", 250),
    "contracts": (
        "SPEC060",
        "procs",
        lambda n: f"{{name: f{n}, doc: D, raises: [{listed(100, 'OSErr{}')}]}}",
        1_000,
    ),
    "overloads": (
        "SPEC011",
        "procs",
        lambda n: f"{{name: f, doc: D, raises: [], params: [{{name: a{n}, type: int}}]}}",
        8_000,
    ),
    "pure members": (
        "SPEC011",
        "types",
        lambda n: f"{{name: E{n}, kind: enum, pure: true, doc: D, members: [A]}}",
        8_000,
    ),
    "unknown calls": (
        "SPEC083",
        "statements",
        lambda n: scenario(n, f"{{steps: [{listed(200, '{{call: f{}}}')}]}}"),
        180,
    ),
    "numbers of the system": (
        "SPEC089",
        "statements",
        lambda n: scenario(
            n, f"{{steps: [{listed(90, '{{value: {{system: EAGAIM{}}}, returns: 1}}')}]}}"
        ),
        120,
    ),
    "tests": (
        "SPEC011",
        "statements",
        lambda n: scenario(
            n, f"{{given: connection, transports: [{listed(200, 'tcp')}], steps: [{{call: f}}]}}"
        ),
        500,
    ),
    "verdicts": (
        "SPEC083",
        "statements",
        lambda n: scenario(
            n,
            "{given: connection, steps: [{call: f}], nim: ["
            f"{listed(200, '{{observed: step 1 waits, sometimes: true, why: W}}')}]}}",
        ),
        80,
    ),
    "answers": (
        "SPEC108",
        "statements",
        lambda n: scenario(
            n,
            f"{{steps: [{listed(200, '{{call: f, with: {{a: h{}}}}}')}], "
            f"names: {{{listed(100, 'g{}: [127.0.0.1]')}}}}}",
        ),
        60,
    ),
    "forms": (
        "SPEC086",
        "operations",
        lambda n: (
            f"{{name: o{n}, doc: D, forms: [{listed(240, '{{call: f, transports: [x{}]}}')}]}}"
        ),
        60,
    ),
    "types in types": (
        "SPEC040",
        "procs",
        lambda n: f"{{name: f{n}, doc: D, raises: [], returns: '{'set[' * 2_000}'}}",
        100,
    ),
    "fields of tuples": (
        "SPEC040",
        "procs",
        lambda n: (
            f"{{name: f{n}, doc: D, raises: [], returns: 'tuple[{listed(900, 'a{}: int')}]'}}"
        ),
        80,
    ),
    "calls in defaults": (
        "SPEC050",
        "procs",
        lambda n: (
            f"{{name: f{n}, doc: D, raises: [], params: [{{name: a, default: '{'f(' * 4_000}'}}]}}"
        ),
        100,
    ),
    "digits": ("SPEC023", "consts", lambda n: f"{{name: c{n}, doc: D, value: {'9' * 9_000}}}", 100),
    "digits of a step": (
        "SPEC107",
        "statements",
        lambda n: scenario(
            n, f"{{steps: [{{call: f}}], nim: [{{observed: step {'1' * 9_000} waits, why: W}}]}}"
        ),
        100,
    ),
    "long names": (
        "SPEC041",
        "procs",
        lambda n: f"{{name: f{'aB' * 4_900}{n}, doc: D, raises: [], returns: Q}}",
        100,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_specification_of_one_kind_alone(kind: str, tmp_path: Path) -> None:
    code, key, entry, count = KINDS[kind]
    written(tmp_path, key, entry, count)
    with bounded():
        assert code in {fault.code for fault in checked(tmp_path)}


def test_calls_by_their_python_names(tmp_path: Path) -> None:
    """Each of many calls is looked up among many names."""
    written(
        tmp_path,
        "statements",
        lambda n: scenario(n, f"{{steps: [{listed(200, '{{call: g_f{}}}')}]}}"),
        100,
    )
    with (tmp_path / "s0.yaml").open("a", encoding="utf-8") as file:
        for number in range(240):
            file.write(
                f"{'procs:' if not number else ''}\n- {{name: gF{number}, doc: D, raises: []}}\n"
            )
    with bounded():
        checked(tmp_path)


def test_calls_in_the_arguments_of_calls(tmp_path: Path) -> None:
    """Each call in a default can mean each overload, and each of its arguments again."""
    nested = "f(f(f(f(1, 999), 999), 999), 999)"

    def entry(number: int) -> str:
        params = f"{{name: a, type: int}}, {{name: b{number}, type: uint8}}"
        if number < MAX_OVERLOADS:
            return f"{{name: f, doc: D, raises: [], returns: int, params: [{params}]}}"
        params = f"{{name: a, type: int, default: '{nested}'}}"
        return f"{{name: g{number}, doc: D, raises: [], params: [{params}]}}"

    written(tmp_path, "procs", entry, 200)
    with bounded():
        found = checked(tmp_path)
    assert "SPEC051" in {fault.code for fault in found}


@pytest.mark.parametrize(
    ("key", "entry", "count", "said"),
    [
        (
            "procs",
            lambda _: "{name: f, doc: D, raises: []}",
            MAX_OVERLOADS + 1,
            f"'f' has more than {MAX_OVERLOADS} overloads",
        ),
        (
            "procs",
            lambda _: f"{{name: f, doc: D, params: [{listed(MAX_PARAMS + 1, '{{name: a{}}}')}]}}",
            1,
            f"'f' has more than {MAX_PARAMS} parameters",
        ),
        (
            "types",
            lambda n: f"{{name: E{n}, kind: enum, pure: true, doc: D, members: [A]}}",
            MAX_HOMONYMS + 1,
            f"more than {MAX_HOMONYMS} enums have a member 'A'",
        ),
        (
            "statements",
            lambda n: scenario(n, "{given: connection, steps: [{call: f}]}"),
            MAX_TESTS // 14 + 1,
            f"more than {MAX_TESTS} tests in all scenarios up to here",
        ),
    ],
)
def test_limits_of_what_stands_together(
    key: str, entry: Callable[[int], str], count: int, said: str, tmp_path: Path
) -> None:
    written(tmp_path, key, entry, count - 1)
    assert "SPEC011" not in {fault.code for fault in checked(tmp_path)}
    written(tmp_path, key, entry, count)
    (fault,) = checked(tmp_path)
    assert (fault.code, fault.message) == ("SPEC011", said)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Cut, double, move and replace some pieces of a text, now and then very often."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.choice((0, 1, 8, 60, 1_000)))
        times = chance.choice((0, 1, 1, 1, 2, 30, 2_000))
        piece = chance.choice(PIECES).encode("utf-8", "surrogatepass")
        instead = chance.choice(
            (
                piece * times,
                raw[start:end] * min(times, 30),
                chance.randbytes(chance.randint(1, 8)),
                b"".join(chance.choice(PIECES).encode("utf-8", "surrogatepass") for _ in range(9)),
            )
        )
        raw = raw[:start] + instead + raw[end:]
    return raw


@pytest.mark.parametrize("seed", range(10))
def test_mutated_specifications(seed: int, tmp_path: Path) -> None:
    """A hundred for each seed: the small one as a whole, files of the real one by themselves."""
    chance = random.Random(seed)
    for name, raw in BASE.items():
        (tmp_path / name).write_bytes(raw)
    small = [name for name in REAL if len(REAL[name]) < 100_000]
    for number in range(100):
        if number % 2:
            name = chance.choice(sorted(BASE))
            (tmp_path / name).write_bytes(mutated(BASE[name], chance))
            with bounded():
                checked(tmp_path)
            (tmp_path / name).write_bytes(BASE[name])
            continue
        name = chance.choice(sorted(REAL) if number % 20 == 0 else small)
        with bounded():
            parsed(mutated(REAL[name], chance))


def test_the_limits_are_the_documented_ones() -> None:
    text = (HERE.parents[1] / "generator" / "SURFACE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d,]+) \| (.*) \|$", text.partition("## Limits")[2], re.M)
    assert {what: int(most.replace(",", "")) for most, what in rows} == {
        "bytes in a file": MAX_BYTES,
        "bytes in all files together": MAX_ALL_BYTES,
        "values in all files together": MAX_NODES,
        "levels of nesting": MAX_DEPTH,
        "items in a list, or keys in a mapping": MAX_ITEMS,
        "characters in a text": MAX_LENGTH,
        "characters in a type": nimtypes.MAX_LENGTH,
        "levels of brackets in a type": nimtypes.MAX_DEPTH,
        "characters in a default": nimdefaults.MAX_LENGTH,
        "levels of brackets in a default": nimdefaults.MAX_DEPTH,
        "overloads of a name": limits.MAX_OVERLOADS,
        "parameters of a callable": limits.MAX_PARAMS,
        "enums with a member of one name": limits.MAX_HOMONYMS,
        "tests of all scenarios together": limits.MAX_TESTS,
        "bytes that a `{repeat: text, times: n}` comes to": MOST_BYTES,
        "faults that one run collects": MOST,
    }
