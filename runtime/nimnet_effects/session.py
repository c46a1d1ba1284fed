"""One process of mypy: what its modules do, what they rest on, and what was kept of them before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    Decorator,
    Expression,
    FuncDef,
    Import,
    ImportAll,
    ImportFrom,
    MypyFile,
    OverloadedFuncDef,
    Statement,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.util import is_typeshed_file

from nimnet_effects import (
    checkpoint,
    declarations,
    decorating,
    naming,
    store,
    summaries,
)
from nimnet_effects.contracts import Contract, MalformedError
from nimnet_effects.declarations import Values
from nimnet_effects.inputs import Inputs
from nimnet_effects.request import Opened, Request, Result, Summary
from nimnet_effects.store import Record, Store

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.options import Options
    from mypy.plugin import Plugin

_HOME: Final = Path(__file__).parent
_OWN: Final = frozenset(
    file.parent.relative_to(_HOME.parent).parts for file in _HOME.rglob("__init__.py")
)
"""This package and those in it, as the last parts of their paths."""
_COMMAND: Final = "<string>"
"""What mypy calls the text of its option `-c`."""
_FOREIGN: Final = {"site-packages", "dist-packages"}


class Session:
    """What the plugin knows while mypy runs.

    Args:
        options: mypy's.
        plugins: this plugin, until all that mypy uses are known.
        interfaces_first: whether this mypy writes its cache before it checks bodies.

    Raises:
        MalformedError: for a configuration, or a file of contracts, that cannot be meant.
    """

    def __init__(self, options: Options, plugins: Plugin, *, interfaces_first: bool) -> None:
        """Read the configuration."""
        # Whether a checker of our own is at work: it meets what was placed for mypy's.
        self.is_looking = False
        # All plugins of this run, for such checkers.
        self.plugins = plugins
        self.interfaces_first = interfaces_first
        self.modules: dict[str, MypyFile] = {}
        self._options = options
        self._incremental = options.fine_grained_incremental or options.cache_fine_grained
        self.inputs = Inputs(options.config_file)
        # What is wrong with inputs that have changed since.
        self._problem: MalformedError | None = None
        # What the daemon has to check again, and in which files.
        self._stale: dict[str, str] = {}
        folder = None
        if options.cache_dir != os.devnull and not options.fine_grained_incremental:
            version = "{}.{}".format(*options.python_version)
            folder = Path(options.cache_dir) / version / "nimnet_effects"
        self._store = Store(folder)
        # What contract files say of each package and its modules, and where packages are.
        self._said: dict[str, dict[str, tuple[Contract, ...]]] = {}
        self._said_digests: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        # What is asked of each path, and of each function of the standard library, again and again.
        self._ours: dict[str, bool] = {}
        self._silent: set[str] = set()
        # Checkers of modules that mypy has begun and not come to the end of.
        self._begun: dict[str, TypeChecker] = {}
        # What has been analysed in this process, and what an earlier one kept that still holds.
        self._records: dict[str, Record] = {}
        self._consulted: dict[str, Mapping[str, frozenset[str]]] = {}
        self._looked: dict[str, tuple[Result, Record]] = {}
        self._valid: set[str] = set()
        self._tokens: dict[str, str] = {}
        self._ahead: dict[tuple[str, str], Opened] = {}
        self._skipped: set[str] = set()
        # Modules with a declaration that mypy shows the plugin whenever it checks them.
        self._declaring: set[str] = set()
        # Which module tells what is wrong with names that another is to define.
        self._tellers: dict[str, str] = {}
        # What the tops of modules give to names, and the statements that it was read from.
        self._values: dict[str, tuple[list[Statement], dict[str, Expression]]] = {}

    def look_again(self) -> None:
        """Read the configuration and the contract files again, if any of them has changed.

        For the daemon, which is going to check some modules: all others become stale.
        """
        if not self._options.fine_grained_incremental or not self.modules:
            return
        if self._problem is None and self.inputs.hold():
            return
        try:
            self.inputs = Inputs(self._options.config_file)
        except MalformedError as error:
            self._problem = error
            return
        self._problem = None
        self._said.clear()
        self._said_digests.clear()
        self._silent.clear()
        for module in self._records.keys() & self.modules.keys():
            self._stale[f"{module}.{checkpoint.NAME}"] = self.modules[module].path

    @property
    def has_stale(self) -> bool:
        """Whether there is anything that the daemon has to check again."""
        return bool(self._stale)

    def take_stale(self) -> dict[str, str]:
        """What the daemon has to check again, and in which files: it is asked to once."""
        found, self._stale = self._stale, {}
        return found

    def is_ours(self, path: str) -> bool:
        """Whether a module's functions are looked into: not those of installed packages."""
        found = self._ours.get(path)
        if found is None:
            found = self._ours[path] = is_looked_into(path, self._options)
        return found

    def _is_source(self, path: str) -> bool:
        return path.endswith((".py", ".pyi")) and not self._is_typeshed(path)

    def _is_typeshed(self, path: str) -> bool:
        return is_typeshed_file(self._options.abs_custom_typeshed_dir, path)

    def locate(self, module: str, path: str) -> None:
        """Take note of where a module is, before mypy has loaded it."""
        if self._paths.get(module, path) != path:
            # It was elsewhere when something was kept that rests on it.
            self._said.pop(module, None)
            self._said_digests.pop(module, None)
        self._paths[module] = path

    def token(self, module: str, path: str) -> str | None:
        """What mypy's cache must have of a module, so that what was kept of it holds.

        None for a module of an installed package that says nothing of what it raises; "" if nothing
        holds.
        """
        record = self._store.stored(module)
        shipped = self._shipped_digest(module, path)
        if record is None or record.path != path:
            return "" if record is not None or self.is_ours(path) or shipped else None
        # Of packages that mypy may come to later.
        self._paths = record.packages | self._paths
        if record.shipped != shipped or not self._store.holds(
            record, self.inputs.digest, self._said_digest
        ):
            return ""
        self._valid.add(module)
        return record.token

    def must_look_for_names(self, module: str) -> bool:
        """Whether a module has not been looked at since the configuration has names that it may
        have to define.
        """
        digest = self.inputs.configuration.names_digest(module)
        return bool(digest) and self._store.looked_at(module) != digest

    def unknown_names(self, module: str) -> list[str]:
        """What is wrong with the names of the configuration that a module is to define."""
        digest = self.inputs.configuration.names_digest(module)
        if not digest:
            return []
        found = list(naming.complaints(self.inputs.configuration.named, module, self.modules))
        self._store.note_names(module, "" if found else digest)
        return found

    def told_names(self, module: str) -> list[str]:
        """What a module has to say of such names where no cache is written.

        Of its own, and of those of modules that cannot say it themselves: one module does for all.
        """
        if self._store.is_kept:
            return []
        found: list[str] = []
        for owner in naming.owners(self.inputs.configuration.named, self.modules):
            shown = self.is_ours(self.modules[owner].path) and owner not in self._skipped
            if module == (owner if shown else self._tellers.setdefault(owner, module)):
                found += self.unknown_names(owner)
        return found

    def new_token(self, module: str, path: str) -> str | None:
        """What mypy's cache is to have of a module from now on: another if it does other things.

        If bodies are still to be checked, and other modules may rest on what this one did before,
        it is looked into ahead: they can be told only now.
        """
        if not self.is_ours(path):
            return self._foreign_token(module, path)
        former = self._store.stored(module)
        record = self._records.get(module)
        if record is None and former is not None:
            if not self._is_open(module):
                # Its bodies cannot be seen, and have not changed.
                return former.token
            record = self._look_ahead(module)
        same = record is not None and former is not None and record.effects() == former.effects()
        token = former.token if same and former is not None else ""
        self._tokens[module] = token = token or os.urandom(8).hex()
        if module in self._records:
            self._keep(self._records[module])
        return token

    def begin(self, tree: MypyFile) -> None:
        """Take note of a module that mypy is going to check, of which nothing is known yet."""
        module = tree.fullname
        self._valid.discard(module)
        self._looked.pop(module, None)
        self._records.pop(module, None)

    def reach(self, checker: TypeChecker) -> None:
        """Take note of the checker of a module that mypy has begun to check."""
        self._begun[checker.tree.fullname] = checker
        if checker.can_skip_diagnostics:
            self._skipped.add(checker.tree.fullname)

    def meet(self, module: str) -> None:
        """Take note that mypy has come to a declaration, outside of functions, in a module."""
        self._declaring.add(module)

    def finish(self, checker: TypeChecker) -> Result:
        """Analyse a module whose expressions all have their types, and keep what it does."""
        if self._problem is not None:
            raise self._problem
        module = checker.tree.fullname
        if self._options.fine_grained_incremental:
            for target in checkpoint.outdated(checker.tree):
                self._stale[target] = checker.tree.path
        looked = self._looked.pop(module) if module in self._looked else None
        result, record = looked or self._analysed(self._whole(checker))
        self._records[module] = record
        self._begun.pop(module, None)
        self._consulted[module] = result.consulted
        if module in self._tokens or self._options.fine_grained_incremental:
            self._keep(record)
        if self._incremental:
            triggers = self._triggers(record, checker.tree)
            effects = record.effects(lines=True)
            checkpoint.publish(checker.tree, effects, triggers, checker.str_type())
        return result

    def tells_of(self, tree: MypyFile) -> bool:
        """Whether the daemon is to know what the functions of an installed module declare."""
        return self._options.fine_grained_incremental and self._is_source(tree.path)

    def tell(self, checker: TypeChecker) -> None:
        """Tell the daemon what the functions of an installed module declare."""
        tree = checker.tree
        record = Record(
            tree.fullname,
            tree.path,
            "",
            declared=_declared(tree, self.wraps, declarations.no_values),
        )
        checkpoint.publish(tree, record.effects(), (), checker.str_type())

    def is_begun(self, module: str) -> bool:
        """Whether mypy has begun to check a module, and will come to its end, which is shown."""
        return module in self._begun and module not in self._skipped

    def give_up(self, module: str) -> None:
        """Keep nothing of a module whose analysis failed, so that the next run tries again."""
        self._begun.pop(module, None)
        self._records.pop(module, None)
        self._valid.discard(module)
        self._tokens.pop(module, None)
        self._store.drop(module)

    def record(self, module: str) -> Record | None:
        """What a module does, if it has been analysed, in this run or a former one that holds."""
        found = self._records.get(module)
        if found is None and module in self._valid and not self._is_open(module):
            found = self._store.stored(module)
        return found

    def from_files(self, fullname: str) -> tuple[Contract, ...] | None:
        """What contract files say of a function: the project's own before those of packages."""
        return self._said_of(fullname.partition(".")[0]).get(fullname)

    def _said_of(self, package: str) -> Mapping[str, tuple[Contract, ...]]:
        """What contract files say of the functions of a package or module, by full name."""
        found = self._said.get(package)
        if found is None:
            path = self._path_of(package)
            found = {} if path is None else self.inputs.shipped(path)
            found |= self.inputs.configuration.functions_of(package)
            if path is not None or package in self.modules:
                self._said[package] = found
        return found

    def _said_digest(self, package: str) -> str:
        found = self._said_digests.get(package)
        if found is None:
            path = self._path_of(package)
            found = store.contracts_digest(self.inputs.configuration.functions_of(package))
            found += "" if path is None else self.inputs.shipped_digest(path)
            if path is not None or package in self.modules:
                self._said_digests[package] = found
        return found

    def contract_of(self, fullname: str) -> tuple[Contract, ...] | None:
        """What a function declares, by contract files or its own `@raises`."""
        if fullname in self._silent:
            return None
        found = self.from_files(fullname) or self._accessor_from_files(fullname)
        if found is not None:
            return found
        module, qualname = self._split(fullname)
        tree = self.modules.get(module)
        if tree is None or not qualname:
            return None
        if tree.is_stub and self._is_typeshed(tree.path):
            # It declares nothing, for as long as this process lives and reads no other contracts.
            self._silent.add(fullname)
            return None
        record = self.record(module)
        if record is not None:
            return record.declared.get(qualname)
        outer, _, access = qualname.rpartition(".")
        for each, accessor in declarations.accessors_of(_lookup(tree, outer)[0] if outer else None):
            if each == access:
                return declarations.of_definition(accessor, self.wraps, self.values_of(module))
        return declarations.of_definition(
            _lookup(tree, qualname)[0], self.wraps, self.values_of(module)
        )

    def _accessor_from_files(self, fullname: str) -> tuple[Contract, ...] | None:
        """What contract files say of writing or deleting a property.

        It is one of the forms of the property, in the order of the source, or the one for them all.
        """
        outer, _, access = fullname.rpartition(".")
        forms = self.from_files(outer) if access in ("setter", "deleter") else None
        if forms is None:
            return None
        module, qualname = self._split(outer)
        node = _lookup(self.modules[module], qualname)[0] if module and qualname else None
        for place, (each, _) in enumerate(declarations.accessors_of(node), 1):
            if each == access:
                return forms[place : place + 1] or forms[:1]
        return None

    def wraps(self, decorator: Expression) -> bool | None:
        """Whether a decorator of the project puts another function in the place of its own."""
        named = decorating.named_by(decorator)
        if named is None:
            return None
        function, called = named
        module, qualname = self._split(function.fullname)
        record = self.record(module) if module and qualname else None
        if record is not None:
            wrapper = summaries.wrapper_of(record.summaries.get(qualname), called)
            return None if wrapper is None else bool(wrapper.returned)
        tree = self.modules.get(module)
        if tree is not None and (tree.is_stub or not self.is_ours(tree.path)):
            return None
        found = decorating.wrapping_of(function, called)
        return None if found is None else bool(found.returned)

    def values_of(self, module: str) -> Values:
        """What names that the top of a module gives one value stand for in that module.

        In that module alone: of those that mypy has freed, nobody could tell.
        """

        def value_of(variable: Var) -> Expression | None:
            owner, _, name = variable.fullname.rpartition(".")
            if owner != module or not self._is_open(module):
                return None
            tree = self.modules[module]
            known = self._values.get(module)
            if known is None or known[0] is not tree.defs:
                known = self._values[module] = (tree.defs, declarations.values_of(tree))
            return known[1].get(name)

        return value_of

    def opened(self, module: str, qualname: str, asking: str) -> Opened | None:
        """A function of a module that mypy has parsed and not come to the end of.

        In the daemon also one whose effects have in them what those of the module that is `asking`
        were before: they would keep each other alive.
        """
        daemon = self._options.fine_grained_incremental
        if module in self._records and not (daemon and self._rests_on(module, qualname, asking)):
            return None
        if not self._is_open(module):
            return None
        tree = self.modules[module]
        key = (module, qualname)
        if daemon or key not in self._ahead or self._ahead[key].tree is not tree:
            node, info = _lookup(tree, qualname)
            function = _implementation(node)
            if function is None:
                return None
            checker = self._begun.get(module)
            if checker is None or not checkpoint.is_typed(checker, function):
                with self._looking(tree) as silent:
                    checker = checkpoint.typed_ahead(silent, function, info)
            decorator = _decorator(node)
            self._ahead[key] = Opened(module, qualname, function, decorator, tree, checker)
        return self._ahead[key]

    def _rests_on(self, module: str, qualname: str, other: str) -> bool:
        """Whether the effects of a function have in them those of functions of another module."""
        waiting = [(module, qualname)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            for fullname in self._consulted.get(each[0], {}).get(each[1], ()):
                if self.contract_of(fullname) is None:
                    called = self._split(fullname)
                    if called[0] == other:
                        return True
                    waiting.append(called)
        return False

    def _whole(self, checker: TypeChecker) -> TypeChecker:
        """A checker that has the types of all of a module: mypy's own may have those of a part."""
        partial = checker.can_skip_diagnostics or (
            self._options.fine_grained_incremental
            and not all(
                checkpoint.is_typed(checker, function)
                for function in checkpoint.functions_of(checker.tree)
            )
        )
        if not partial:
            return checker
        with self._looking(checker.tree) as silent:
            return checkpoint.retyped(silent)

    @contextmanager
    def _looking(self, tree: MypyFile) -> Iterator[TypeChecker]:
        """A checker of our own for a module, at work."""
        begun = self._begun.get(tree.fullname)
        options = self._options.clone_for_module(tree.fullname) if begun is None else begun.options
        self.is_looking = True
        try:
            yield checkpoint.silent_checker(tree, self.modules, options, self.plugins)
        finally:
            self.is_looking = False

    def _is_open(self, module: str) -> bool:
        """Whether mypy has parsed a module of the project in this run, and not freed it."""
        tree = self.modules.get(module)
        return tree is not None and bool(tree.defs) and self.is_ours(tree.path)

    def _look_ahead(self, module: str) -> Record:
        tree = self.modules[module]
        with self._looking(tree) as silent:
            checker = checkpoint.retyped(silent)
        self._looked[module] = self._analysed(checker)
        return self._looked[module][1]

    def _analysed(self, checker: TypeChecker) -> tuple[Result, Record]:
        # Where nothing has changed, it is not needed, nor what it imports.
        from nimnet_effects import analysis

        tree = checker.tree
        module = tree.fullname
        world = _World(self, module)
        result = analysis.analyse(
            Request(
                tree,
                checker,
                world,
                self.inputs.configuration.unchecked,
                self.inputs.configuration.requires_declared(module),
            )
        )
        asked = world.asked.union(*result.consulted.values())
        packages = {name.partition(".")[0] for name in asked}
        record = Record(
            module,
            tree.path,
            self.inputs.digest,
            self._shipped_digest(module, tree.path),
            imports=_imports(tree),
            declared=_declared(tree, self.wraps, self.values_of(module)),
            summaries=dict(result.summaries),
            contracts={name: self._said_digest(name) for name in sorted(packages)},
            packages={name: path for name in packages if (path := self._path_of(name))},
            beneath={path: self._store.digest_of(path) for path in map(self._file_of, result.told)},
            asked=self._modules_of(asked) if self._incremental else (),
        )
        return result, record

    def _keep(self, record: Record) -> None:
        record.token = self._tokens.get(record.module, "")
        if record.module in self._skipped or self._is_missed(record.module):
            # mypy shows the plugin nothing of a module that it checks again for a change
            # elsewhere, or nothing of its bodies, so that it must be the plugin that asks for it.
            record.beneath |= self._store.beneath(record.imports, self._records)
            record.beneath.pop(record.path, None)
        self._store.keep(record)

    def _is_missed(self, module: str) -> bool:
        """Whether a module would not be seen if mypy checks it again for a change elsewhere.

        Until 2.3, mypy shows the plugin nothing of that but the declarations that it comes to.
        """
        return not self.interfaces_first and module not in self._declaring

    def _foreign_token(self, module: str, path: str) -> str | None:
        """The token of an installed module: whatever its functions declare, and what it ships."""
        tree = self.modules.get(module)
        if tree is None or not self._is_source(path):
            return None
        record = Record(
            module,
            path,
            self.inputs.digest,
            self._shipped_digest(module, path),
            declared=_declared(tree, self.wraps, declarations.no_values),
        )
        if not record.declared and not record.shipped:
            self._store.drop(module)
            return None
        record.token = record.effects()
        self._store.keep(record)
        return record.token

    def _path_of(self, package: str) -> str | None:
        """The `__init__.py` of a package, if it has one and is known."""
        tree = self.modules.get(package)
        path = self._paths.get(package) if tree is None else tree.path
        return path if path and _is_init(path) else None

    def _shipped_digest(self, module: str, path: str) -> str:
        """A digest of the contract file that is beside the `__init__.py` of a package."""
        if "." in module or not _is_init(path) or not self._is_source(path):
            return ""
        return self.inputs.shipped_digest(path)

    def _split(self, fullname: str) -> tuple[str, str]:
        """The module in which a full name is defined, and the name within it."""
        module = fullname
        while module and module not in self.modules:
            module = module.rpartition(".")[0]
        return module, fullname[len(module) + 1 :] if module else fullname

    def _file_of(self, module: str) -> str:
        return self.modules[module].path

    def _modules_of(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({self._split(name)[0] for name in names}))

    def _triggers(self, record: Record, tree: MypyFile) -> set[str]:
        """The names at whose change the daemon must come to a module again."""
        found = {f"{module}.{checkpoint.NAME}" for module in record.asked}
        found.discard(f"{record.module}.{checkpoint.NAME}")
        found |= checkpoint.taken_from_modules(tree)
        for module in self._store.closure(record.imports, self._records):
            found.add(f"{module}[wildcard]")
            imported = self.modules.get(module)
            for name, symbol in imported.names.items() if imported is not None else ():
                if isinstance(symbol.node, TypeInfo) and symbol.node.fullname == f"{module}.{name}":
                    found.add(f"{module}.{name}[wildcard]")
        return found


class _World:
    """What the analysis of one module asks, which becomes the evidence of the module."""

    def __init__(self, session: Session, module: str) -> None:
        self._session = session
        self._module = module
        self._values = session.values_of(module)
        self._asked: set[str] = set()

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(self._asked)

    @property
    def modules(self) -> Mapping[str, MypyFile]:
        return self._session.modules

    def contract_of(self, fullname: str) -> tuple[Contract, ...] | None:
        self._asked.add(fullname)
        return self._session.contract_of(fullname)

    def wraps(self, decorator: Expression) -> bool | None:
        named = decorating.named_by(decorator)
        if named is not None:
            self._asked.add(named[0].fullname)
        return self._session.wraps(decorator)

    def value_of(self, variable: Var) -> Expression | None:
        return self._values(variable)

    def summary_of(self, module: str, qualname: str) -> Summary | None:
        self._asked.add(f"{module}.{qualname}")
        record = self._session.record(module)
        return None if record is None else record.summaries.get(qualname)

    def opened(self, module: str, qualname: str) -> Opened | None:
        self._asked.add(f"{module}.{qualname}")
        if module == self._module:
            return None
        return self._session.opened(module, qualname, self._module)


def is_looked_into(path: str, options: Options) -> bool:
    """Whether a module is of the project, and not of an installed package or of Python.

    Nor of this package, wherever it is: it has what functions are declared with.
    """
    parts = Path(path).parts
    return (
        _FOREIGN.isdisjoint(parts)
        # A script may have any name; what has no file is a package without a module of its own, or
        # what the command line says.
        and (path.endswith((".py", ".pyi")) or path == _COMMAND or Path(path).is_file())
        and not is_typeshed_file(options.abs_custom_typeshed_dir, path)
        and _OWN.isdisjoint((parts[-2:-1], parts[-3:-1]))
    )


def _is_init(path: str) -> bool:
    return Path(path).name.startswith("__init__.")


def _lookup(tree: MypyFile, qualname: str) -> tuple[SymbolNode | None, TypeInfo | None]:
    """A definition within a module, and the class that it stands in."""
    names = tree.names
    info: TypeInfo | None = None
    *outer, last = qualname.split(".")
    for name in outer:
        symbol = names.get(name)
        if symbol is None or not isinstance(symbol.node, TypeInfo):
            return None, None
        info = symbol.node
        names = info.names
    symbol = names.get(last)
    return (None if symbol is None else symbol.node), info


def _implementation(node: SymbolNode | None) -> FuncDef | None:
    if isinstance(node, OverloadedFuncDef):
        node = node.impl
    if isinstance(node, Decorator):
        node = node.func
    return node if isinstance(node, FuncDef) else None


def _decorator(node: SymbolNode | None) -> Decorator | None:
    if isinstance(node, OverloadedFuncDef):
        node = node.impl
    return node if isinstance(node, Decorator) else None


def _declared(
    tree: MypyFile, wraps: Callable[[Expression], bool | None], values: Values
) -> dict[str, tuple[Contract, ...]]:
    """What the functions of a module and of its classes declare, by qualified name."""
    found: dict[str, tuple[Contract, ...]] = {}
    for fullname, symbol, _ in tree.local_definitions():
        if isinstance(symbol.node, (Decorator, OverloadedFuncDef)):
            qualname = fullname.removeprefix(f"{tree.fullname}.")
            declared = declarations.of_definition(symbol.node, wraps, values)
            if declared is not None:
                found[qualname] = declared
            for access, accessor in declarations.accessors_of(symbol.node):
                declared = declarations.of_definition(accessor, wraps, values)
                if declared is not None:
                    found[f"{qualname}.{access}"] = declared
    return found


def _imports(tree: MypyFile) -> tuple[str, ...]:
    """The modules that a module may import, submodules of packages included."""
    found: set[str] = set()
    for statement in tree.imports:
        if isinstance(statement, Import):
            found.update(name for name, _ in statement.ids)
        elif isinstance(statement, (ImportFrom, ImportAll)):
            base = statement.id
            if statement.relative:
                parts = tree.fullname.split(".")
                up = statement.relative - tree.is_package_init_file()
                base = ".".join([*parts[: len(parts) - up], *filter(None, [statement.id])])
            found.add(base)
            if isinstance(statement, ImportFrom):
                found.update(f"{base}.{name}" for name, _ in statement.names)
    return tuple(sorted(found))
