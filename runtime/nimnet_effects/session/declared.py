"""What functions declare, in whichever module: by contract files, or by their own `@raises`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nimnet_effects import declarations, decorating, summaries
from nimnet_effects.session.definitions import lookup

if TYPE_CHECKING:
    from mypy.nodes import Expression, Statement, Var

    from nimnet_effects.contracts import Contract
    from nimnet_effects.declarations import Values
    from nimnet_effects.session.packages import Packages
    from nimnet_effects.session.project import Project
    from nimnet_effects.session.records import Records


class Declared:
    """The contracts of functions, and what must be known to read them."""

    def __init__(self, project: Project, packages: Packages, records: Records) -> None:
        """Have read nothing yet."""
        self._project = project
        self._packages = packages
        self._records = records
        # Functions of the standard library are asked for again and again.
        self._silent: set[str] = set()
        # What the tops of modules give to names, and the statements that it was read from.
        self._values: dict[str, tuple[list[Statement], dict[str, Expression]]] = {}

    def renew(self) -> None:
        """Forget what contract files did not say."""
        self._silent.clear()

    def contract_of(self, fullname: str) -> tuple[Contract, ...] | None:
        """What a function declares, by contract files or its own `@raises`."""
        if fullname in self._silent:
            return None
        found = self._packages.contract_of(fullname)
        if found is not None:
            return found
        module, qualname = self._project.split(fullname)
        tree = self._project.modules.get(module)
        if tree is None or not qualname:
            return None
        if self._project.is_of_typeshed(tree):
            # It declares nothing, for as long as this process lives and reads no other contracts.
            self._silent.add(fullname)
            return None
        record = self._records.of(module)
        if record is not None:
            return record.declared.get(qualname)
        values = self.values_of(module)
        outer, _, access = qualname.rpartition(".")
        for each, accessor in declarations.accessors_of(lookup(tree, outer)[0] if outer else None):
            if each == access:
                return declarations.of_definition(accessor, self.wraps, values)
        return declarations.of_definition(lookup(tree, qualname)[0], self.wraps, values)

    def wraps(self, decorator: Expression) -> bool | None:
        """Whether a decorator of the project puts another function in the place of its own."""
        named = decorating.named_by(decorator)
        if named is None:
            return None
        function, called = named
        module, qualname = self._project.split(function.fullname)
        record = self._records.of(module) if module and qualname else None
        if record is not None:
            wrapper = summaries.wrapper_of(record.summaries.get(qualname), called)
            return None if wrapper is None else bool(wrapper.returned)
        tree = self._project.modules.get(module)
        if tree is not None and (tree.is_stub or not self._project.is_ours(tree.path)):
            return None
        found = decorating.wrapping_of(function, called)
        return None if found is None else bool(found.returned)

    def values_of(self, module: str) -> Values:
        """What names that the top of a module gives one value stand for in that module.

        In that module alone: of those that mypy has freed, nobody could tell.
        """

        def value_of(variable: Var) -> Expression | None:
            owner, _, name = variable.fullname.rpartition(".")
            if owner != module or not self._project.is_open(module):
                return None
            tree = self._project.modules[module]
            known = self._values.get(module)
            if known is None or known[0] is not tree.defs:
                known = self._values[module] = (tree.defs, declarations.values_of(tree))
            return known[1].get(name)

        return value_of
