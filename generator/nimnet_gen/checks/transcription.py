"""One entry of the specification against what the documentation states of it.

Only what stands in the place of the documentation's own words is looked at: nothing that is
marked, no amendment, and nothing that is about Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from nimnet_gen.model.declaration import Located, Scalar
from nimnet_gen.model.facts import (
    DocumentedConst,
    DocumentedField,
    DocumentedMember,
    DocumentedParam,
    DocumentedRoutine,
    DocumentedType,
)
from nimnet_gen.model.surface import Callable, Const, EnumMember, ObjectField, Param, Type
from nimnet_gen.source.diagnostics import Diagnostics

_Stated = Scalar | tuple[str, ...]
_Part = TypeVar("_Part", Param, EnumMember, ObjectField)

_KINDS: Final[Mapping[str, str]] = {
    "template": "template",
    "macro": "template",
    "iterator": "iterator",
}
"""What is documented as something else than a proc is to the specification."""

_AMENDABLE: Final = "; what is to be instead is an `amend`"


def place(located: Located) -> str:
    """Return where something stands, for a hint."""
    return f"{located.at.file}:{located.at.line}:{located.at.column}"


class Transcription:
    """Compares entries, and adds what is not as documented to the faults."""

    def __init__(self, found: Diagnostics) -> None:
        """Compare for `found`."""
        self._found = found

    def compare_type(self, defined: Type, documented: DocumentedType) -> None:
        """Compare a type."""
        title = f"'{defined.name}'"
        kind = defined.kind
        if kind == "exception" and documented.base is not None:
            kind = "object"
        self.same(f"the kind of {title}", (defined, "kind"), kind, documented, documented.kind)
        self.same(
            f"`base` of {title}", (defined, "base"), defined.base, documented, documented.base
        )
        self.same(f"`ref` of {title}", (defined, "ref"), defined.ref, documented, documented.ref)
        self.same(
            f"`pure` of {title}", (defined, "pure"), defined.pure, documented, documented.pure
        )
        self._members(title, defined, documented)
        self._fields(title, defined, documented)
        self._params(title, defined, defined.params, documented, documented.params)
        self._result(title, defined, documented, documented.returns)

    def compare_const(self, const: Const, documented: DocumentedConst) -> None:
        """Compare a constant."""
        title = f"'{const.name}'"
        self.same(f"the type of {title}", (const, "type"), const.type, documented, documented.type)
        self.same(
            f"the value of {title}",
            (const, "value"),
            const.value,
            documented,
            documented.value,
            _AMENDABLE,
        )

    def compare_callable(self, title: str, entry: Callable, documented: DocumentedRoutine) -> None:
        """Compare a proc or a template."""
        kind = _KINDS.get(documented.kind, "proc")
        self.same(f"the kind of {title}", (entry, "kind"), entry.kind, documented, kind)
        self._params(title, entry, entry.params, documented, documented.params, _AMENDABLE)
        self._result(title, entry, documented, documented.returns, _AMENDABLE)
        for key, stated, right, more in (
            ("raises", entry.raises, documented.raises, _AMENDABLE),
            ("tags", entry.tags, documented.tags, ""),
            ("pragmas", entry.pragmas, documented.pragmas, ""),
        ):
            self.same(f"`{key}` of {title}", (entry, key), stated, documented, right, more)

    def same(
        self,
        what: str,
        where: tuple[Located, str],
        stated: _Stated,
        documented: Located,
        right: _Stated,
        more: str = "",
    ) -> None:
        """Check that something is stated as it is documented."""
        if _squeezed(stated) != _squeezed(right) or isinstance(stated, bool) != isinstance(
            right, bool
        ):
            located, key = where
            self._found.add(
                "SPEC132",
                f"{what} is documented as {_shown(right)}, not {_shown(stated)}",
                located.where(key),
                f"see {place(documented)}{more}",
            )

    def _result(
        self,
        title: str,
        entry: Type | Callable,
        documented: Located,
        right: str | None,
        more: str = "",
    ) -> None:
        returns = entry.returns
        stated = None if returns is None or returns.since is not None else returns.type
        where = (entry, "returns") if returns is None else (returns, "type")
        self.same(f"the result of {title}", where, stated, documented, right, more)

    def _params(
        self,
        title: str,
        entry: Type | Callable,
        stated: Sequence[Param],
        documented: Located,
        right: Sequence[DocumentedParam],
        more: str = "",
    ) -> None:
        params = _documented(stated)
        names = _names(params), _names(right)
        is_renamed = len(params) == len(right) and sorted(names[0]) != sorted(names[1])
        if names[0] != names[1] and not is_renamed:
            what = f"the list of parameters of {title}"
            self.same(what, (entry, "params"), names[0], documented, names[1])
            return
        for param, wanted in zip(params, right, strict=True):
            of = f"'{wanted.name}' of {title}"
            if param.name != wanted.name:
                what = f"the name of a parameter of {title}"
                self.same(what, (param, "name"), param.name, wanted, wanted.name)
                continue
            type_ = param.type
            if type_ is not None and param.mode != "in":
                type_ = f"var {type_}"
            self.same(f"the type of {of}", (param, "type"), type_, wanted, wanted.type, more)
            default = param.default
            self.same(
                f"the default of {of}", (param, "default"), default, wanted, wanted.default, more
            )

    def _members(self, title: str, defined: Type, documented: DocumentedType) -> None:
        members = _documented(defined.members)
        names = _names(members), _names(documented.members)
        self.same(
            f"the list of members of {title}", (defined, "members"), names[0], documented, names[1]
        )
        if names[0] == names[1]:
            for member, right in zip(members, documented.members, strict=True):
                what = f"the ordinal of '{member.name}'"
                self.same(what, (member, "value"), member.value, right, right.value)

    def _fields(self, title: str, defined: Type, documented: DocumentedType) -> None:
        fields = _documented(defined.fields)
        names = _names(fields), _names(documented.fields)
        self.same(
            f"the list of fields of {title}", (defined, "fields"), names[0], documented, names[1]
        )
        if names[0] != names[1]:
            return
        for field, right in zip(fields, documented.fields, strict=True):
            for key, stated, wanted in (
                ("type", field.type, right.type),
                ("public", field.public, right.public),
                ("case", field.case, right.case),
                ("of", field.of, right.of),
                ("when", field.when, right.when),
            ):
                what = f"`{key}` of the field '{field.name}'"
                self.same(what, (field, key), stated, right, wanted)


def _documented(entries: Sequence[_Part]) -> tuple[_Part, ...]:
    """Return what stands in the place of the documentation's own words."""
    return tuple(entry for entry in entries if entry.is_documented)


def _names(
    listed: Sequence[
        Param | DocumentedParam | EnumMember | DocumentedMember | ObjectField | DocumentedField
    ],
) -> tuple[str, ...]:
    return tuple(each.name for each in listed)


def _squeezed(stated: _Stated) -> _Stated:
    """Return a text with single blanks: the documentation breaks its lines where it likes."""
    return " ".join(stated.split()) if isinstance(stated, str) else stated


def _shown(stated: _Stated) -> str:
    if stated is None:
        return "nothing"
    if isinstance(stated, bool):
        return "true" if stated else "false"
    return f"[{', '.join(stated)}]" if isinstance(stated, tuple) else f"`{stated}`"
