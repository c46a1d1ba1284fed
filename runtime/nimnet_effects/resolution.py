"""Whom an expression calls: by the types that mypy has given it, never by its text.

What is found for a definition is kept, so that the second call of a function costs a look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, TypeAlias

from mypy.erasetype import erase_typevars
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    ARG_NAMED,
    ARG_OPT,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    CallExpr,
    ConditionalExpr,
    Decorator,
    Expression,
    FuncDef,
    LambdaExpr,
    MemberExpr,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
    SuperExpr,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypedDictType,
    TypeType,
    TypeVarLikeType,
    TypeVarType,
    UninhabitedType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.declarations import of_definition
from nimnet_effects.ir import Ignorance
from nimnet_effects.summaries import alias_of

if TYPE_CHECKING:
    from mypy.nodes import ArgKind, MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import World

Definition: TypeAlias = "FuncDef | OverloadedFuncDef | Decorator"

PARTIAL: Final = "functools.partial"
_DEEPEST_ALIAS: Final = 8
_MOST_UNIONS: Final = 16

_COMPUTING: Final = frozenset(
    (
        "_collections_abc",
        "_thread",
        "_typeshed",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "builtins",
        "codecs",
        "collections",
        "contextlib",
        "contextvars",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "operator",
        "queue",
        "random",
        "re",
        "secrets",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "threading",
        "time",
        "traceback",
        "types",
        "typing",
        "typing_extensions",
        "unicodedata",
        "urllib.parse",
        "uuid",
        "warnings",
        "weakref",
        "zlib",
    )
)
"""Modules of the standard library that ask nothing of the system that could be refused."""
_NOT_COMPUTING: Final = frozenset(
    (
        "builtins.__import__",
        "builtins.compile",
        "builtins.eval",
        "builtins.exec",
        "builtins.input",
        "builtins.open",
        "builtins.print",
        "json.dump",
        "json.load",
    )
)
_GENERATOR_MANAGERS: Final = (
    "contextlib._GeneratorContextManager",
    "contextlib._AsyncGeneratorContextManager",
)


class Lazy(Enum):
    """When a call's exceptions are raised, if not by the call."""

    NO = auto()
    ITERATED = auto()
    AWAITED = auto()
    ENTERED = auto()


