"""What the analysis of one module asks, which becomes the evidence of the module."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from nimnet_effects import decorating

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy.nodes import Expression, MypyFile, Var

    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import Opened, Summary
    from nimnet_effects.session.ahead import Ahead
    from nimnet_effects.session.declared import Declared
    from nimnet_effects.session.project import Project
    from nimnet_effects.session.records import Records

_Kept = TypeVar("_Kept")


class SessionWorld:
    """Answers as `request.World` has them, for one module.

    Attributes:
        asked: full names of what was asked for.
    """

    def __init__(
        self, module: str, project: Project, declared: Declared, records: Records, ahead: Ahead
    ) -> None:
        """Have been asked nothing yet."""
        self.asked: set[str] = set()
        self._module = module
        self._project = project
        self._declared = declared
        self._records = records
        self._ahead = ahead
        self._values = declared.values_of(module)

    @property
    def modules(self) -> Mapping[str, MypyFile]:
        """All modules that mypy has loaded."""
        return self._project.modules

    def contract_of(self, fullname: str) -> tuple[Contract, ...] | None:
        """What a function declares."""
        self.asked.add(fullname)
        return self._declared.contract_of(fullname)

    def wraps(self, decorator: Expression) -> bool | None:
        """Whether a decorator puts a function of its own in the place of the one it is given."""
        named = decorating.named_by(decorator)
        if named is not None:
            self.asked.add(named[0].fullname)
        return self._declared.wraps(decorator)

    def value_of(self, variable: Var) -> Expression | None:
        """The one value that the top of the module gives to a name."""
        return self._values(variable)

    def summary_of(self, module: str, qualname: str) -> Summary | None:
        """What an undeclared function of another module does, if it is known."""
        self.asked.add(f"{module}.{qualname}")
        record = self._records.of(module)
        return None if record is None else record.summaries.get(qualname)

    def opened(self, module: str, qualname: str) -> Opened | None:
        """An undeclared function of a module of the same cycle which mypy has yet to check."""
        self.asked.add(f"{module}.{qualname}")
        if module == self._module:
            return None
        return self._ahead.opened(module, qualname, self._module)

    def kept(self, make: Callable[[], _Kept]) -> _Kept:
        """What the analysis keeps from one module to the next."""
        return self._project.kept(make)
