"""What each callable declares: the contracts of the specification, one for each overload."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nimnet_gen.plan.api import Form, Function


@dataclass(frozen=True)
class Contract:
    """What may leave a call.

    Attributes:
        callable: The callable and its parameters, as scenarios name it.
        name: Its own name, by which a message tells what failed.
        raises: The names of the exceptions.
    """

    callable: str
    name: str
    raises: tuple[str, ...]


def contracts() -> dict[str, Contract]:
    """Returns the contract of each overload of each callable of the package."""
    # Workers, which are given their contracts, do without the generator.
    from harness.specifications import real_spec
    from nimnet_gen.plan import resolve

    found: dict[str, Contract] = {}
    for module in resolve(real_spec()).modules:
        for function in module.callables:
            for form in function.forms_and_setter:
                label = _label(function, form)
                if label in found:  # the same names, of other types
                    label += " of int"
                assert label not in found, f"two overloads look alike: {label}"
                found[label] = Contract(label, function.name, form.raises)
    return found


def _label(function: Function, form: Form) -> str:
    if form is function.setter:
        return f"{function.qualified} = {form.params[-1].name}"
    if function.kind == "property":
        return function.qualified
    return f"{function.qualified}({', '.join(param.name for param in form.params)})"


def classes(raises: tuple[str, ...]) -> tuple[type[BaseException], ...]:
    """Returns the classes of exceptions; once the package may be loaded."""
    import nimnet

    found = (getattr(nimnet, name, None) or getattr(builtins, name) for name in raises)
    return tuple(found)


def may_leave(error: BaseException, declared: tuple[type[BaseException], ...]) -> bool:
    """Tells whether an exception may leave a call that declares some.

    A timeout of ours is an `OSError`, and contracts tell the two apart all the same.
    """
    import nimnet

    if isinstance(error, nimnet.TimeoutError):
        return nimnet.TimeoutError in declared
    return isinstance(error, declared)
