"""What a function may raise, and the files which say it for functions that cannot say it.

A contract file is TOML, one table for each function, under the full name of its definition:

    format = 1

    ["json.loads"]
    raises = ["json.decoder.JSONDecodeError"]

    ["shop.orders.Client.send"]
    forms = [
      {raises = ["builtins.OSError"]},
      {given = {timeout = {not = "None", raises = ["builtins.TimeoutError"]}}},
    ]

    ["shop.orders.Price"]
    given = {cents = {not = "0..99999", raises = ["builtins.ValueError"]}}

A package ships its own as `effects.toml`, beside its `__init__.py`; a project names others in its
`pyproject.toml`. Those of a package are meant as a whole: an exception that one of them names is in
none that does not name it, whatever base class of it that has. This module imports no mypy.
"""

from __future__ import annotations

import builtins
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from nimnet_effects import values

FORMAT: Final = 1
FILE_NAME: Final = "effects.toml"


class Given(NamedTuple):
    """What a call may raise only if it gives an argument.

    Attributes:
        raises: full names of exception classes.
        unless: the values of the argument with which it does not, as `values` writes them; empty if
            it may with each.
    """

    raises: tuple[str, ...]
    unless: tuple[str, ...] = ()


class Contract(NamedTuple):
    """What one function, or one form of an overloaded function, may raise.

    Exceptions are full names of classes: `builtins.OSError`.

    Attributes:
        raises: always.
        given: by the name of a parameter, only if a call gives that argument.
        imposed: only inside a `with` block of a function that `imposes` it.
        imposes: what the function's `with` block has its calls raise if they have it `imposed`.
        tags: words about the function that programs can read; they raise nothing.
        apart: what it does not raise, although it may be of a class in `raises`: other contracts of
            the same package name it.
        silent: whether the form says nothing, beside others that do: it raises what its body does.
    """

    raises: tuple[str, ...] = ()
    given: Mapping[str, Given] = MappingProxyType({})
    imposed: tuple[str, ...] = ()
    imposes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    silent: bool = False

    def names(self) -> frozenset[str]:
        """The full names of all exceptions that the contract has."""
        found = {*self.raises, *self.imposed, *self.imposes}
        for given in self.given.values():
            found.update(given.raises)
        return frozenset(found)


def canonical(contract: Contract, name: Callable[[str], str]) -> Contract:
    """The contract with the classes' own names."""
    return Contract(
        tuple(map(name, contract.raises)),
        {
            key: Given(tuple(map(name, given.raises)), given.unless)
            for key, given in contract.given.items()
        },
        tuple(map(name, contract.imposed)),
        tuple(map(name, contract.imposes)),
        contract.tags,
        tuple(map(name, contract.apart)),
        contract.silent,
    )


def union(forms: list[Contract]) -> Contract:
    """What a function may raise that has these forms."""
    raises: dict[str, None] = {}
    imposed: dict[str, None] = {}
    for form in forms:
        raises.update(dict.fromkeys(form.raises))
        imposed.update(dict.fromkeys(form.imposed))
        for given in form.given.values():
            raises.update(dict.fromkeys(given.raises))
    return Contract(raises=tuple(raises), imposed=tuple(imposed))


class MalformedError(Exception):
    """A contract file, or a table of the configuration, that says what cannot be meant."""

    def __init__(self, where: str, what: str) -> None:
        """Take `where` it is, file and key, and `what` is wrong there, with what would be right."""
        super().__init__(f"{where}: {what}")


_FULL_NAME: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+\Z")
_FORM_KEYS: Final = ("raises", "given", "imposed", "imposes", "tags")


