"""What the docstrings, the reference, the contract file and `nimnet.effects` say is the same.

Each is read by itself, as its readers do: docstrings with `inspect`, pages as Markdown, the file as
TOML. What two of them say differently fails, and so does what one of them lacks.
"""

from __future__ import annotations

import builtins
import inspect
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Final, TypeAlias

import nimnet
import pytest
from nimnet import effects

ROOT: Final = Path(__file__).parents[2]
REFERENCE: Final = ROOT / "generated" / "reference"
FILE: Final = Path(nimnet.__file__).with_name("effects.toml")

Exceptions: TypeAlias = frozenset[type[BaseException]]


@dataclass(frozen=True)
class Said:
    """When one form of a callable raises what, as one of the artefacts has it."""

    always: Exceptions = frozenset()
    given: frozenset[tuple[str, type[BaseException]]] = frozenset()
    imposed: Exceptions = frozenset()

    @property
    def all(self) -> Exceptions:
        return self.always | self.imposed | {exception for _, exception in self.given}


def exception(name: str) -> type[BaseException]:
    """The class that a reader of the documentation takes a name for."""
    found: object = getattr(nimnet, name, None) or getattr(builtins, name)
    assert isinstance(found, type)
    assert issubclass(found, BaseException)
    return found


# ---- the contract file --------------------------------------------------------------------------


def in_the_file() -> dict[str, list[Said]]:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    assert tables.pop("format") == 1

    def classes(names: Sequence[str]) -> Exceptions:
        return frozenset(map(resolve_name, names))

    return {
        name: [
            Said(
                classes(form["raises"]),
                frozenset(
                    (parameter, one)
                    for parameter, condition in form.get("given", {}).items()
                    for one in classes(condition["raises"])
                ),
                classes(form.get("imposed", ())),
            )
            for form in table.get("forms", [table])
        ]
        for name, table in tables.items()
    }


# ---- the docstrings -----------------------------------------------------------------------------

_RAISED: Final = re.compile(r"(\w+): ")


def raised_in(lines: Sequence[str], margin: int) -> Exceptions:
    """The exceptions under `Raises:` in lines of a docstring that have a margin."""
    found: set[type[BaseException]] = set()
    inside = False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if indent == margin and line.strip():
            inside = line.strip() == "Raises:"
        elif inside and indent == margin + 4 and (named := _RAISED.match(line.strip())):
            found.add(exception(named[1]))
    return frozenset(found)


def forms_in(doc: str, name: str) -> Iterator[tuple[int, Exceptions]]:
    """Each form that a docstring lists: with how many signatures, and what it raises."""
    if not re.search(r"^There are \w+ forms:$", doc, re.MULTILINE):
        yield 1, raised_in(doc.splitlines(), 0)
        return
    signatures, body = 0, list[str]()
    for line in doc.splitlines():
        if line.startswith(f"    {name}("):
            if body:
                yield signatures, raised_in(body, 8)
                signatures, body = 0, []
            signatures += 1
        elif body or (line.startswith(" " * 8) and not line.endswith(",")):
            body.append(line)  # after the parameters of a signature that takes several lines
    yield signatures, raised_in(body, 8)


def docstrings(defined: object) -> Iterator[str]:
    """The docstring of what can be called, or that of each half of a property."""
    if isinstance(defined, property):
        for accessor in (defined.fget, defined.fset):
            if accessor is not None:
                yield inspect.getdoc(accessor) or ""
    elif isinstance(defined, type):
        made = [getattr(defined, name) for name in ("__init__", "__new__") if name in vars(defined)]
        yield inspect.getdoc(made[0]) or "" if made else ""
    else:
        yield inspect.getdoc(defined) or ""


def in_the_docstrings(name: str) -> list[tuple[int, Exceptions]]:
    short = name.rpartition(".")[2]
    return [form for doc in docstrings(resolve_name(name)) for form in forms_in(doc, short)]


# ---- the reference ------------------------------------------------------------------------------

_ROW: Final = re.compile(r"\| \[`(?P<title>[^`]+)`\]\((?P<module>\w+)\.md#\w*\) \|(?P<cells>.*)\|")


def in_the_table() -> dict[str, list[Said]]:
    lines = (REFERENCE / "exceptions.md").read_text(encoding="utf-8").splitlines()
    (head,) = (line for line in lines if line.startswith("| Call |"))
    columns = [exception(cell.strip()) for cell in head.split("|")[2:-1]]
    found: dict[str, list[Said]] = {}
    for line in lines:
        if row := _ROW.fullmatch(line):
            name = re.sub(r"\(.*\)$| = \.\.\.$", "", row["title"])
            cells = [cell.strip() for cell in row["cells"].split("|")]
            form = said_in(dict(zip(columns, cells, strict=True)))
            found.setdefault(f"nimnet.{row['module']}.{name}", []).append(form)
    return found


