"""A whole module, or one function of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import AssignmentStmt, ClassDef, Decorator, FuncDef

from nimnet_effects.extraction.class_statements import ClassStatements

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World


class Extractor(ClassStatements):
    """Walks over one module.

    Args:
        tree: the module.
        checker: what has its types.
        world: what the analysis can ask.
        classes: where exception classes are remembered.

    Attributes:
        functions: all functions of the module, by their keys.
        definitions: of the same, where they are defined.
        consulted: full names of functions elsewhere, by the key of the function that calls them.
        called: the functions of other modules, by their keys: module and qualified name.
        wrappers: the functions that may be decorators, or factories of them, by their keys.
        decorated: the functions that have such.
        asked: whether any function declares what it raises.
    """

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Start at the top of the module."""
        super().__init__(tree, checker, world, classes)
        self._tree = tree

    def run(self) -> None:
        """Walk over the whole module."""
        for statement in self._tree.defs:
            if isinstance(statement, AssignmentStmt):
                self._note_aliases(statement)
            elif isinstance(statement, ClassDef):
                self._note_attributes(statement)
        for statement in self._tree.defs:
            self.visit(statement)
        self.consulted[self._frame.function.key] = self._frame.consulted

    def run_one(self, function: FuncDef, decorator: Decorator | None) -> None:
        """Walk over one function of the module alone, with what stands around it."""
        for statement in self._tree.defs:
            if isinstance(statement, AssignmentStmt):
                self._note_aliases(statement)
            elif isinstance(statement, ClassDef):
                self._note_attributes(statement)
        self._define(function, decorator)

    def exports(self) -> dict[str, tuple[str, bool]]:
        """The names that the module gives to functions: what they mean, and whether it is bound."""
        return self._resolver.exports()
