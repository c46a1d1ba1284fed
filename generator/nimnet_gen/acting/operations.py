"""The forms of operations, resolved: each is one call, with what the operation takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nimnet_gen.acting.resolved import Known, Reference, Resolved
from nimnet_gen.acting.steps import Acting, Invocation, operation_kind
from nimnet_gen.model.evidence import Operation, OperationForm
from nimnet_gen.naming import names
from nimnet_gen.naming.kinds import Kind


def receiver(owner: str) -> str:
    """Return the name of the object that a form is done on, by its type."""
    return names.snake_case(owner)


@dataclass(frozen=True, eq=False)
class FormOfOperation:
    """One form.

    Attributes:
        operation: the operation.
        form: as the specification writes it.
        takes: the types of the operation's arguments.
        invocation: the call; its references are to those arguments, and to the receiver.
        fails: the result that stands for a failure, or None.
    """

    operation: Operation
    form: OperationForm
    takes: Mapping[str, Kind]
    invocation: Invocation
    fails: Resolved | None


def forms(operation: Operation, acting: Acting) -> tuple[FormOfOperation, ...]:
    """Resolve the forms of an operation that the checks have passed."""
    takes = {name: operation_kind(written) for name, written in operation.takes.items()}
    return tuple(_form(operation, form, takes, acting) for form in operation.forms)


def _form(
    operation: Operation, form: OperationForm, takes: Mapping[str, Kind], acting: Acting
) -> FormOfOperation:
    calls, values = acting.calls, acting.values
    scope = {name: Known(kind, "argument") for name, kind in takes.items()}
    entry = calls.called(form.call, form.with_, "")
    found = calls.signature(entry)
    arguments = tuple(
        (
            argument,
            values.resolve(
                form.with_[argument.param.name], Kind(argument.type, argument.param.as_), scope
            ),
        )
        for argument in found.arguments
        if argument.param.name in form.with_
    )
    owner = found.owner.name if found.owner is not None else ""
    target = Reference(receiver(owner), "argument") if owner else None
    invocation = Invocation(entry, found, owner, target, arguments)
    fails: Resolved | None = None
    if "fails" in form.keys:
        kinds = calls.kinds(entry)
        fails = values.resolve(form.fails, kinds[0] if kinds else None, scope)
    return FormOfOperation(operation, form, takes, invocation, fails)
