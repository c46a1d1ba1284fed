"""What the hand-written runtime offers, read from its source and never imported.

Generated code makes one call into the runtime for each form. This index answers whether that call
has somewhere to go, and whether it can take that many arguments, before anything is generated.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

PLATFORM: Final = "platform"
"""The room of the runtime that holds the system's constants."""

_PROPERTIES: Final = frozenset({"property", "cached_property"})


@dataclass(frozen=True)
class RuntimeFunction:
    """A function or method, as a caller sees it: without `self` or `cls`."""

    params: tuple[str, ...]
    required: int
    variadic: bool
    is_property: bool = False
    annotations: tuple[str, ...] = ()
    """The types of the parameters as the source writes them; empty texts where it does not."""
    result: str = ""
    """The type of the result as the source writes it, or an empty text."""

    def accepts(self, count: int) -> bool:
        """Tell whether a call with so many positional arguments is possible."""
        return self.required <= count and (self.variadic or count <= len(self.params))


@dataclass(frozen=True)
class RuntimeClass:
    """A class: its own methods, and the types of its attributes as far as they are annotated."""

    module: str
    name: str
    bases: tuple[str, ...]
    methods: Mapping[str, RuntimeFunction]
    attributes: Mapping[str, str]
    dotted: tuple[str, ...]
    """The bases as the source writes them, with the modules before them."""
    numbers: Mapping[str, int]
    """Its whole numbers, by name."""
    source: ast.ClassDef = field(repr=False)

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The attributes that a class or its methods assign, annotated or not.

        Of most classes nobody asks for them, and looking for them takes longer than all else.
        """
        return frozenset(_assigned(self.source))


@dataclass(frozen=True)
class Unreadable:
    """A file that is no Python: where it stops being that, and why."""

    line: int
    column: int
    reason: str


@dataclass(frozen=True)
class RuntimeModule:
    """A module: its functions and classes, and the names it imports."""

    functions: Mapping[str, RuntimeFunction]
    classes: Mapping[str, RuntimeClass]
    imports: Mapping[str, tuple[str, str]]
    """A local name, and the module (relative to the package) and name that it stands for."""
    names: frozenset[str]
    """Every name that it has at run time; `*` where that cannot be told from its source."""


@dataclass(frozen=True)
class RuntimeIndex:
    """A runtime package."""

    package: str
    modules: Mapping[str, RuntimeModule]
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)
    """Files that could not be parsed, by their paths in the package."""
    is_there: bool = True
    """Whether there is a folder of that name at all."""
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The packages that stand beside it, each with the names that it has at run time."""

    def function(self, path: str) -> RuntimeFunction | None:
        """Return the function at `module.function`, or `module.Class.attribute.method`."""
        module_name, rest = self._module_of(path)
        module = self.modules.get(module_name)
        if module is None or not rest:
            return None
        if len(rest) == 1:
            return module.functions.get(rest[0])
        owner = self._class(module_name, rest[0])
        for attribute in rest[1:-1]:
            owner = self._attribute(owner, attribute) if owner is not None else None
        return self._method(owner, rest[-1]) if owner is not None else None

    def has_class(self, path: str) -> bool:
        """Tell whether there is a class at `module.Class`."""
        return self.class_at(path) is not None

    def class_at(self, path: str) -> RuntimeClass | None:
        """Return the class at `module.Class`."""
        module_name, rest = self._module_of(path)
        return self._class(module_name, rest[0]) if len(rest) == 1 else None

    def lacks_attribute(self, path: str, name: str) -> bool:
        """Tell whether no object of the class at a path can have an attribute, as far as is seen.

        What a base of somebody else's gives it is not seen.
        """
        module_name, rest = self._module_of(path)
        owner = self._class(module_name, rest[0]) if len(rest) == 1 else None
        if owner is None:
            return False
        for ancestor in self._lineage(owner):
            if name in ancestor.assigned or name in ancestor.attributes:
                return False
            if (method := ancestor.methods.get(name)) is not None:
                return not method.is_property
            if any(self._may_have(ancestor, base, name) for base in ancestor.bases):
                return False
        return True

    def _may_have(self, owner: RuntimeClass, base: str, name: str) -> bool:
        """Tell whether a base that is not the package's own may give an object an attribute."""
        if self._class(owner.module, base) is not None:
            return False
        known = getattr(builtins, base, None)
        return known is None or hasattr(known, name)

    def bases_of(self, path: str) -> tuple[str, ...] | None:
        """Return the bases of a class; a builtin has `builtins.` before it, others what they have.

        A base that the runtime defines has the package and the module before it. None if there is
        no such class.
        """
        module_name, rest = self._module_of(path)
        owner = self._class(module_name, rest[0]) if len(rest) == 1 else None
        if owner is None:
            return None
        return tuple(
            self._base(owner, *pair) for pair in zip(owner.bases, owner.dotted, strict=True)
        )

    def _base(self, owner: RuntimeClass, name: str, written: str) -> str:
        if "." in written:
            return written
        found = self._class(owner.module, name)
        if found is not None:
            return f"{self.package}.{found.module}.{found.name}"
        return f"builtins.{written}" if hasattr(builtins, written) else written

    def has_name(self, module_name: str, name: str) -> bool:
        """Tell whether a module has a name at run time: a constant, a function, an import."""
        module = self.modules.get(module_name)
        return module is not None and not module.names.isdisjoint((name, "*"))

    def place(self, path: str) -> str:
        """Return the file where the function at `path` belongs."""
        module_name, rest = self._module_of(path)
        owner = self._class(module_name, rest[0]) if len(rest) > 1 else None
        for attribute in rest[1:-1]:
            owner = self._attribute(owner, attribute) if owner is not None else None
        module_name = owner.module if owner is not None else module_name
        return f"{self.package}/{module_name.replace('.', '/')}.py"

    def names(self, path: str) -> Iterator[str]:
        """Yield the names that stand beside the function at `path`."""
        module_name, rest = self._module_of(path)
        module = self.modules.get(module_name)
        if module is None:
            yield from self.modules
        elif len(rest) == 1:
            yield from module.functions
        else:
            owner = self._class(module_name, rest[0])
            for attribute in rest[1:-1]:
                owner = self._attribute(owner, attribute) if owner is not None else None
            for ancestor in self._lineage(owner) if owner is not None else ():
                yield from ancestor.methods

    def _module_of(self, path: str) -> tuple[str, list[str]]:
        """Split a path after the longest module name in it."""
        parts = path.split(".")
        for length in range(len(parts) - 1, 0, -1):
            if ".".join(parts[:length]) in self.modules:
                return ".".join(parts[:length]), parts[length:]
        return parts[0], parts[1:]

    def _class(self, module_name: str, name: str, depth: int = 0) -> RuntimeClass | None:
        """Find a class in a module, or where the module imports it from."""
        module = self.modules.get(module_name)
        if module is None or depth > len(self.modules):
            return None
        if name in module.classes:
            return module.classes[name]
        if name in module.imports:
            return self._class(*module.imports[name], depth + 1)
        return None

    def _lineage(self, owner: RuntimeClass) -> Iterator[RuntimeClass]:
        """Yield a class and its bases; the package's own only, each once."""
        waiting, seen = [owner], set[tuple[str, str]]()
        while waiting:
            current = waiting.pop(0)
            if (current.module, current.name) in seen:
                continue
            seen.add((current.module, current.name))
            yield current
            for base in current.bases:
                found = self._class(current.module, base)
                if found is not None:
                    waiting.append(found)

    def _attribute(self, owner: RuntimeClass, name: str) -> RuntimeClass | None:
        for ancestor in self._lineage(owner):
            if name in ancestor.attributes:
                return self._class(ancestor.module, ancestor.attributes[name])
        return None

    def _method(self, owner: RuntimeClass, name: str) -> RuntimeFunction | None:
        for ancestor in self._lineage(owner):
            if name in ancestor.methods:
                return ancestor.methods[name]
        return None


