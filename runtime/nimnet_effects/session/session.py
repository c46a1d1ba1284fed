"""The moments of a run of mypy, and what is found and kept at each of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mypy.nodes import TypeInfo

from nimnet_effects import checkpoint, declarations
from nimnet_effects.contracts import MalformedError
from nimnet_effects.inputs import Inputs
from nimnet_effects.request import Request, Result
from nimnet_effects.session import definitions
from nimnet_effects.session.ahead import Ahead
from nimnet_effects.session.declared import Declared
from nimnet_effects.session.names import Names
from nimnet_effects.session.packages import Packages
from nimnet_effects.session.project import Project
from nimnet_effects.session.records import Records
from nimnet_effects.session.world import SessionWorld
from nimnet_effects.store import Record, Store

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile
    from mypy.options import Options
    from mypy.plugin import Plugin


class Session:
    """What the plugin knows while mypy runs.

    Args:
        options: mypy's.
        plugins: this plugin, until all that mypy uses are known.
        interfaces_first: whether this mypy writes its cache before it checks bodies.

    Attributes:
        project: mypy's modules.
        ahead: checkers of modules.
        names: the names of the configuration.

    Raises:
        MalformedError: for a configuration, or a file of contracts, that cannot be meant.
    """

    def __init__(self, options: Options, plugins: Plugin, *, interfaces_first: bool) -> None:
        """Read the configuration."""
        self._options = options
        self._interfaces_first = interfaces_first
        self._incremental = options.fine_grained_incremental or options.cache_fine_grained
        self._store = Store(_path(options))
        self.project = Project(options)
        self._packages = Packages(Inputs(options.config_file), self.project)
        self._records = Records(self._store, self.project)
        self._declared = Declared(self.project, self._packages, self._records)
        self.ahead = Ahead(self.project, self._declared, self._records, plugins)
        self.names = Names(self.project, self._packages, self.ahead, self._store)
        # What is wrong with inputs that have changed since.
        self._problem: MalformedError | None = None
        # What the daemon has to check again, and in which files.
        self._stale: dict[str, str] = {}
        # What was found of modules before mypy came to their bodies.
        self._looked: dict[str, tuple[Result, Record]] = {}
        # What mypy's cache is to have of modules.
        self._tokens: dict[str, str] = {}
        # Modules with a declaration that mypy shows the plugin whenever it checks them.
        self._declaring: set[str] = set()

    @property
    def inputs(self) -> Inputs:
        """The configuration and the contract files."""
        return self._packages.inputs

    def look_again(self) -> None:
        """Read the configuration and the contract files again, if any of them has changed.

        For the daemon, which is going to check some modules: all others become stale.
        """
        if not self.project.is_daemon or not self.project.modules:
            return
        if self._problem is None and self.inputs.hold():
            return
        try:
            inputs = Inputs(self._options.config_file)
        except MalformedError as error:
            self._problem = error
            return
        self._problem = None
        self._packages.renew(inputs)
        self._declared.renew()
        for module in self._records.found_now():
            self._stale[f"{module}.{checkpoint.NAME}"] = self.project.path_of(module)

    @property
    def has_stale(self) -> bool:
        """Whether there is anything that the daemon has to check again."""
        return bool(self._stale)

    def take_stale(self) -> dict[str, str]:
        """What the daemon has to check again, and in which files: it is asked to once."""
        found, self._stale = self._stale, {}
        return found

    def locate(self, module: str, path: str) -> None:
        """Take note of where a module is, before mypy has loaded it."""
        self._packages.locate(module, path)

    def token(self, module: str, path: str) -> str | None:
        """What mypy's cache must have of a module, so that what was kept of it holds.

        None for a module of an installed package that says nothing of what it raises; "" if nothing
        holds.
        """
        record = self._store.stored(module)
        shipped = self._packages.shipped_digest(module, path)
        if record is None or record.path != path:
            return "" if record is not None or self.project.is_ours(path) or shipped else None
        self._packages.expect(record.packages)
        if record.shipped != shipped or not self._store.holds(
            record, self.inputs.digest, self._packages.digest_of
        ):
            return ""
        self._records.hold(module)
        return record.token

    def new_token(self, module: str, path: str) -> str | None:
        """What mypy's cache is to have of a module from now on: another if it does other things.

        If bodies are still to be checked, and other modules may rest on what this one did before,
        it is looked into ahead: they can be told only now.
        """
        if not self.project.is_ours(path):
            return self._foreign_token(module, path)
        former = self._store.stored(module)
        found = self._records.found(module)
        record = found
        if record is None and former is not None:
            if not self.project.is_open(module):
                # Its bodies cannot be seen, and have not changed.
                return former.token
            tree = self.project.modules[module]
            looked = self._looked[module] = self._analysed(self.ahead.retyped(tree))
            record = looked[1]
        same = record is not None and former is not None and record.effects() == former.effects()
        token = former.token if same and former is not None else ""
        self._tokens[module] = token = token or os.urandom(8).hex()
        if found is not None:
            self._keep(found)
        return token

    def _foreign_token(self, module: str, path: str) -> str | None:
        """The token of an installed module: whatever its functions declare, and what it ships."""
        tree = self.project.modules.get(module)
        if tree is None or not self.project.is_source(path):
            return None
        record = self._foreign(tree)
        record.shipped = self._packages.shipped_digest(module, path)
        record.configuration = self.inputs.digest
        if not record.declared and not record.shipped:
            self._store.drop(module)
            return None
        record.token = record.effects()
        self._store.keep(record)
        return record.token

    def _foreign(self, tree: MypyFile) -> Record:
        declared = definitions.declared(tree, self._declared.wraps, declarations.no_values)
        return Record(tree.fullname, tree.path, "", declared=declared)

    def begin(self, tree: MypyFile) -> None:
        """Take note of a module that mypy is going to check, of which nothing is known yet."""
        self._looked.pop(tree.fullname, None)
        self._records.begin(tree.fullname)

    def meet(self, module: str) -> None:
        """Take note that mypy has come to a declaration, outside of functions, in a module."""
        self._declaring.add(module)

    def finish(self, checker: TypeChecker) -> Result:
        """Analyse a module whose expressions all have their types, and keep what it does."""
        if self._problem is not None:
            raise self._problem
        tree = checker.tree
        module = tree.fullname
        if self.project.is_daemon:
            for target in checkpoint.outdated(tree):
                self._stale[target] = tree.path
        looked = self._looked.pop(module) if module in self._looked else None
        result, record = looked or self._analysed(self.ahead.whole(checker))
        self._records.note(record, result)
        self.ahead.leave(module)
        if module in self._tokens or self.project.is_daemon:
            self._keep(record)
        if self._incremental:
            effects = record.effects(lines=True)
            checkpoint.publish(tree, effects, self._triggers(record, tree), checker.str_type())
        return result

    def tells_of(self, tree: MypyFile) -> bool:
        """Whether the daemon is to know what the functions of an installed module declare."""
        return self.project.is_daemon and self.project.is_source(tree.path)

    def tell(self, checker: TypeChecker) -> None:
        """Tell the daemon what the functions of an installed module declare."""
        effects = self._foreign(checker.tree).effects()
        checkpoint.publish(checker.tree, effects, (), checker.str_type())

    def give_up(self, module: str) -> None:
        """Keep nothing of a module whose analysis failed, so that the next run tries again."""
        self.ahead.leave(module)
        self._tokens.pop(module, None)
        self._records.drop(module)

    def _analysed(self, checker: TypeChecker) -> tuple[Result, Record]:
        # Where nothing has changed, it is not needed, nor what it imports.
        from nimnet_effects import analysis

        tree = checker.tree
        module = tree.fullname
        world = SessionWorld(module, self.project, self._declared, self._records, self.ahead)
        configuration = self.inputs.configuration
        result = analysis.analyse(
            Request(
                tree,
                checker,
                world,
                configuration.unchecked,
                configuration.requires_declared(module),
            )
        )
        asked = world.asked.union(*result.consulted.values())
        packages = sorted({name.partition(".")[0] for name in asked})
        told = map(self.project.path_of, result.told)
        record = Record(
            module,
            tree.path,
            self.inputs.digest,
            self._packages.shipped_digest(module, tree.path),
            imports=definitions.imports(tree),
            declared=definitions.declared(
                tree, self._declared.wraps, self._declared.values_of(module)
            ),
            summaries=dict(result.summaries),
            contracts={name: self._packages.digest_of(name) for name in packages},
            packages={name: path for name in packages if (path := self._packages.path_of(name))},
            beneath={path: self._store.digest_of(path) for path in told},
            asked=self.project.modules_of(asked) if self._incremental else (),
        )
        return result, record

    def _keep(self, record: Record) -> None:
        record.token = self._tokens.get(record.module, "")
        if self.ahead.is_skipped(record.module) or self._is_missed(record.module):
            # mypy shows the plugin nothing of a module that it checks again for a change
            # elsewhere, or nothing of its bodies, so that it must be the plugin that asks for it.
            record.beneath |= self._records.beneath(record)
        self._store.keep(record)

    def _is_missed(self, module: str) -> bool:
        """Whether a module would not be seen if mypy checks it again for a change elsewhere.

        Until 2.3, mypy shows the plugin nothing of that but the declarations that it comes to.
        """
        return not self._interfaces_first and module not in self._declaring

    def _triggers(self, record: Record, tree: MypyFile) -> set[str]:
        """The names at whose change the daemon must come to a module again."""
        found = {f"{module}.{checkpoint.NAME}" for module in record.asked}
        found.discard(f"{record.module}.{checkpoint.NAME}")
        found |= checkpoint.taken_from_modules(tree)
        for module in self._records.closure(record.imports):
            found.add(f"{module}[wildcard]")
            imported = self.project.modules.get(module)
            for name, symbol in imported.names.items() if imported is not None else ():
                if isinstance(symbol.node, TypeInfo) and symbol.node.fullname == f"{module}.{name}":
                    found.add(f"{module}.{name}[wildcard]")
        return found


def _path(options: Options) -> Path | None:
    """Where records are kept; None if they are not."""
    if options.cache_dir == os.devnull or options.fine_grained_incremental:
        return None
    version = "{}.{}".format(*options.python_version)
    return Path(options.cache_dir) / version / "nimnet_effects.records"