@dataclass(slots=True)
class Target:
    """Something that a call may call.

    Attributes:
        name: for people: `Socket.recv`.
        fullname: of the definition.
        forms: its signatures, one for each overload.
        bound: whether the first parameter is given by what stands before the dot.
        contracts: what it declares: one for each form, or one for all.
        helper: the key under which inference knows it.
        module: where its definition stands.
        lazy: when its exceptions are raised.
        ignorance: how much of what it does cannot be seen.
        function: the definition, if it is one function alone.
    """

    name: str
    fullname: str = ""
    forms: tuple[FuncDef, ...] = ()
    bound: bool = False
    contracts: tuple[Contract, ...] = ()
    helper: str | None = None
    module: str = ""
    lazy: Lazy = Lazy.NO
    ignorance: Ignorance = Ignorance.NONE
    function: FuncDef | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing is known that it raises."""
        return not self.contracts and self.helper is None


UNSEEN: Final = Target("", ignorance=Ignorance.ANYTHING)
Targets: TypeAlias = tuple[Target, ...]


@dataclass(slots=True)
class Actuals:
    """The arguments of a call, with those that a `functools.partial` gives before them."""

    arguments: list[Expression] = field(default_factory=list)
    kinds: list[ArgKind] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @classmethod
    def of(cls, call: CallExpr) -> Actuals:
        """Those of a call."""
        return cls(call.args, call.arg_kinds, call.arg_names)

    def add(self, argument: Expression, kind: ArgKind, name: str | None) -> None:
        """Add one argument."""
        self.arguments.append(argument)
        self.kinds.append(kind)
        self.names.append(name)

    def after(self, first: CallExpr) -> Actuals:
        """These, after those that `functools.partial(function, ...)` has."""
        return Actuals(
            first.args[1:] + self.arguments,
            first.arg_kinds[1:] + self.kinds,
            first.arg_names[1:] + self.names,
        )


NO_ACTUALS: Final = Actuals()


def formals(function: FuncDef, bound: bool, actuals: Actuals) -> tuple[dict[int, int], bool] | None:
    """Which actual each formal parameter gets, or None if the call does not fit the function.

    Returns:
        Indices of actuals by those of formals, and whether `*` or `**` may give some of the others.
    """
    names, kinds = function.arg_names, function.arg_kinds
    given: dict[int, int] = {}
    position = 1 if bound else 0
    starred = False
    for index, kind in enumerate(actuals.kinds):
        if kind is ARG_POS:
            while position < len(kinds) and position in given:
                position += 1
            if position < len(kinds) and kinds[position] in (ARG_POS, ARG_OPT):
                given[position] = index
                position += 1
            elif not (position < len(kinds) and kinds[position] is ARG_STAR) and not starred:
                return None
        elif kind is ARG_NAMED:
            name = actuals.names[index]
            for formal, each in enumerate(names):
                if each == name and kinds[formal] not in (ARG_STAR, ARG_STAR2):
                    given[formal] = index
                    break
            else:
                if ARG_STAR2 not in kinds:
                    return None
        else:
            starred = True
    if not starred:
        for formal in range(1 if bound else 0, len(kinds)):
            if kinds[formal] in (ARG_POS, ARG_NAMED) and formal not in given:
                return None
    return given, starred


class Resolver:
    """Finds what expressions call, in one module.

    Args:
        tree: the module.
        type_of: the type of an expression; None where the code is never reached.
        world: what the analysis can ask.
        classes: where exception classes are remembered.
        aliases: what is assigned to variables of the module.
    """

    def __init__(
        self,
        tree: MypyFile,
        type_of: Callable[[Expression], Type | None],
        world: World,
        classes: Classes,
        aliases: Mapping[Var, list[Expression]],
    ) -> None:
        """Know no definition yet."""
        self._module = tree.fullname
        self._type_of = type_of
        self._world = world
        self._classes = classes
        self._aliases = aliases
        self._functions: dict[tuple[Definition, bool], Target] = {}
        self._members: dict[tuple[TypeInfo, str, bool], Targets] = {}
        self._properties: dict[tuple[TypeInfo, str, str], Targets] = {}
        self._operators: dict[tuple[TypeInfo, str], Targets] = {}
        self._constructors: dict[TypeInfo, Targets] = {}
        self._iterators: dict[tuple[TypeInfo, bool], Targets] = {}
        self._local: dict[FuncDef, str] = {}
        self.lambda_key: Callable[[LambdaExpr], str] = lambda _: ""

    # Functions

    def local(self, function: FuncDef, within: str) -> str:
        """The key of a function inside of another; the same whoever asks first."""
        return self._local.setdefault(function, f"{self._module}:{within}{function.name}")

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
            while module and module not in self._world.modules:
                module = module.rpartition(".")[0]
        return module, fullname[len(module) + 1 :]

    def function(self, node: Definition, bound: bool) -> Target:
        """What a function, method or set of overloads is."""
        found = self._functions.get((node, bound))
        if found is None:
            found = self._functions[node, bound] = self._function(node, bound)
        return found

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
        info = first.info
        name = f"{_short(info.name)}.{first.name}" if info else first.name
        target = Target(name, fullname, forms, bound, module=module, function=first)
        if "." in fullname:
            target.contracts = self._world.contract_of(fullname) or ()
        tree = self._world.modules.get(module)
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
                if isinstance(made, Instance) and made.type.fullname in _GENERATOR_MANAGERS:
                    target.lazy = Lazy.ENTERED
        return target

    # Members

    def owners(self, typ: Type | None) -> tuple[list[tuple[TypeInfo, bool]], bool]:
        """The classes whose members a value of the type has: each with whether it is the class
        itself that is the value. And whether that is all.
        """
        proper = get_proper_type(typ)
        if isinstance(proper, Instance):
            return [(proper.type, False)], True
        if isinstance(proper, (TupleType,)):
            return [(proper.partial_fallback.type, False)], True
        if isinstance(proper, (LiteralType, TypedDictType)):
            return [(proper.fallback.type, False)], True
        if isinstance(proper, FunctionLike):
            if proper.is_type_obj():
                return [(proper.type_object(), True)], True
            return [(proper.fallback.type, False)], True
        if isinstance(proper, TypeType):
            return [(info, True) for info, _ in self.owners(proper.item)[0]], not isinstance(
                proper.item, AnyType
            )
        if isinstance(proper, TypeVarType) and proper.values:
            return self._all_owners(proper.values)
        if isinstance(proper, TypeVarLikeType):
            return self.owners(proper.upper_bound)
        if isinstance(proper, UnionType):
            return self._all_owners(proper.items)
        return [], isinstance(proper, (NoneType, UninhabitedType)) or proper is None

    def _all_owners(self, types: Sequence[Type]) -> tuple[list[tuple[TypeInfo, bool]], bool]:
        found: dict[tuple[TypeInfo, bool], None] = {}
        complete = True
        for item in types:
            owners, known = self.owners(item)
            found.update(dict.fromkeys(owners))
            complete = complete and known
        return list(found), complete

    def member(self, info: TypeInfo, name: str, of_class: bool) -> Targets:
        """What a call of a member calls."""
        key = (info, name, of_class)
        found = self._members.get(key)
        if found is None:
            found = self._members[key] = self._member(info, name, of_class)
        return found

    def _member(self, info: TypeInfo, name: str, of_class: bool) -> Targets:
        symbol = info.get(name)
        if symbol is None:
            if of_class and info.metaclass_type is not None:
                symbol = info.metaclass_type.type.get(name)
                if symbol is not None and isinstance(symbol.node, (FuncDef, OverloadedFuncDef)):
                    return (self.function(symbol.node, True),)
            return (UNSEEN,)
        node = symbol.node
        if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
            if is_property(node):
                return self.called(_property_type(node), 1)
            first = node
            if isinstance(first, OverloadedFuncDef):
                first = first.items[0]
            if isinstance(first, Decorator):
                first = first.func
            return (self.function(node, not of_class or first.is_class),)
        if isinstance(node, TypeInfo):
            return self.constructor(node)
        if isinstance(node, Var):
            return self.called(node.type, 1)
        return (UNSEEN,)

    def property(self, info: TypeInfo, name: str, access: str) -> Targets:
        """What reading (`get`), writing (`set`) or deleting (`del`) an attribute calls."""
        key = (info, name, access)
        found = self._properties.get(key)
        if found is None:
            found = self._properties[key] = self._property(info, name, access)
        return found

    def _property(self, info: TypeInfo, name: str, access: str) -> Targets:
        symbol = info.get(name)
        if symbol is None:
            special = {"get": "__getattr__", "set": "__setattr__", "del": "__delattr__"}[access]
            return self._own(info, special)
        node = symbol.node
        if isinstance(node, Decorator) and node.func.is_property:
            return (self.function(node, True),) if access == "get" else ()
        if isinstance(node, OverloadedFuncDef) and node.is_property:
            return self._accessor(node, access)
        if isinstance(node, Var):
            typ = get_proper_type(node.type)
            if isinstance(typ, Instance) and typ.type.module_name != "builtins":
                return self._own(typ.type, {"del": "__delete__"}.get(access, f"__{access}__"))
        return ()

    def attribute(self, receiver: Type | None, name: str) -> Type | None:
        """The type of an attribute or a property of a value, if it has a type of its own."""
        proper = get_proper_type(receiver)
        if isinstance(proper, TypeVarType):
            proper = get_proper_type(proper.upper_bound)
        symbol = proper.type.get(name) if isinstance(proper, Instance) else None
        node = None if symbol is None else symbol.node
        typ: Type | None = None
        if isinstance(node, Var):
            typ = node.type
        elif isinstance(node, (OverloadedFuncDef, Decorator)) and is_property(node):
            typ = _property_type(node)
        if typ is None or not isinstance(node, (Var, OverloadedFuncDef, Decorator)):
            return None
        assert isinstance(proper, Instance)
        return expand_type_by_instance(typ, map_instance_to_supertype(proper, node.info))

    def _accessor(self, node: OverloadedFuncDef, access: str) -> Targets:
        getter = self.function(node.items[0], True) if _is_function(node.items[0]) else UNSEEN
        if access == "get":
            return (getter,)
        for item in node.items[1:]:
            if not isinstance(item, Decorator):
                continue
            which = accessor_of(item)
            if which == access:
                function = item.func
                module, qualname = self.key(function)
                qualname += ".setter" if access == "set" else ".deleter"
                fullname = f"{module}.{qualname}"
                contracts = self._world.contract_of(fullname) or ()
                if not contracts and of_definition(node) is None:
                    # A contract file has them as forms of the property, in the order of the source,
                    # or one for them all.
                    whole = self._world.contract_of(fullname.rpartition(".")[0]) or ()
                    place = node.items.index(item)
                    contracts = whole[place : place + 1] or whole[:1]
                target = Target(getter.name, fullname, (function,), True, contracts, module=module)
                tree = self._world.modules.get(module)
                if tree is not None and not tree.is_stub:
                    target.helper = f"{module}:{qualname}"
                return (target,)
        return ()

    def operator(self, info: TypeInfo, name: str) -> Targets:
        """What an operator calls on a value of the class; nothing if that is nothing to know."""
        key = (info, name)
        found = self._operators.get(key)
        if found is None:
            found = self._operators[key] = self._own(info, name)
        return found

    def _own(self, info: TypeInfo, name: str) -> Targets:
        symbol = info.get(name)
        if symbol is None or not isinstance(symbol.node, (FuncDef, OverloadedFuncDef, Decorator)):
            return ()
        target = self.function(symbol.node, True)
        return () if target.silent else (target,)

    def constructor(self, info: TypeInfo) -> Targets:
        """What making an object of the class calls."""
        found = self._constructors.get(info)
        if found is None:
            found = self._constructors[info] = self._constructor(info)
        return found

    def _constructor(self, info: TypeInfo) -> Targets:
        makers: list[Definition] = []
        positions: list[int] = []
        for name in ("__new__", "__init__"):
            symbol = info.get(name)
            node = None if symbol is None else symbol.node
            if not isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                continue
            owner = node.info
            if not owner or owner.fullname == "builtins.object":
                continue
            if symbol is not None and symbol.plugin_generated:
                after = info.get("__post_init__")
                node = None if after is None else after.node
                if not isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                    continue
            makers.append(node)
            positions.append(info.mro.index(owner) if owner in info.mro else len(info.mro))
        nearest = min(positions, default=len(info.mro))
        short = _short(info.name)
        for base in info.mro[: nearest + 1]:
            contracts = self._world.contract_of(base.fullname)
            if contracts is not None:
                forms: tuple[FuncDef, ...] = ()
                if makers:
                    forms = self.function(makers[-1], True).forms
                return (
                    Target(short, base.fullname, forms, True, contracts, module=base.module_name),
                )
        found: list[Target] = []
        for node in makers:
            target = self.function(node, True)
            if target.silent and info.fullname.startswith("builtins.") and _is_exception(info):
                continue
            found.append(target)
        metaclass = info.metaclass_type
        if metaclass is not None and metaclass.type.fullname != "builtins.type":
            found.extend(self._own(metaclass.type, "__call__"))
        if not found and _is_exception(info):
            return ()
        if not found and (info.is_enum or info.module_name in _COMPUTING):
            return (Target(short, ignorance=Ignorance.COMPUTATION),)
        return tuple(found)

    # Calls

    def partial(self, callee: Expression) -> CallExpr | None:
        """The `functools.partial(...)` that is called, if it can be seen."""
        if isinstance(callee, CallExpr):
            maker = callee.callee
            if isinstance(maker, RefExpr) and maker.fullname == PARTIAL and callee.args:
                return callee
        elif isinstance(callee, NameExpr) and isinstance(callee.node, Var):
            values = self._aliases.get(callee.node)
            if values is not None and len(values) == 1:
                return self.partial(values[0]) if not isinstance(values[0], NameExpr) else None
        return None

    def callee(self, callee: Expression, depth: int = 0) -> Targets:
        """What a call of the expression calls."""
        if depth > _DEEPEST_ALIAS:
            return (UNSEEN,)
        if isinstance(callee, RefExpr):
            node = callee.node
            if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                if not (isinstance(callee, MemberExpr) and node.info):
                    return (self.function(node, False),)
            elif isinstance(node, TypeInfo):
                return self.constructor(node)
            elif isinstance(callee, NameExpr) and isinstance(node, Var):
                return self._variable(callee, node, depth)
            if isinstance(callee, MemberExpr):
                if isinstance(node, Var) and callee.kind is not None and not node.info:
                    return self._variable(callee, node, depth)
                return self._through(callee.expr, callee.name)
        elif isinstance(callee, SuperExpr):
            return self.inherited(callee)
        elif isinstance(callee, LambdaExpr):
            return (Target("lambda", helper=self.lambda_key(callee), module=self._module),)
        elif isinstance(callee, ConditionalExpr):
            return (
                *self.callee(callee.if_expr, depth + 1),
                *self.callee(callee.else_expr, depth + 1),
            )
        return self.called(self._type_of(callee), depth + 1)

    def _through(self, receiver: Expression, name: str) -> Targets:
        owners, complete = self.owners(self._type_of(receiver))
        if len(owners) == 1 and complete:
            return self.member(owners[0][0], name, owners[0][1])
        found: dict[int, Target] = {} if complete else {id(UNSEEN): UNSEEN}
        for info, of_class in owners:
            for target in self.member(info, name, of_class):
                found[id(target)] = target
        return tuple(found.values())

    def _variable(self, callee: RefExpr, node: Var, depth: int) -> Targets:
        values = self._aliases.get(node)
        if values is None:
            typ = self._type_of(callee)
            if node.fullname.rpartition(".")[0] in self._world.modules:
                return self._exported(node) or self.called(typ, depth + 1)
            return self.called(typ, depth + 1)
        found: dict[int, Target] = {}
        for value in values:
            for target in self.callee(value, depth + 1):
                found[id(target)] = target
        return tuple(found.values())

    def _exported(self, node: Var) -> Targets:
        """Another module's name for a function."""
        module = node.fullname.rpartition(".")[0]
        tree = self._world.modules[module]
        contracts = self._world.contract_of(node.fullname)
        if contracts is not None:
            return (Target(node.name, node.fullname, contracts=contracts, module=module),)
        if module == self._module or tree.is_stub:
            return ()
        named = alias_of(self._world.summary_of(module, node.name))
        if named is None:
            return ()
        fullname, bound = named
        definition = self._defined(fullname)
        return () if definition is None else (self.function(definition, bound),)

    def _defined(self, fullname: str) -> Definition | None:
        """The function of a full name."""
        module = fullname.rpartition(".")[0]
        while module and module not in self._world.modules:
            module = module.rpartition(".")[0]
        if not module:
            return None
        names = self._world.modules[module].names
        *outer, last = fullname[len(module) + 1 :].split(".")
        for part in outer:
            symbol = names.get(part)
            if symbol is None or not isinstance(symbol.node, TypeInfo):
                return None
            names = symbol.node.names
        symbol = names.get(last)
        node = None if symbol is None else symbol.node
        return node if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)) else None

    def exports(self) -> dict[str, tuple[str, bool]]:
        """The names that the module gives to functions: what they mean, and whether it is bound."""
        found: dict[str, tuple[str, bool]] = {}
        for variable, values in self._aliases.items():
            if len(values) == 1 and variable.fullname == f"{self._module}.{variable.name}":
                targets = self.callee(values[0]) if isinstance(values[0], RefExpr) else ()
                if len(targets) == 1 and targets[0].forms and not targets[0].forms[0].info:
                    found[variable.name] = targets[0].fullname, targets[0].bound
        return found

    def called(self, typ: Type | None, depth: int) -> Targets:
        """What a call of a value of the type calls."""
        if depth > _DEEPEST_ALIAS:
            return (UNSEEN,)
        proper = get_proper_type(typ)
        if isinstance(proper, FunctionLike) and proper.is_type_obj():
            return self.constructor(proper.type_object())
        if isinstance(proper, (Instance, TupleType)):
            info = proper.type if isinstance(proper, Instance) else proper.partial_fallback.type
            return self.member(info, "__call__", False)
        if isinstance(proper, TypeType):
            owners, complete = self.owners(proper.item)
            made = [target for info, _ in owners for target in self.constructor(info)]
            return tuple(made) if complete and owners else (*made, UNSEEN)
        if isinstance(proper, UnionType):
            found: dict[int, Target] = {}
            for item in proper.items:
                if not isinstance(get_proper_type(item), NoneType):
                    found.update((id(t), t) for t in self.called(item, depth + 1))
            return tuple(found.values())
        if isinstance(proper, TypeVarType):
            return self.called(proper.upper_bound, depth + 1)
        return (UNSEEN,)

    def inherited(self, callee: SuperExpr) -> Targets:
        """What `super().name(...)` calls."""
        for base in self._bases(callee):
            symbol = base.names.get(callee.name)
            if symbol is None:
                continue
            node = symbol.node
            if base.fullname == "builtins.object" or symbol.plugin_generated:
                return ()
            if isinstance(node, (FuncDef, OverloadedFuncDef, Decorator)):
                if is_property(node):
                    return self.called(_property_type(node), 1)
                return (self.function(node, True),)
            return (UNSEEN,)
        return (UNSEEN,)

    def inherited_property(self, callee: SuperExpr) -> Targets:
        """What reading `super().name` calls."""
        for base in self._bases(callee):
            if callee.name in base.names:
                return self._property(base, callee.name, "get")
        return ()

    def _bases(self, callee: SuperExpr) -> list[TypeInfo]:
        info = callee.info
        if info is None:
            return []
        start = info
        if callee.call.args and isinstance(callee.call.args[0], RefExpr):
            explicit = callee.call.args[0].node
            if isinstance(explicit, TypeInfo) and explicit in info.mro:
                start = explicit
        return info.mro[info.mro.index(start) + 1 :] if start in info.mro else []

    def iteration(self, info: TypeInfo, awaited: bool) -> Targets:
        """What iterating over a value of the class calls: `__iter__`, `__next__`."""
        key = (info, awaited)
        found = self._iterators.get(key)
        if found is None:
            found = self._iterators[key] = self._iteration(info, awaited)
        return found

    def _iteration(self, info: TypeInfo, awaited: bool) -> Targets:
        start, step = ("__aiter__", "__anext__") if awaited else ("__iter__", "__next__")
        symbol = info.get(start)
        if symbol is None:
            return () if awaited else self._own(info, "__getitem__")
        node = symbol.node
        if not isinstance(node, (FuncDef, Decorator)):
            return ()
        begun = self.function(node, True)
        if begun.silent and info.module_name in ("builtins", "typing", "collections"):
            return ()
        found = () if begun.silent else (begun,)
        typ = get_proper_type((node.func if isinstance(node, Decorator) else node).type)
        made = get_proper_type(typ.ret_type) if isinstance(typ, CallableType) else None
        if isinstance(made, TypeVarType):
            return (*found, *self._own(info, step))
        if isinstance(made, Instance) and begun.lazy is not Lazy.ITERATED:
            return (*found, *self._own(made.type, step))
        return found

    # Overloads

    def chosen(self, target: Target, actuals: Actuals) -> list[int]:
        """Which forms of the target a call may choose, as indices."""
        forms = target.forms
        if len(forms) < 2:
            return [0]
        fitting = [
            (index, fit[0])
            for index, form in enumerate(forms)
            if (fit := formals(form, target.bound, actuals)) is not None
        ]
        if len(fitting) < 2:
            return [index for index, _ in fitting] or list(range(len(forms)))
        types = [get_proper_type(self._type_of(each)) for each in actuals.arguments]
        if any(typ is None or isinstance(typ, AnyType) for typ in types):
            loose = [i for i, given in fitting if self._accepts(forms[i], given, types)]
            return loose or [index for index, _ in fitting]
        found: list[int] = []
        for combination in _combinations(types):
            for index, given in fitting:
                if self._accepts(forms[index], given, combination):
                    if index not in found:
                        found.append(index)
                    break
        return sorted(found) or [index for index, _ in fitting]

    def _accepts(self, form: FuncDef, fit: dict[int, int], types: Sequence[Type | None]) -> bool:
        signature = form.type
        if not isinstance(signature, CallableType):
            return True
        for formal, actual in fit.items():
            given = types[actual]
            if given is None or formal >= len(signature.arg_types):
                continue
            if not is_subtype(given, erase_typevars(signature.arg_types[formal])):
                return False
        return True


