"""Values of scenarios as Python expressions, and the imports that these need."""

from __future__ import annotations

import builtins
import re
from typing import Final

from nimnet_gen.acting.resolved import (
    Answering,
    Anything,
    Character,
    Constant,
    Converted,
    Count,
    Data,
    Failing,
    Flags,
    Items,
    Member,
    Memory,
    Optional,
    Parsed,
    Plain,
    PythonObject,
    Record,
    Reference,
    Regex,
    Resolved,
    Several,
    SystemNumber,
    Text,
)
from nimnet_gen.model.surface import Type
from nimnet_gen.naming import names
from nimnet_gen.naming.python_types import accepting_class
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import Group, Item, bytes_literal, call, flat, keyword, listing, quoted

DEMANDS: Final = "nimnet_gen.testing.demands"
CALLBACKS: Final = "nimnet_gen.testing.callbacks"
PEER: Final = "peer"

_BUILTINS: Final = "builtins."
"""What tells Python's own exception from the package's of the same name."""
_ERRORS: Final = "errno"
"""The module whose names are written with it, as programs do."""


class PythonValues:
    """Writes values for one file."""

    def __init__(self, api: Api, imports: Imports) -> None:
        """Write values of an API; what they name is added to `imports`."""
        self._api = api
        self._imports = imports
        self._system = {
            name: names.module for names in api.spec.types.system for name in names.names
        }

    def item(self, value: Resolved) -> Item:
        """Return the expression for a value."""
        match value:
            case Plain(number):
                return repr(number)
            case Text(content, times):
                return text_literal(content) + _times(times)
            case Character(content, is_data):
                return bytes_literal(content.encode()) if is_data else text_literal(content)
            case Data(content, times):
                return bytes_literal(content) + _times(times)
            case Memory(content):
                return f"memoryview({self.memory(content)})"
            case Items(items, is_list):
                parts = [self.item(item) for item in items]
                if is_list:
                    return listing(parts)
                return Group("(", tuple(parts), ",)" if len(parts) == 1 else ")")
            case Several(items, in_field=in_field):
                listed = tuple(self.item(item) for item in items)
                if not in_field:
                    return listing(listed)
                return Group("(", listed, ",)" if len(listed) == 1 else ")")
            case Optional(inner):
                return "None" if inner is None else self.item(inner)
            case Record(defined, fields):
                return call(
                    self._type(defined),
                    [keyword(variable(part.name), self.item(item)) for part, item in fields],
                )
            case Reference(name, origin):
                return f"{PEER}.{name}" if origin == "stage" else variable(name)
            case Anything():
                self._imports.name(DEMANDS, "ANY")
                return "ANY"
            case Count(argument):
                return f"len({variable(argument)})"
            case Answering(_, gives, takes):
                self._imports.name(CALLBACKS, "answering")
                given = [self.item(gives)]
                if takes is not None:
                    given.append(keyword("takes", self.item(takes)))
                return call("answering", given)
            case Failing(words=words):
                self._imports.name(CALLBACKS, "failing")
                return call("failing", [text_literal(words)])
            case PythonObject(classes, text):
                made = accepting_class(classes, text) or classes[0]
                self._imports.module(made.rpartition(".")[0])
                return f"{made}({text_literal(text)})"
            case Regex(pattern):
                self._imports.module(re.__name__)
                return f"re.compile({bytes_literal(pattern.encode())})"
            case SystemNumber(name):
                return self.system(name)
            case _:
                return self._of_the_package(value)

    def text(self, value: Resolved) -> str:
        """Return the expression for a value in one line."""
        return flat(self.item(value))

    def memory(self, content: Resolved) -> str:
        """Return a bytearray: of so many bytes, or with this content."""
        if isinstance(content, Data) and not content.content:
            return "bytearray()"
        return f"bytearray({self.text(content)})"

    def system(self, name: str) -> str:
        """Return a number of the system by its name; the module's own may be a subject's."""
        module = self._system[name]
        if module == _ERRORS:
            self._imports.module(module)
            return f"{module}.{name}"
        self._imports.name(module, name)
        return name

    def exception(self, name: str) -> str:
        """Return an exception class, of the package or of Python."""
        if name.startswith(_BUILTINS):
            self._imports.module(builtins.__name__)
            return name
        return f"{self._package()}.{name}" if name in self._api.homes else name

    def _of_the_package(self, value: Resolved) -> str:
        match value:
            case Converted(defined, inner):
                return f"{self._type(defined)}({self.text(inner)})"
            case Member(defined, member):
                return f"{self._type(defined)}.{names.python_constant(member)}"
            case Flags(defined, members):
                shown = [f"{self._type(defined)}.{names.python_constant(m)}" for m in members]
                return " | ".join(shown) or f"{self._type(defined)}(0)"
            case Parsed(parser, text):
                return f"{self._package()}.{names.python_name(parser)}({text_literal(text)})"
            case Constant(const):  # pragma: no branch - the last case
                return f"{self._package()}.{names.python_constant(const)}"
        raise AssertionError(value)  # pragma: no cover - the checks let no other value pass

    def _type(self, defined: Type) -> str:
        return f"{self._package()}.{defined.name}"

    def _package(self) -> str:
        self._imports.module(self._api.name)
        return self._api.name


def variable(name: str) -> str:
    """Return the variable for a name of a scenario."""
    return names.safe(names.snake_case(name))


def text_literal(text: str) -> str:
    """Return a string literal whose every character can be told from all others."""
    return quoted(text).encode("ascii", "backslashreplace").decode("ascii")


def _times(times: int) -> str:
    return f" * {times}" if times != 1 else ""