def read_file(path: Path) -> dict[str, tuple[Contract, ...]]:
    """The contracts of a file, by the full name of the function: one for each of its forms.

    Raises:
        MalformedError: with the file and the key that is wrong in it.
    """
    where = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise MalformedError(where, f"cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedError(where, f"is not TOML: {error}") from error
    given = table.pop("format", None)
    if given != FORMAT or isinstance(given, bool):
        raise MalformedError(
            where,
            f"`format = {FORMAT}` must be its first line, and it "
            + ("is missing" if given is None else f"says {given!r}, which another version reads"),
        )
    return read_table(table, where)


def read_shipped(path: Path) -> dict[str, tuple[Contract, ...]]:
    """The contracts of a file that a package ships, which tell apart what any of them names.

    Raises:
        MalformedError: as `read_file` does.
    """
    found = read_file(path)
    named: set[str] = set()
    for forms in found.values():
        named.update(*(form.names() for form in forms))
    return {
        name: tuple(form._replace(apart=tuple(sorted(named - form.names()))) for form in forms)
        for name, forms in found.items()
    }


def read_table(table: Mapping[str, object], where: str) -> dict[str, tuple[Contract, ...]]:
    """The contracts of a table whose keys are full names; `where` says of which file it is.

    Raises:
        MalformedError: with the key that is wrong in it.
    """
    return {name: _function(name, entry, where) for name, entry in table.items()}


def _function(name: str, entry: object, where: str) -> tuple[Contract, ...]:
    at = f'{where}: ["{name}"]'
    if not isinstance(entry, dict):
        raise MalformedError(
            at, f'must be a table, such as {{raises = ["builtins.OSError"]}}, not {entry!r}'
        )
    if _FULL_NAME.match(name) is None:
        nested = any(isinstance(value, dict) for value in entry.values())
        raise MalformedError(
            at,
            "the key must be the full name of a function with its module, as `json.loads` or "
            "`builtins.int`"
            + (", in quotes: TOML takes its dots for nested tables" if nested else ""),
        )
    if "forms" not in entry:
        return (_form(entry, at),)
    if others := [key for key in entry if key != "forms"]:
        raise MalformedError(
            f"{at}.{others[0]}", "stands beside `forms`: say it in each of the forms"
        )
    forms = entry["forms"]
    if not isinstance(forms, list) or not forms:
        raise MalformedError(
            f"{at}.forms", "must be a list of tables, one for each overload in its order"
        )
    return tuple(_form(form, f"{at}.forms[{index}]") for index, form in enumerate(forms))


def _form(form: object, at: str) -> Contract:
    if not isinstance(form, dict):
        raise MalformedError(
            at, f'must be a table, such as {{raises = ["builtins.OSError"]}}, not {form!r}'
        )
    for key in form:
        if key not in _FORM_KEYS:
            raise MalformedError(
                f"{at}.{key}", f"is no key of a contract: these are {', '.join(_FORM_KEYS)}"
            )
    given = form.get("given", {})
    if not isinstance(given, dict):
        raise MalformedError(
            f"{at}.given", 'must be a table: {timeout = {raises = ["builtins.TimeoutError"]}}'
        )
    return Contract(
        raises=classes(form.get("raises", []), f"{at}.raises"),
        given={key: _given(value, f"{at}.given.{key}") for key, value in given.items()},
        imposed=classes(form.get("imposed", []), f"{at}.imposed"),
        imposes=classes(form.get("imposes", []), f"{at}.imposes"),
        tags=words(form.get("tags", []), f"{at}.tags"),
    )


def _given(value: object, at: str) -> Given:
    if not isinstance(value, dict) or "raises" not in value:
        raise MalformedError(
            at, 'must be a table such as {not = "None", raises = ["builtins.TimeoutError"]}'
        )
    for key in value:
        if key not in ("not", "raises"):
            raise MalformedError(f"{at}.{key}", "is no key here: these are not, raises")
    return Given(classes(value["raises"], f"{at}.raises"), _unless(value.get("not"), f"{at}.not"))


def shown(path: Path) -> str:
    """A path as messages show it: from the current folder, if it is below that."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _unless(value: object, at: str) -> tuple[str, ...]:
    """The values that a `not` lists, or the only one."""
    if value is None:
        return ()
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise MalformedError(at, "is empty: leave it out if every value counts")
    return tuple(dict.fromkeys(_value(each, at) for each in listed))


def _value(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise MalformedError(
            at,
            'must be the text of a Python literal, such as "-1" or "None", a range, such as '
            f'"0..65535" or "0..", or a list of these, not {value!r}',
        )
    try:
        return values.canonical(value)
    except ValueError as error:
        raise MalformedError(at, f"{value!r} {error}") from error


def classes(value: object, at: str) -> tuple[str, ...]:
    """A list of full names of classes, as they stand at a key of a file.

    Raises:
        MalformedError: if it is anything else.
    """
    names = words(value, at)
    for word in names:
        if _FULL_NAME.match(word) is None:
            raise MalformedError(
                at,
                f"{word!r} is not the full name of a class"
                + (f': "builtins.{word}" is meant' if hasattr(builtins, word) else ""),
            )
    return names


def words(value: object, at: str) -> tuple[str, ...]:
    """A list of strings, as it stands at a key of a file.

    Raises:
        MalformedError: if it is anything else.
    """
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise MalformedError(
            at, f'must be a list of names, such as ["builtins.OSError"], not {value!r}'
        )
    return tuple(value)