def index_runtime(folder: Path) -> RuntimeIndex:
    """Read a package's source.

    Args:
        folder: the package's folder; its name is the package's.

    Returns:
        The index. A folder that is not there gives an empty one, and a file with a syntax error is
        only named: what it should have held is then missing.
    """
    modules: dict[str, RuntimeModule] = {}
    unreadable: dict[str, Unreadable] = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        tree = _parsed(path)
        if isinstance(tree, Unreadable):
            unreadable["/".join(parts) + ".py"] = tree
        elif name:
            modules[name] = _read_module(tree, name, folder.name)
    beside = {path.parent.name: _names_in(path) for path in folder.parent.glob("*/__init__.py")}
    return RuntimeIndex(folder.name, modules, unreadable, folder.is_dir(), beside)


def _names_in(path: Path) -> frozenset[str]:
    """Return the names that a module has at run time; none of one that cannot be read."""
    tree = _parsed(path)
    return frozenset() if isinstance(tree, Unreadable) else frozenset(_bound_names(tree.body))


def _parsed(path: Path) -> ast.Module | Unreadable:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError) as error:
        return _unreadable(error)


def _unreadable(error: Exception) -> Unreadable:
    if isinstance(error, SyntaxError):
        return Unreadable(error.lineno or 1, max(error.offset or 1, 1), error.msg)
    return Unreadable(1, 1, (error.strerror if isinstance(error, OSError) else "") or str(error))


