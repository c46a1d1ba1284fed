"""What each callable declares: the contracts of the specification, one for each overload."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nimnet_gen.plan.api import Form, Function


@dataclass(frozen=True)
class Contract:
    """What may leave a call.

    Attributes:
        callable: The callable and its parameters, as scenarios name it.
        name: Its own name, by which a message tells what failed.
        raises: The names of the exceptions that may leave every call.
        timed: Those that may leave calls that are given a timeout.
        imposed: Those that may leave calls inside of a block that imposes them.
    """

    callable: str
    name: str
    raises: tuple[str, ...]
    timed: tuple[str, ...] = ()
    imposed: tuple[str, ...] = ()

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Contract:
        """Returns one that another process has told as JSON."""
        raises, timed, imposed = (tuple(told[key]) for key in ("raises", "timed", "imposed"))
        return cls(told["callable"], told["name"], raises, timed, imposed)

    def classes(self, *, timed: bool, inside: bool = False) -> tuple[type[BaseException], ...]:
        """Returns the classes of what may leave a call; once the package may be loaded.

        Args:
            timed: Whether it is given a timeout, if it takes one.
            inside: Whether it is made inside of a block that imposes exceptions.
        """
        import nimnet

        names = self.raises + timed * self.timed + inside * self.imposed
        found = (getattr(nimnet, name, None) or getattr(builtins, name) for name in names)
        return tuple(found)


def contracts() -> dict[str, Contract]:
    """Returns the contract of each overload of each callable of the package."""
    # Workers, which are given their contracts, do without the generator.
    from harness.specifications import real_spec
    from nimnet_gen.plan import resolve
    from nimnet_gen.plan.contracts import form_contract

    found: dict[str, Contract] = {}
    api = resolve(real_spec())
    for module in api.modules:
        for function in module.callables:
            for form in function.forms_and_setter:
                label = _label(function, form)
                if label in found:  # the same names, of other types
                    label += " of int"
                assert label not in found, f"two overloads look alike: {label}"
                contract = form_contract(form, api)
                timed = tuple(name for one in contract.given for name in one.raises)
                found[label] = Contract(
                    label, function.name, contract.raises, timed, contract.imposed
                )
    return found


def _label(function: Function, form: Form) -> str:
    if form is function.setter:
        return f"{function.qualified} = {form.params[-1].name}"
    if function.kind == "property":
        return function.qualified
    return f"{function.qualified}({', '.join(param.name for param in form.params)})"


def may_leave(error: BaseException, declared: tuple[type[BaseException], ...]) -> bool:
    """Tells whether an exception may leave a call that declares some.

    A timeout of ours is an `OSError`, and contracts tell the two apart all the same.
    """
    import nimnet

    if isinstance(error, nimnet.TimeoutError):
        return nimnet.TimeoutError in declared
    return isinstance(error, declared)
