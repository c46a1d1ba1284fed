"""What there is to call: every form of every callable, and the constructors of values."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

import nimnet
import nimnet.tls
from harness.specifications import real_spec
from injection.contracts import contracts
from nimnet_gen.plan import resolve
from nimnet_gen.plan.api import ApiModule, Distinct, Form, ValueClass


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: Its name.
        annotation: Its type, as the package writes it.
        optional: Whether it can be left out.
        named: Whether it is given by its name alone.
    """

    name: str
    annotation: str
    optional: bool = False
    named: bool = False


@dataclass(frozen=True)
class Target:
    """One form of a callable.

    Attributes:
        label: The callable and its parameters; no other has the same.
        module: The module that it is in.
        owner: Its class; "" for a function.
        name: Its own name; "" for a constructor.
        kind: A function, a method, a property to be read or `assigned`, or a constructor.
        parameters: Its parameters.
        raises: The exceptions of its contract.
        others: Those of all its forms, one of which a wrong argument can make of a call.
        forms: The parameters of each of these.
    """

    label: str
    module: str
    owner: str
    name: str
    kind: str
    parameters: tuple[Parameter, ...]
    raises: tuple[type[BaseException], ...]
    others: tuple[type[BaseException], ...] = ()
    forms: tuple[tuple[Parameter, ...], ...] = ()


def targets() -> list[Target]:
    """Returns all that can be called, in the order of the specification."""
    found: list[Target] = []
    declared = iter(contracts().values())
    for module in resolve(real_spec()).modules:
        found += _constructors(module)
        for function in module.callables:
            forms = tuple(map(_parameters, function.forms))
            others = _classes(tuple(name for form in function.forms for name in form.raises))
            for form in function.forms_and_setter:
                kind = "assigned" if form is function.setter else function.kind
                found.append(
                    Target(
                        next(declared).callable,
                        f"nimnet.{module.name}",
                        function.owner,
                        function.name,
                        kind,
                        _parameters(form),
                        _classes(form.raises),
                        others,
                        forms,
                    )
                )
    return found


def _parameters(form: Form) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(param.name, param.type.annotation, param.default is not None, param.keyword_only)
        for param in form.params
    )


def _constructors(module: ApiModule) -> list[Target]:
    """Returns those that the generator makes of a type, with no entry among the callables."""
    found = []
    for symbol in module.types:
        if isinstance(symbol, Distinct):
            raises: tuple[type[BaseException], ...] = (ValueError,) if symbol.range else ()
            parameters: tuple[Parameter, ...] = (Parameter("value", symbol.base),)
        elif isinstance(symbol, ValueClass):
            raises = (ValueError,)
            parameters = (
                Parameter(symbol.discriminator, symbol.tag_type),
                *(Parameter(one.field, "bytes | None", True, True) for one in symbol.branches),
            )
        else:
            continue
        name = symbol.name
        label = f"{name}({', '.join(one.name for one in parameters)})"
        found.append(
            Target(label, f"nimnet.{module.name}", name, "", "constructor", parameters, raises)
        )
    return found


def _classes(names: tuple[str, ...]) -> tuple[type[BaseException], ...]:
    return tuple(
        getattr(nimnet, name, None) or getattr(nimnet.tls, name, None) or getattr(builtins, name)
        for name in dict.fromkeys(names)
    )