def _read_module(tree: ast.Module, name: str, package: str) -> RuntimeModule:
    functions: dict[str, RuntimeFunction] = {}
    classes: dict[str, RuntimeClass] = {}
    imports: dict[str, tuple[str, str]] = {}
    for node in _statements(tree.body):
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = _read_function(node, bound=False)
        elif isinstance(node, ast.ClassDef):
            classes[node.name] = _read_class(node, name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            source = node.module.removeprefix(f"{package}.")
            for alias in node.names:
                imports[alias.asname or alias.name] = (source, alias.name)
    return RuntimeModule(functions, classes, imports, frozenset(_bound_names(tree.body)))


def _bound_names(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that a module binds when it is imported; `*` stands for any."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield "*" if node.name == "__getattr__" else node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))
        elif isinstance(node, ast.If):
            is_for_types = "TYPE_CHECKING" in ast.unparse(node.test)
            yield from _bound_names(node.orelse if is_for_types else node.body + node.orelse)
        elif isinstance(node, ast.Try):
            yield from _bound_names(node.body + node.orelse + node.finalbody)
            for handler in node.handlers:
                yield from _bound_names(handler.body)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body, and those under its `if` and `try`."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _statements(node.body + node.orelse)
        elif isinstance(node, ast.Try):
            yield from _statements(node.body + node.orelse + node.finalbody)
            for handler in node.handlers:
                yield from _statements(handler.body)


def _read_class(node: ast.ClassDef, module: str) -> RuntimeClass:
    methods: dict[str, RuntimeFunction] = {}
    attributes: dict[str, str] = {}
    for part in _statements(node.body):
        if isinstance(part, ast.FunctionDef):
            methods.setdefault(part.name, _read_function(part, bound=True))
            for inner in _statements(part.body):
                if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Attribute):
                    attributes.setdefault(inner.target.attr, _type_name(inner.annotation))
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            attributes[part.target.id] = _type_name(part.annotation)
    bases = tuple(_type_name(base) for base in node.bases)
    return RuntimeClass(
        module,
        node.name,
        bases,
        methods,
        attributes,
        tuple(ast.unparse(base) for base in node.bases),
        dict(_numbers(node.body)),
        node,
    )


def _numbers(body: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Yield the names that a class gives to whole numbers."""
    for node in body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(int(number))) | ast.AnnAssign(
                ast.Name(name), _, ast.Constant(int(number))
            ):
                yield name, number


def _assigned(node: ast.ClassDef) -> Iterator[str]:
    """Yield every name that a class assigns or has a slot for, and every attribute that is set."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield part.attr
    for statement in _statements(node.body):
        if isinstance(statement, ast.Assign):
            names = {name.id for name in statement.targets if isinstance(name, ast.Name)}
            yield from names
            if "__slots__" in names:
                for part in ast.walk(statement.value):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def _type_name(node: ast.expr) -> str:
    """Return the class that an annotation names, through quotes, `Final[...]` and `| None`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.partition("|")[0].strip()
    if isinstance(node, ast.BinOp):
        return _type_name(node.left)
    if isinstance(node, ast.Subscript):
        outer = _type_name(node.value)
        return _type_name(node.slice) if outer in ("Final", "ClassVar", "Optional") else outer
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _read_function(node: ast.FunctionDef, bound: bool) -> RuntimeFunction:
    decorators = {_type_name(decorator) for decorator in node.decorator_list}
    arguments = [*node.args.posonlyargs, *node.args.args]
    if bound and "staticmethod" not in decorators:
        arguments = arguments[1:]
    positional = [argument.arg for argument in arguments]
    defaults = min(len(node.args.defaults), len(positional))
    # A required keyword-only parameter can never be met by the positional call of generated code.
    unreachable = sum(default is None for default in node.args.kw_defaults)
    return RuntimeFunction(
        tuple(positional),
        len(positional) - defaults + unreachable * 1000,
        node.args.vararg is not None,
        bool(decorators & _PROPERTIES),
        tuple(_written(argument.annotation) for argument in arguments),
        _written(node.returns),
    )


def _written(annotation: ast.expr | None) -> str:
    """Return an annotation's text, without the quotes that some stand in."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return "" if annotation is None else ast.unparse(annotation)
