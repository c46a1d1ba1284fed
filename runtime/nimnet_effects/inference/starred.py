"""`except*`: clauses take parts of groups, and a lone exception as a group of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from nimnet_effects.inference.effects import Escape, Escapes, join
from nimnet_effects.inference.handling import Handling
from nimnet_effects.inference.hierarchy import group_of, is_complete
from nimnet_effects.ir import Flow, Try


class Starred(Handling, ABC):
    """Divides groups among the clauses of a `try`."""

    @abstractmethod
    def _flow(self, flow: Flow, caught: dict[int, Escapes]) -> Escapes:
        """What leaves a flow; `caught` is what handlers around it have."""

    def _finally(self, step: Try, escapes: Escapes, caught: dict[int, Escapes]) -> Escapes:
        final = self._flow(step.final, caught)
        if step.leaves:
            return final
        join(escapes, final)
        return escapes

    def _star(self, step: Try, caught: dict[int, Escapes]) -> Escapes:
        """`except*`: clauses take parts of groups, and a lone exception as a group of one."""
        out: Escapes = {}
        for escape, origin in self._flow(step.body, caught).items():
            contents = self.contents(escape.exception)
            if contents is None:
                join(out, self._star_alone(step, {escape: origin}, caught))
            else:
                inside = {escape._replace(exception=each): origin for each in contents}
                join(out, self._star_group(step, inside, is_complete(escape.exception), caught))
        join(out, self._flow(step.otherwise, caught))
        return self._finally(step, out, caught)

    def _star_alone(self, step: Try, rest: Escapes, caught: dict[int, Escapes]) -> Escapes:
        """What leaves the clauses if one exception arrives: what the one raises that takes it."""
        out: Escapes = {}
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            # `raise` alone gives back the group that the clause had.
            again = {self._grouped(e, (e.exception,)): origin for e, origin in taken.items()}
            if again:
                join(out, self._flow(handler.body, {**caught, handler.number: again}))
            if handler.exact:
                rest = after
        join(out, rest)
        return out

    def _star_group(
        self, step: Try, rest: Escapes, complete: bool, caught: dict[int, Escapes]
    ) -> Escapes:
        """What leaves the clauses if a group arrives.

        What one clause raises comes out as it is, if nothing else does. With what others raise of
        their parts, and with what none took, it comes out in a group.

        Args:
            rest: what is in the group.
            complete: whether something of each of these surely is.
        """
        # Each with whether it surely raises.
        sources: list[tuple[Escapes, bool]] = []
        certain = set(rest) if complete else set()
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            if not taken:
                continue
            there = certain.intersection(taken) if handler.exact else set()
            again = self._as_group(taken, there)
            raised = self._flow(handler.body, {**caught, handler.number: again})
            sources.append((raised, bool(there) and handler.leaves))
            # Where it may take only a part, that may be all there is.
            certain = {
                each
                for each in certain
                if not any(each.exception in self.mro(part.exception) for part in taken)
            }
            if handler.exact:
                rest = after
        if rest:
            sources.append((self._as_group(rest, certain), bool(certain)))
        out: Escapes = {}
        for raised, _ in sources:
            others = [each for each in sources if each[0] is not raised and each[0]]
            if not any(sure for _, sure in others):
                join(out, raised)
            if others:
                for escape, origin in raised.items():
                    inside = self.contents(escape.exception) or (escape.exception,)
                    out.setdefault(self._grouped(escape, inside), origin)
        return out

    def _grouped(self, escape: Escape, contents: Iterable[str]) -> Escape:
        return escape._replace(exception=group_of(contents, self.mro))

    def _as_group(self, contents: Escapes, certain: set[Escape]) -> Escapes:
        """The contents, which came from one group, in one."""
        escape, origin = next(iter(contents.items()))
        names = [each.exception for each in contents]
        name = group_of(names, self.mro, complete=certain.issuperset(contents))
        return {escape._replace(exception=name): origin}
