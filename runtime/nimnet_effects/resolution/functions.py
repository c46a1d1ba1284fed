"""Functions, methods and overloads as targets, and the keys by which inference knows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from mypy.nodes import Decorator, FuncDef, OverloadedFuncDef, TypeInfo
from mypy.types import CallableType, Instance, NoneType, get_proper_type

from nimnet_effects.resolution.ignorance import ignorance_of
from nimnet_effects.resolution.targets import Lazy, Target

if TYPE_CHECKING:
    from nimnet_effects.request import World

Definition: TypeAlias = "FuncDef | OverloadedFuncDef | Decorator"

_GENERATOR_MANAGERS: Final = (
    "contextlib._GeneratorContextManager",
    "contextlib._AsyncGeneratorContextManager",
)
_COROUTINE: Final = "typing.Coroutine"
_AWAITABLES: Final = (_COROUTINE, "typing.Awaitable")

_LINE: Final = re.compile(r"@\d+")
"""Which mypy writes behind the name of a class inside of a function."""


class Stubs:
    """What functions without source are: the same in every module that calls them.

    Attributes:
        targets: those that declare nothing.
        protocols: of a function whose type has no variables, those among the types of its
            parameters.
    """

    def __init__(self) -> None:
        """Know none yet."""
        self.targets: dict[tuple[Definition, bool], Target] = {}
        self.protocols: dict[FuncDef, tuple[TypeInfo, ...]] = {}


class Functions:
    """Finds the targets of definitions.

    Args:
        module: the full name of the one that calls.
        world: what the analysis can ask.
    """

    def __init__(self, module: str, world: World) -> None:
        """Know no definition yet."""
        self._module = module
        self._world = world
        self._modules = world.modules
        self.stubs = world.kept(Stubs)
        self._functions: dict[tuple[Definition, bool], Target] = {}
        self._local: dict[FuncDef, str] = {}
        # Classes inside of functions, by the functions' qualified names.
        self._classes_within: dict[TypeInfo, str] = {}
        self._shown: dict[TypeInfo, str] = {}

    def local(self, function: FuncDef, within: str) -> str:
        """The key of a function inside of another; the same whoever asks first."""
        return self._local.setdefault(function, f"{self._module}:{within}{function.name}")

    def place(self, info: TypeInfo, within: str) -> None:
        """Take note of a class inside of a function, whose full name does not tell."""
        if "@" in info.fullname:
            self._classes_within[info] = within
            self._shown.pop(info, None)

    def shown(self, function: FuncDef) -> str:
        """The name of a function for people: with all that it is inside of in its module."""
        if function.info:
            return f"{self.shown_class(function.info)}.{function.name}"
        return _for_people(self.key(function)[1])

    def shown_class(self, info: TypeInfo) -> str:
        """The name of a class for people, likewise."""
        found = self._shown.get(info)
        if found is None:
            within = self._classes_within.get(info, "")
            found = _for_people(f"{within}{info.fullname[len(info.module_name) + 1 :]}")
            self._shown[info] = found
        return found

    def key(self, function: FuncDef) -> tuple[str, str]:
        """The module of a function, and its qualified name there."""
        fullname = function.fullname
        if function.info:
            module = function.info.module_name
        elif "." not in fullname:
            return self._module, self._local.setdefault(
                function, f"{self._module}:<locals>.{fullname}@{function.line}"
            ).partition(":")[2]
        else:
            module = fullname.rpartition(".")[0]
            while module and module not in self._modules:
                module = module.rpartition(".")[0]
        return module, fullname[len(module) + 1 :]

    def function(self, node: Definition, bound: bool) -> Target:
        """What a function, method or set of overloads is."""
        key = (node, bound)
        found = self._functions.get(key)
        if found is None:
            found = self.stubs.targets.get(key)
            if found is None:
                found = self._function(node, bound)
                if found.silent and self._is_stub(found.module):
                    self.stubs.targets[key] = found
            else:
                self._world.contract_of(found.fullname)  # which takes note of who has asked
            self._functions[key] = found
        return found

    def is_of_stub(self, function: FuncDef) -> bool:
        """Whether a function stands in another module, without source."""
        return self._is_stub(self.key(function)[0])

    def _is_stub(self, module: str) -> bool:
        tree = self._modules.get(module)
        return module != self._module and tree is not None and tree.is_stub

    def _function(self, node: Definition, bound: bool) -> Target:
        forms: tuple[FuncDef, ...]
        if isinstance(node, OverloadedFuncDef):
            forms = tuple([e.func if isinstance(e, Decorator) else e for e in node.items])
            implementation = node.impl
            first = (
                implementation.func if isinstance(implementation, Decorator) else implementation
            ) or forms[0]
        else:
            first = node.func if isinstance(node, Decorator) else node
            forms = (first,)
        if bound and (forms[0].is_static or first.is_static):
            bound = False
        fullname = first.fullname
        module, qualname = self.key(first)
        name = self.shown(first) if first.info else _for_people(qualname)
        target = Target(name, fullname, forms, bound, module=module, function=first)
        if "." in fullname:
            target.contracts = self._world.contract_of(fullname) or ()
        tree = self._modules.get(module)
        if module == self._module or (tree is not None and not tree.is_stub):
            target.helper = f"{module}:{qualname}"
        elif not target.contracts:
            target.ignorance = ignorance_of(fullname, module)
        if first.is_coroutine and not first.is_async_generator:
            target.lazy = Lazy.AWAITED
        elif first.is_generator or first.is_async_generator:
            target.lazy = Lazy.ITERATED
        if isinstance(node, Decorator):
            typ = get_proper_type(node.var.type)
            if isinstance(typ, CallableType):
                made = get_proper_type(typ.ret_type)
                returned = made.type.fullname if isinstance(made, Instance) else ""
                if returned in _GENERATOR_MANAGERS:
                    target.lazy = Lazy.ENTERED
                elif target.lazy is Lazy.AWAITED and isinstance(made, (Instance, NoneType)):
                    # Not if a decorator has run the coroutine.
                    target.lazy = Lazy.AWAITED if returned in _AWAITABLES else Lazy.NO
                elif returned == _COROUTINE:
                    target.lazy = Lazy.AWAITED
        return target


def _for_people(qualname: str) -> str:
    name = qualname.replace("<locals>.", "") if "<" in qualname else qualname
    return _LINE.sub("", name) if "@" in name else name