def said_in(cells: dict[type[BaseException], str]) -> Said:
    always, given, imposed = set(), set(), set()
    for one, cell in cells.items():
        for part in filter(None, cell.split(", ")):
            if part == "yes":
                always.add(one)
            elif parameter := re.fullmatch(r"with `(\w+)`(?: out of range)?", part):
                given.add((parameter[1], one))
            else:
                assert part == "in `fail_after`"
                imposed.add(one)
    return Said(frozenset(always), frozenset(given), frozenset(imposed))


@dataclass
class Paged:
    """What the page of a module says of one form."""

    raised: set[type[BaseException]]
    tags: tuple[str, ...] = ()


def in_the_pages() -> dict[str, list[Paged]]:
    """What each form raises and does in the page of its module, in the order of the page."""
    found: dict[str, list[Paged]] = {}
    for page in REFERENCE.glob("*.md"):
        section, forms = "", list[Paged]()
        inside = False
        for line in page.read_text(encoding="utf-8").splitlines():
            if heading := re.fullmatch(r"##+ ([\w.]+)(?:\(\))?", line):
                section = f"nimnet.{page.stem}.{heading[1]}"
                forms = []
            elif line.startswith("**"):
                inside = line == "**Raises**"
                if inside or line == "**Raises** nothing.":
                    forms.append(Paged(set()))
                    found[section] = forms
                elif line.startswith("**Effects** "):
                    forms[-1].tags = tuple(line.removeprefix("**Effects** ").split(", "))
            elif inside and (item := re.match(r"- `(\w+)`", line)):
                forms[-1].raised.add(exception(item[1]))
    return found


# ---- what they say ------------------------------------------------------------------------------

FILED: Final = in_the_file()
TABLED: Final = in_the_table()
PAGED: Final = in_the_pages()
IMPLIED: Final = ("types.Port", "types.SocketHandle", "types.OSErrorCode", "address.IpAddress")
"""What follows from the shape of a type: the pages of the modules describe these types as such."""


def test_the_parsers_find_what_is_there() -> None:
    assert len(FILED) > 100
    assert sum(len(forms) for forms in FILED.values()) > 120
    told = {one for forms in FILED.values() for form in forms for one in form.all}
    assert {OSError, nimnet.SslError, nimnet.TimeoutError, ValueError} <= told
    assert FILED["nimnet.socket.Socket.recv"][0].given == {("timeout", nimnet.TimeoutError)}
    assert sum(bool(form.tags) for forms in PAGED.values() for form in forms) > 30


def test_each_has_the_same_callables() -> None:
    assert TABLED.keys() == FILED.keys()
    assert effects.table().keys() == FILED.keys()
    implied = {
        name
        for name in FILED
        if name.startswith(tuple(f"nimnet.{one}" for one in IMPLIED)) and name not in PAGED
    }
    assert PAGED.keys() == FILED.keys() - implied


@pytest.mark.parametrize("name", FILED)
def test_each_says_the_same(name: str) -> None:
    forms = FILED[name]
    documented = in_the_docstrings(name)
    assert [form.all for form in forms] == [
        raised for signatures, raised in documented for _ in range(signatures)
    ]
    # A form that has two signatures, by place and by name, is one to readers.
    starts = [sum(count for count, _ in documented[:index]) for index in range(len(documented))]
    assert TABLED[name] == [forms[start] for start in starts]
    if name in PAGED:
        assert [form.raised for form in PAGED[name]] == [forms[start].all for start in starts]
        told = effects.of(resolve_name(name))
        assert [form.tags for form in PAGED[name]] == [told[start].tags for start in starts]


@pytest.mark.parametrize("name", FILED)
def test_programs_are_told_the_same(name: str) -> None:
    told = effects.of(resolve_name(name))
    assert {one.name for one in told} == {name}
    assert FILED[name] == [
        Said(
            frozenset(one.raises),
            frozenset((when.parameter, each) for when in one.given for each in when.raises),
            frozenset(one.imposed),
        )
        for one in told
    ]
    for one in told:
        assert all(when.parameter in one.signature.parameters for when in one.given)


def public_callables() -> Iterator[str]:
    """The full names of all functions, methods and properties that the modules define."""
    for path in sorted(FILE.parent.glob("[!_]*.py")):
        module = import_module(f"nimnet.{path.stem}")
        for name in module.__all__ if module is not effects else ():
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}"
            elif isinstance(value, type) and value.__module__ == module.__name__:
                yield from (
                    f"{module.__name__}.{name}.{member}"
                    for member, method in vars(value).items()
                    if not member.startswith("_") and _is_callable(method)
                )


def _is_callable(member: object) -> bool:
    return isinstance(member, property | classmethod | staticmethod | Callable)


def test_nothing_that_can_be_called_has_no_contract() -> None:
    assert set(public_callables()) <= FILED.keys()
