"""The mypy plugin: hooks only. `plugins = ["nimnet_effects.mypy"]` in mypy's configuration.

It checks functions that declare what they raise, with `@raises`, and reports with the error code
`raises`. Code that declares nothing is never reported.

What it cannot do: with mypy's parallel workers it checks nothing, and says so. The daemon starts
anew if `dmypy run` meets a changed configuration or contract file; `dmypy check` and `recheck` ask
no plugin as long as no Python file has changed. It tells of ignores that are no longer needed only
when their own file changes, as it does of mypy's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mypy import build
from mypy.checker import TypeChecker
from mypy.errors import CompileError
from mypy.nodes import TypeInfo
from mypy.plugin import FunctionContext, MethodContext, Plugin, ReportConfigContext
from mypy.types import Instance, Type

from nimnet_effects import checkpoint, contracts, declarations, failures, stripped
from nimnet_effects.contracts import MalformedError
from nimnet_effects.request import Finding
from nimnet_effects.session.session import Session

if TYPE_CHECKING:
    from mypy.nodes import MypyFile
    from mypy.options import Options

_STALE: Final = "nimnet_effects: to be checked again"
_PARALLEL: Final = "nimnet_effects: not checked, parallel"
_MOST_ROUNDS: Final = 8
_AGAIN: Final = "this module is checked again in the next run"
_UNCHECKED: Final = "what functions raise is not checked in this module"
_UNKNOWN: Final = "what the functions of this module raise is not known"
# What mypy calls its way of checking modules in one go, since it has (from 2.4 on) another: to
# check all interfaces of an import cycle, write its cache, and only then check bodies.
_IN_ONE_GO: Final = "process_stale_scc_full"
# The session of mypy's daemon, if this process is one.
_running: Session | None = None
# What mypy compares when it has to know whether plugins have changed.
__version__: str


class EffectsPlugin(Plugin):
    """Checks what functions raise, when mypy has typed a module."""

    def __init__(self, options: Options) -> None:
        """Read the configuration; what is wrong with it is said when mypy asks something."""
        super().__init__(options)
        self._problems: list[str] = []
        self._session: Session | None = None
        self._rounds: dict[str, int] = {}
        # Notes about failures that the daemon could not say at once.
        self._untold: list[str] = []
        # Those that a module says itself when mypy comes to its end.
        self._own: dict[str, str] = {}
        if options.num_workers > 0:
            if not _is_worker():
                _say_parallel(options.num_workers)
            return
        try:
            self._session = Session(
                options,
                self,
                interfaces_first=options.local_partial_types and hasattr(build, _IN_ONE_GO),
            )
        except MalformedError as error:
            self._problems = [str(error)]
        _tell_daemon(options, self._session)

    def set_modules(self, modules: dict[str, MypyFile]) -> None:
        """Take mypy's modules, which grow while it runs."""
        super().set_modules(modules)
        if self._session is not None:
            self._session.project.modules = modules

    def report_config_data(self, ctx: ReportConfigContext) -> object:
        """Say whether what mypy's cache has of a module still holds; it compares two answers."""
        self._refuse()
        session = self._session
        if session is None:
            return _PARALLEL
        token: str | None = _STALE if ctx.is_check else None
        try:
            # No record is kept if it fails: the next run checks the module again.
            with self._noting(ctx.id, ctx.path, _AGAIN):
                session.locate(ctx.id, ctx.path)
                if ctx.is_check:
                    token = session.token(ctx.id, ctx.path)
                    if session.names.must_be_looked_for(ctx.id):
                        # What mypy makes of it is as it was, so that what imports it holds.
                        token = _STALE
                else:
                    self._problems = session.names.unknown(ctx.id)
                    self._place_late(ctx.id)
                    if ctx.id in session.project.modules:
                        checkpoint.hide(session.project.modules[ctx.id])
                    token = session.new_token(ctx.id, ctx.path)
        except MalformedError as error:
            self._problems = [str(error)]
        self._refuse()
        return token

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Take the moment at which mypy has parsed a module; no dependency is added."""
        self._refuse()
        session = self._session
        if session is None:
            return []
        with self._noting(file.fullname, file.path, _UNKNOWN):
            session.look_again()
            if session.project.is_ours(file.path) and not checkpoint.is_placed(file):
                if stripped.is_stripped(file):
                    stripped.restore(file, self.options)
                session.begin(file)
                checkpoint.place(file)
            elif session.has_stale:
                checkpoint.place_top(file)
        return []

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Recognise the calls that were placed in modules."""
        if fullname == checkpoint.METHOD and self._session is not None:
            return self._met
        return None

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Recognise a declaration, in a module in which nothing could be placed before."""
        if fullname == declarations.RAISES and self._session is not None:
            return self._declared
        return None

    def _met(self, ctx: MethodContext) -> Type:
        kind = checkpoint.recognised(ctx.context)
        checker = ctx.api
        session = self._session
        if (
            kind is None
            or session is None
            or session.ahead.is_looking
            or not isinstance(checker, TypeChecker)
        ):
            return ctx.default_return_type
        session.ahead.plugins = checker.plugin
        with self._noting(checker.tree.fullname, checker.tree.path, _UNCHECKED):
            if not session.project.is_ours(checker.tree.path):
                session.tell(checker)
            elif kind == checkpoint.TOP:
                self._begin(session, checker)
            else:
                self._end(session, checker)
            for target, path in session.take_stale().items():
                checkpoint.request(checker.errors, target, path)
        return ctx.default_return_type

    def _declared(self, ctx: FunctionContext) -> Type:
        checker = ctx.api
        if isinstance(checker, TypeChecker):
            module = checker.tree.fullname
            if self._session is not None and checker.scope.current_function() is None:
                self._session.meet(module)
            if not checkpoint.is_placed(checker.tree):
                with self._noting(module, checker.tree.path, _UNCHECKED):
                    self._place_late(module)
        return ctx.default_return_type

    def _begin(self, session: Session, checker: TypeChecker) -> None:
        """The top of a module is being checked."""
        session.ahead.reach(checker)
        self._rounds.pop(checker.tree.fullname, None)
        if checker.can_skip_diagnostics:
            # mypy will not look into its functions: with `--follow-imports=silent`, for one.
            function = checkpoint.function_of(checker.tree)
            if function is not None:
                function.def_or_infer_vars = True
                checkpoint.defer(checker)

    def _end(self, session: Session, checker: TypeChecker) -> None:
        """The function of a module is being checked: the second time, all others have been."""
        module = checker.tree.fullname
        rounds = self._rounds.get(module, 0)
        patient = rounds == 0 or (
            bool(checker.deferred_nodes)
            and rounds < _MOST_ROUNDS
            and not checker.options.fine_grained_incremental
        )
        if patient and not checker.can_skip_diagnostics:
            self._rounds[module] = rounds + 1
            checkpoint.defer(checker)
            return
        self._rounds.pop(module, None)
        findings = self._findings(session, checker)
        own = self._own.pop(module, None)
        if own is not None and not any(failures.is_one(finding.message) for finding in findings):
            findings = (*findings, Finding(1, 0, 1, 1, "note", own))
        for finding in findings:
            checkpoint.report(checker.errors, finding)
        if not checker.can_skip_diagnostics:
            while self._untold:
                checkpoint.report(checker.errors, Finding(1, 0, 1, 1, "note", self._untold.pop()))

    def _findings(self, session: Session, checker: TypeChecker) -> tuple[Finding, ...]:
        module = checker.tree.fullname
        try:
            if not checker.can_skip_diagnostics:
                found = session.finish(checker).findings
                wrong = [failures.misread(each) for each in session.names.told(module)]
                return (*(Finding(1, 0, 1, 1, "error", each) for each in wrong), *found)
            # Nobody sees what is reported in this module.
            with self._noting(module, checker.tree.path, _UNKNOWN):
                session.finish(checker)
        except MalformedError as error:
            return (Finding(1, 0, 1, 1, "error", failures.misread(str(error))),)
        except Exception:  # whatever it is: told with its place, and mypy goes on
            session.give_up(module)
            return (Finding(1, 0, 1, 1, "note", failures.described(_UNCHECKED)),)
        return ()

    def _place_late(self, module: str) -> None:
        session = self._session
        tree = session.project.modules.get(module) if session is not None else None
        if session is None or tree is None or not tree.defs or checkpoint.is_placed(tree):
            return
        ours = session.project.is_ours(tree.path)
        if stripped.is_stripped(tree) if ours else not session.tells_of(tree):
            return
        function = session.project.modules["builtins"].names["function"].node
        if isinstance(function, TypeInfo):
            if ours:
                session.begin(tree)
            checkpoint.place_late(tree, Instance(function, []), always=not ours)

    @contextmanager
    def _noting(self, module: str, path: str, consequence: str) -> Iterator[None]:
        """Let no failure of this package end mypy, and keep nothing of a module that it met."""
        try:
            yield
        except MalformedError:
            raise
        except Exception:  # whatever it is: told with its place, and mypy goes on
            note = failures.described(consequence)
            session = self._session
            begun = session is not None and session.ahead.is_begun(module)
            if session is not None:
                session.give_up(module)
            if begun and consequence == _AGAIN:
                self._own[module] = note
                return
            shown = contracts.shown(Path(path))
            if self.options.fine_grained_incremental:
                # Nobody hears what the daemon prints: some module will say it that is shown.
                self._untold.append(f"{note} ({shown})")
            else:
                failures.tell(
                    shown, note, each=session is not None and session.project.is_ours(path)
                )

    def _refuse(self) -> None:
        """End the run with what is wrong in the configuration, as mypy does with its own."""
        if self._problems:
            said = [f"nimnet_effects: error: {problem}" for problem in self._problems]
            raise CompileError(said, use_stdout=True)


def _tell_daemon(options: Options, session: Session | None) -> None:
    """Have mypy's daemon start anew when contracts or the configuration have changed.

    At each `dmypy run` it makes its plugins once more, and compares what their modules call their
    versions with what that was when it started. That is nothing, for a version counts for mypy's
    cache, too, where modules know what they have consulted.
    """
    global _running, __version__
    if options.fine_grained_incremental:
        _running = session
    elif _running is not None and not (
        session is not None
        and session.inputs.version == _running.inputs.version
        and _running.inputs.shipped_hold()
    ):
        __version__ = "of other contracts"


def _is_worker() -> bool:
    """Whether this process is one of mypy's parallel workers."""
    specification = getattr(sys.modules["__main__"], "__spec__", None)
    return getattr(specification, "name", "").startswith("mypy.build_worker")


def _say_parallel(workers: int) -> None:
    print(
        f"nimnet_effects: what functions raise is not checked with parallel workers ({workers}): "
        "run mypy with --num-workers=0, or python -m nimnet_effects",
        file=sys.stderr,
    )


def plugin(version: str) -> type[Plugin]:  # noqa: ARG001  # mypy calls it with its version
    """What mypy asks a module of plugins for."""
    return EffectsPlugin
