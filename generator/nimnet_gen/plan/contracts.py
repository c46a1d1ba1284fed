"""The contract of every callable of the package: the one place from which all outputs tell it.

The docstrings have it in words, the table of exceptions for people, and the contract file for
programs. To what the specification lists come the calls that follow from the shape of a type: what
makes a value of its parts, and the parts that only some values have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nimnet_gen.naming.contracts import Conditional, Contract, contract_of
from nimnet_gen.plan.api import (
    Api,
    ApiModule,
    ClassSymbol,
    Distinct,
    Form,
    Function,
    HandleClass,
    Record,
    TypeSymbol,
    ValueClass,
)

MADE_OF_PARTS = "ValueError"
"""What a value of parts that do not fit, or beyond the range of its type, is refused with."""
NO_SUCH_PART = "AttributeError"
"""What reading a part raises that a value of another variant has."""


@dataclass(frozen=True)
class FormContract:
    """The contract of one form.

    Attributes:
        params: the names of its parameters in Python.
        is_setter: whether it is what assigns to a property.
        signatures: how many signatures type checkers know it by.
        contract: when it raises what.
    """

    params: tuple[str, ...]
    contract: Contract
    is_setter: bool = False
    signatures: int = 1


@dataclass(frozen=True)
class CallableContract:
    """The contracts of a callable's forms, in the order in which the package defines these.

    Attributes:
        name: its name in the module: `parse`, `Uri.parse`, `Uri` for what makes one.
        is_property: whether it is read, and not called.
        part_of: the heading of the reference under which it stands.
        forms: what can be called; that of a property are what reads it and what assigns to it.
    """

    name: str
    is_property: bool
    part_of: str
    forms: tuple[FormContract, ...]


def module_contracts(api: Api, module: ApiModule) -> Iterator[CallableContract]:
    """Yield the contract of each callable of a module: those of its types first."""
    for symbol in module.types:
        yield from _implied(symbol)
        if isinstance(symbol, HandleClass) and symbol.constructor is not None:
            yield _stated(symbol.constructor, api)
        if isinstance(symbol, ClassSymbol):
            yield from (_stated(method, api) for method in symbol.methods)
    yield from (_stated(function, api) for function in module.functions)


def form_contract(form: Form, api: Api) -> Contract:
    """Return what one form raises, and when."""
    return contract_of(
        form.entry.name,
        form.raises,
        [(param.entry.name, param.name) for param in form.params],
        form.entry.tags or (),
        api.spec.types.rules,
    )


def _stated(function: Function, api: Api) -> CallableContract:
    forms = tuple(
        FormContract(
            tuple(param.name for param in form.params),
            form_contract(form, api),
            is_setter=form is function.setter,
            signatures=2 if form.by_place else 1,
        )
        for form in function.forms_and_setter
    )
    return CallableContract(
        function.qualified, function.kind == "property", function.qualified, forms
    )


def _implied(symbol: TypeSymbol) -> Iterator[CallableContract]:
    """Yield the contracts of what nothing states, because it follows from what a type is."""
    match symbol:
        case Distinct(base="int"):
            yield _numbered(symbol)
        case ValueClass():
            parts = [branch.field for branch in symbol.branches]
            yield _made(symbol.name, [symbol.discriminator, *parts], MADE_OF_PARTS)
            yield _part(symbol, symbol.discriminator, "")
            for part in parts:
                yield _part(symbol, part, NO_SUCH_PART)
        case Record():
            yield _made(symbol.name, [field.name for field in symbol.fields], "")
        case _:
            return


def _numbered(symbol: Distinct) -> CallableContract:
    """Return the contract of what makes a number, which is refused if it is out of a range."""
    contract = Contract()
    if symbol.range is not None:
        right = f"{symbol.range[0]}..{symbol.range[1]}"
        contract = Contract(given=(Conditional("value", right, (MADE_OF_PARTS,)),))
    form = FormContract(("value",), contract)
    return CallableContract(symbol.name, False, symbol.name, (form,))


def _made(name: str, params: Sequence[str], raised: str) -> CallableContract:
    form = FormContract(tuple(params), Contract((raised,) if raised else ()))
    return CallableContract(name, False, name, (form,))


def _part(symbol: ValueClass, name: str, raised: str) -> CallableContract:
    form = FormContract((), Contract((raised,) if raised else ()))
    return CallableContract(f"{symbol.name}.{name}", True, symbol.name, (form,))
