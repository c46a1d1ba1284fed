"""Calls of what has been resolved, as steps of the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import Context

from nimnet_effects.extraction.arguments import Arguments
from nimnet_effects.extraction.frames import site_of
from nimnet_effects.ir import ALWAYS, IMPOSED, Call, Condition, Part, otherwise
from nimnet_effects.resolution.actuals import Actuals, formals, place_of
from nimnet_effects.resolution.ignorance import ignorance_of
from nimnet_effects.resolution.overloads import chosen
from nimnet_effects.resolution.targets import Lazy, Target, Targets

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import World

ABSORBED: Final = {
    "__next__": "builtins.StopIteration",
    "__anext__": "builtins.StopAsyncIteration",
}


class Steps(Arguments):
    """Notes what targets may raise, and which functions elsewhere that rests on."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no function elsewhere yet."""
        super().__init__(tree, checker, world, classes)
        self.called: dict[str, tuple[str, str]] = {}

    def _emit(
        self,
        targets: Targets,
        actuals: Actuals,
        place: Context,
        dropped: bool = False,
        declined: str | None = None,
        part: Part = Part.BODY,
    ) -> None:
        """Something calls the targets.

        Args:
            targets: what is called.
            actuals: with what.
            place: where.
            dropped: whether nobody takes what they return.
            declined: the key of the method that has to decline first.
            part: what of them is run.
        """
        frame = self._frame
        for target in targets:
            if target.ignorance > frame.ignorance:
                frame.ignorance = target.ignorance
            if target.contracts or target.helper is not None:
                if dropped and target.lazy is not Lazy.NO:
                    continue
                self._step(target, actuals, place, declined, part)

    def _step(
        self,
        target: Target,
        actuals: Actuals,
        place: Context,
        declined: str | None,
        part: Part,
    ) -> None:
        frame = self._frame
        if target.module != self._module and target.fullname:
            frame.consulted.add(target.fullname)
            if target.helper is not None and target.helper not in self.called:
                module, _, qualname = target.helper.partition(":")
                self.called[target.helper] = (module, qualname)
        if part is not Part.BODY and target.helper is None:
            return
        if part is not Part.BODY or not target.contracts:
            arguments = {}
            if target.given:
                arguments = self._forwarded(actuals)
            elif actuals.arguments and target.forms:
                arguments = self._arguments(target, actuals)
            frame.flow.append(
                Call(
                    site_of(place),
                    target.name,
                    helper=target.helper,
                    arguments=arguments,
                    part=part,
                    declined=declined,
                )
            )
            return
        known: dict[tuple[str, Condition], None] = {}
        if len(target.contracts) == 1:
            choices = [target.contracts[0]]
        else:
            forms = chosen(target, actuals, self._type_of)
            choices = [target.contracts[i] for i in forms if i < len(target.contracts)]
        for contract in choices:
            self._promised(contract, target, actuals, known)
        silent = any(contract.silent for contract in choices)
        if silent and target.helper is None:
            frame.ignorance = max(frame.ignorance, ignorance_of(target.fullname, target.module))
        if known or target.helper is not None:
            frame.flow.append(
                Call(
                    site_of(place),
                    target.name,
                    tuple(known),
                    target.helper,
                    target.helper is not None and not silent,
                    self._arguments(target, actuals) if silent else {},
                    declined=declined,
                )
            )

    def _promised(
        self,
        contract: Contract,
        target: Target,
        actuals: Actuals,
        known: dict[tuple[str, Condition], None],
    ) -> None:
        canonical_name = self._classes.canonical
        absorbed = ABSORBED.get(target.name.rpartition(".")[2])
        others = [*contract.imposed, *contract.apart]
        for given in contract.given.values():
            others += given.raises
        apart = [canonical_name(each) for each in others]
        for exception in map(canonical_name, contract.raises):
            if exception != absorbed:
                below = [each for each in apart if exception in self._classes.mro(each)[1:]]
                known[exception, otherwise(below)] = None
        for exception in contract.imposed:
            known[canonical_name(exception), IMPOSED] = None
        for parameter, given in contract.given.items():
            condition = self._given(target, actuals, parameter, given.unless)
            if condition is not None:
                for exception in given.raises:
                    known[canonical_name(exception), condition] = None

    def _given(
        self, target: Target, actuals: Actuals, parameter: str, unless: tuple[str, ...]
    ) -> Condition | None:
        """When a call gives an argument, as far as can be seen; None for never."""
        conditions: list[Condition | None] = []
        for index in chosen(target, actuals, self._type_of) if target.forms else ():
            form = target.forms[index]
            formal = place_of(parameter, form)
            if formal is None:
                if None in form.arg_names[target.bound :]:
                    conditions.append(ALWAYS)  # it may be one of these
                continue
            fit = formals(form, target.bound, actuals)
            if fit is None:
                # What cannot be seen gives what has to be given.
                if form.arg_kinds[formal].is_required():
                    conditions.append(ALWAYS)
                continue
            given, starred = fit
            if formal in given:
                argument = self._argument(actuals.arguments[given[formal]])
                conditions.append(argument.condition(unless))
            elif starred:
                conditions.append(ALWAYS)
        if not target.forms and parameter in actuals.names:
            argument = self._argument(actuals.arguments[actuals.names.index(parameter)])
            conditions.append(argument.condition(unless))
        return next((each for each in conditions if each is not None), None)