def _combinations(types: Sequence[Type | None]) -> list[list[Type | None]]:
    """The argument types with one item for each union, if these are not too many."""
    found: list[list[Type | None]] = [[]]
    for typ in types:
        proper = get_proper_type(typ)
        items: list[Type | None] = list(proper.items) if isinstance(proper, UnionType) else [typ]
        if len(found) * len(items) > _MOST_UNIONS:
            items = [typ]
        found = [[*before, item] for before in found for item in items]
    return found


def ignorance_of(fullname: str, module: str) -> Ignorance:
    """What a function without source, and without a contract, may do."""
    if fullname in _NOT_COMPUTING:
        return Ignorance.ANYTHING
    if module in _COMPUTING or module.partition(".")[0] in _COMPUTING:
        return Ignorance.COMPUTATION
    return Ignorance.ANYTHING


def accessor_of(item: Decorator) -> str | None:
    """Whether a decorated function is the `set` or the `del` of a property."""
    for decorator in item.original_decorators or item.decorators:
        if isinstance(decorator, MemberExpr):
            if decorator.name == "setter":
                return "set"
            if decorator.name == "deleter":
                return "del"
    return None if item.original_decorators else "set"


def _property_type(node: Definition) -> Type | None:
    first = node.items[0] if isinstance(node, OverloadedFuncDef) else node
    function = first.func if isinstance(first, Decorator) else first
    typ = get_proper_type(function.type)
    return typ.ret_type if isinstance(typ, CallableType) else None


def is_property(node: Definition) -> bool:
    """Whether reading the name calls the function."""
    return node.func.is_property if isinstance(node, Decorator) else node.is_property


def _is_function(node: SymbolNode) -> bool:
    return isinstance(node, (FuncDef, Decorator))


def _is_exception(info: TypeInfo) -> bool:
    return any(base.fullname == "builtins.BaseException" for base in info.mro)


def _short(name: str) -> str:
    return name.partition("@")[0]
