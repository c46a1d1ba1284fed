"""What a declaration states, from its text as Nim's documentation shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nimnet_gen.documentation.splitting import DeclarationError, bracketed, cut, split
from nimnet_gen.model.declaration import Scalar
from nimnet_gen.model.facts import (
    DocumentedConst,
    DocumentedField,
    DocumentedKind,
    DocumentedMember,
    DocumentedParam,
    DocumentedRoutine,
    DocumentedType,
    Routine,
)
from nimnet_gen.source.position import Position

AT: Final = Position("", 1, 1)
"""Facts that come from no file stand nowhere."""

_ROUTINE: Final = re.compile(
    r"(?P<kind>proc|func|method|iterator|converter|macro|template) "
    r"(?:`(?P<operator>[^`]+)`|(?P<name>\w+=?))\*?"
)
_TYPE: Final = re.compile(
    r"(?P<name>\w+)\*?(?P<generic>\[.*?\])?\s*(?:\{\.(?P<pragmas>.*?)\.\}\s*)?=\s*"
)
_CONST: Final = re.compile(r"(?P<name>\w+)\*?(?:: (?P<type>[^=]+?))? = (?P<value>.*)", re.DOTALL)
_COMMENT: Final = re.compile(r"##.*")
_NUMBER: Final = re.compile(r"-?[0-9][0-9_]*")
_KINDS: Final[dict[str, Routine]] = {
    "proc": "proc",
    "func": "func",
    "method": "method",
    "iterator": "iterator",
    "converter": "converter",
    "macro": "macro",
    "template": "template",
}


def routine(text: str) -> DocumentedRoutine:
    """Return what the declaration of a proc or the like states.

    Raises:
        DeclarationError: It is none.
    """
    begun = _ROUTINE.match(text)
    if begun is None:
        raise DeclarationError(f"this declares no proc: {_line(text)!r}")
    rest = text[begun.end() :]
    if rest.startswith("["):
        _, rest = bracketed(rest)
    inside, rest = bracketed(rest)
    signature, _, pragmas = rest.partition("{.")
    raises: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    others: list[str] = []
    for pragma in split(_line(pragmas.partition(".}")[0]), ","):
        name, value = cut(pragma, ":")
        if name == "raises":
            raises = _listed(value or "")
        elif name == "tags":
            tags = _listed(value or "")
        else:
            others.append(pragma)
    returns = signature.strip().removeprefix(":").strip()
    return DocumentedRoutine(
        at=AT,
        keys={},
        name=begun["operator"] or begun["name"],
        kind=_KINDS[begun["kind"]],
        params=_params(inside),
        returns=_line(returns) if returns else None,
        raises=raises,
        tags=tags,
        pragmas=tuple(others),
    )


def constant(text: str) -> DocumentedConst:
    """Return what the declaration of a constant states.

    Raises:
        DeclarationError: It is none.
    """
    declared = _CONST.match(text)
    if declared is None:
        raise DeclarationError(f"this declares no constant: {_line(text)!r}")
    return DocumentedConst(
        at=AT,
        keys={},
        name=declared["name"],
        type=declared["type"],
        value=_value(declared["value"].strip()),
    )


def type_(text: str) -> DocumentedType:
    """Return what the declaration of a type states.

    Raises:
        DeclarationError: It is none.
    """
    declared = _TYPE.match(text)
    if declared is None:
        raise DeclarationError(f"this declares no type: {_line(text)!r}")
    pure = "pure" in split(declared["pragmas"] or "", ",")
    what, _, body = _COMMENT.sub("", text[declared.end() :]).partition("\n")
    what = what.strip()
    kind: DocumentedKind = "alias"
    ref = base = returns = None
    members: tuple[DocumentedMember, ...] = ()
    fields: tuple[DocumentedField, ...] = ()
    params: tuple[DocumentedParam, ...] = ()
    if what.startswith("enum"):
        kind = "enum"
        members = tuple(map(_member, split(f"{what[4:]} {_line(body)}", ",")))
    elif what.startswith("proc"):
        kind = "proc"
        inside, rest = bracketed(_line(f"{what[4:]} {body}"))
        params = _params(inside)
        returns = rest.partition("{.")[0].strip().removeprefix(":").strip() or None
    elif what.startswith("tuple"):
        kind = "tuple"
        fields = _items(f"{what[5:]} {body}") if what[5:] else tuple(_fields(body))
    elif what.startswith("distinct "):
        kind, base = "distinct", _line(what[9:])
    elif what.startswith("ref ") and not what.startswith("ref object"):
        kind, ref = "object", _line(what[4:])
    elif what.removeprefix("ref ").startswith("object"):
        kind = "object"
        ref = "object" if what.startswith("ref ") else None
        base = what.partition(" of ")[2].strip() or None
        fields = tuple(_fields(body))
    else:
        base = _line(what)
    return DocumentedType(
        at=AT,
        keys={},
        name=declared["name"],
        kind=kind,
        ref=ref,
        base=base,
        pure=pure,
        members=members,
        fields=fields,
        params=params,
        returns=returns,
    )


def _params(text: str) -> tuple[DocumentedParam, ...]:
    """Return the parameters; several names before one type are as many with it."""
    found: list[DocumentedParam] = []
    for group in split(text, ";"):
        waiting: list[str] = []
        for item in split(group, ","):
            declared, default = cut(item, "=")
            name, stated = cut(declared, ":")
            waiting.append(name)
            if stated is not None or default is not None:
                found += (_param(each, stated, default) for each in waiting)
                waiting = []
        found += (_param(each, None, None) for each in waiting)
    return tuple(found)


def _param(name: str, stated: str | None, default: str | None) -> DocumentedParam:
    stated = None if stated is None else _line(stated)
    default = None if default is None else _line(default)
    return DocumentedParam(at=AT, keys={}, name=name, type=stated, default=default)


def _member(text: str) -> DocumentedMember:
    name, value = cut(text, "=")
    number = int(value.replace("_", "")) if value and _NUMBER.fullmatch(value) else None
    return DocumentedMember(at=AT, keys={}, name=name, value=number)


def _items(text: str) -> tuple[DocumentedField, ...]:
    """Return the fields of a tuple that is written as `tuple[name: type]`."""
    return tuple(
        DocumentedField(at=AT, keys={}, name=item.name, type=item.type or "")
        for item in _params(bracketed(_line(text))[0])
    )


def _fields(body: str) -> Iterator[DocumentedField]:
    """Yield the fields; what stands deeper than a condition or a branch is under it."""
    around: list[tuple[int, str, str]] = []
    for line in body.splitlines():
        text = line.strip()
        if not text:
            continue
        column = len(line) - len(line.lstrip())
        while around and around[-1][0] >= column:
            around.pop()
        word, _, rest = text.partition(" ")
        if word in ("when", "of", "elif") or text == "else:":
            around.append((column, word, rest.rstrip(":")))
            continue
        names, stated = cut(rest if word == "case" else text, ":")
        if stated is None:
            continue
        branch = next((what for _, kind, what in reversed(around) if kind == "of"), None)
        when = next((what for _, kind, what in reversed(around) if kind == "when"), None)
        for name in split(names, ","):
            yield DocumentedField(
                at=AT,
                keys={},
                name=name.rstrip("*"),
                type=_line(stated),
                public=name.endswith("*"),
                case=word == "case",
                of=branch.rpartition(".")[2] if branch is not None else None,
                when=when,
            )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(split(bracketed(text)[0], ","))


def _value(text: str) -> Scalar:
    if _NUMBER.fullmatch(text):
        return int(text.replace("_", ""))
    if text in ("true", "false"):
        return text == "true"
    return text[1:-1] if text[:1] == text[-1:] == '"' else text


def _line(text: str) -> str:
    """Return a text in one line: the documentation breaks it where it likes."""
    return " ".join(text.split())
