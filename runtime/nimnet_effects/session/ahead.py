"""The types of what mypy has not come to yet: it checks the modules of a cycle one by one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from nimnet_effects import checkpoint
from nimnet_effects.request import Opened
from nimnet_effects.session.definitions import decorated, implementation, lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile
    from mypy.plugin import Plugin

    from nimnet_effects.session.declared import Declared
    from nimnet_effects.session.project import Project
    from nimnet_effects.session.records import Records


class Ahead:
    """Checkers of modules: mypy's, as far as it has begun, and our own.

    Attributes:
        is_looking: whether a checker of our own is at work: it meets what was placed for mypy's.
        plugins: all plugins of this run, for such checkers.
    """

    def __init__(
        self, project: Project, declared: Declared, records: Records, plugins: Plugin
    ) -> None:
        """Have met no checker yet."""
        self.is_looking = False
        self.plugins = plugins
        self._project = project
        self._declared = declared
        self._records = records
        # Checkers of modules that mypy has begun and not come to the end of.
        self._begun: dict[str, TypeChecker] = {}
        # Modules in which nobody sees what is reported.
        self._skipped: set[str] = set()
        self._opened: dict[tuple[str, str], Opened] = {}

    def reach(self, checker: TypeChecker) -> None:
        """Take note of the checker of a module that mypy has begun to check."""
        self._begun[checker.tree.fullname] = checker
        if checker.can_skip_diagnostics:
            self._skipped.add(checker.tree.fullname)

    def leave(self, module: str) -> None:
        """Take note that mypy has come to the end of a module."""
        self._begun.pop(module, None)

    def is_begun(self, module: str) -> bool:
        """Whether mypy has begun to check a module, and will come to its end, which is shown."""
        return module in self._begun and module not in self._skipped

    def is_skipped(self, module: str) -> bool:
        """Whether mypy shows nothing of what is reported in a module, and looks into no body."""
        return module in self._skipped

    def opened(self, module: str, qualname: str, asking: str) -> Opened | None:
        """A function of a module that mypy has parsed and not come to the end of.

        In the daemon also one whose effects have in them what those of the module that is `asking`
        were before: they would keep each other alive.
        """
        daemon = self._project.is_daemon
        if self._records.found(module) is not None and not (
            daemon and self._rests_on(module, qualname, asking)
        ):
            return None
        if not self._project.is_open(module):
            return None
        tree = self._project.modules[module]
        key = (module, qualname)
        if daemon or key not in self._opened or self._opened[key].tree is not tree:
            node, info = lookup(tree, qualname)
            function = implementation(node)
            if function is None:
                return None
            checker = self._begun.get(module)
            if checker is None or not checkpoint.is_typed(checker, function):
                with self._looking(tree) as silent:
                    checker = checkpoint.typed_ahead(silent, function, info)
            decorator = decorated(node)
            self._opened[key] = Opened(module, qualname, function, decorator, tree, checker)
        return self._opened[key]

    def _rests_on(self, module: str, qualname: str, other: str) -> bool:
        """Whether the effects of a function have in them those of functions of another module."""
        waiting = [(module, qualname)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            each = waiting.pop()
            if each in seen:
                continue
            seen.add(each)
            for fullname in self._records.consulted(*each):
                if self._declared.contract_of(fullname) is None:
                    called = self._project.split(fullname)
                    if called[0] == other:
                        return True
                    waiting.append(called)
        return False

    def whole(self, checker: TypeChecker) -> TypeChecker:
        """A checker that has the types of all of a module: mypy's own may have those of a part."""
        partial = checker.can_skip_diagnostics or (
            self._project.is_daemon
            and not all(
                checkpoint.is_typed(checker, function)
                for function in checkpoint.functions_of(checker.tree)
            )
        )
        return self.retyped(checker.tree) if partial else checker

    def retyped(self, tree: MypyFile) -> TypeChecker:
        """A checker of our own that has the types of all of a module."""
        with self._looking(tree) as silent:
            return checkpoint.retyped(silent)

    @contextmanager
    def _looking(self, tree: MypyFile) -> Iterator[TypeChecker]:
        """A checker of our own for a module, at work."""
        begun = self._begun.get(tree.fullname)
        options = (
            self._project.options.clone_for_module(tree.fullname)
            if begun is None
            else begun.options
        )
        self.is_looking = True
        try:
            yield checkpoint.silent_checker(tree, self._project.modules, options, self.plugins)
        finally:
            self.is_looking = False
